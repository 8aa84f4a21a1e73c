/** Sends the requests of one declared service: its address, headers, sign-in, limits, and what an answer is that is its own. */
import type { CompiledAction, DeclaredHttp, DeclaredService } from '../../plan/declared.ts';
import { defined } from '../../plan/defined.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { boundedText, notItsOwn, parsedAnswer } from '../kit/answers.ts';
import { isLoopback, secureBaseUrl } from '../kit/http.ts';
import { RateLimit } from '../kit/rate-limit.ts';
import { reachingOut } from '../kit/reach.ts';
import { type Ca, type Trust, trustOf } from '../kit/trust.ts';
import type { Answer } from './answer.ts';
import { Computing } from './computing.ts';
import { markNeverSent } from './never-sent.ts';
import type { Rendered } from './render.ts';
import type { Sender } from './sender.ts';
import { SignIns } from './sign-in.ts';

/** Longest time for one request, in milliseconds. */
const requestMs = 30_000;

/** Its headers are read when somebody asks for one. */
class HttpAnswer implements Answer {
  readonly status: number;
  readonly body: Json | undefined;
  private readonly given: Headers;
  private read: Record<string, string> | undefined;

  constructor({ status, headers }: Response, body: Json | undefined) {
    this.status = status;
    this.given = headers;
    this.body = body;
  }

  get headers(): Record<string, string> {
    this.read ??= Object.fromEntries(this.given);
    return this.read;
  }
}

export class HttpSender implements Sender {
  readonly service: DeclaredService;
  private readonly http: DeclaredHttp;
  private readonly base: string;
  private readonly trust: Trust;
  private readonly headers: Record<string, string>;
  private readonly limits: RateLimit[];
  private readonly signIns: SignIns;
  /** Where its address stands, for messages. */
  private readonly setting: string;

  constructor(compiled: CompiledAction, settings: JsonObject) {
    const { service } = compiled;
    const { http } = service;
    if (!http) throw new Error(`${service.name} is not reached over HTTP.`);
    this.service = service;
    this.http = http;
    const computing = new Computing(compiled).with({ settings });
    const setting = `connectors.${service.name}`;
    this.setting = `${setting} in countersign.yaml`;
    this.base = secureBaseUrl(setting, computing.text(http.base));
    this.trust = trustOf(service.name, settings.ca as Ca | undefined);
    this.headers = {
      ...(http.answers === 'json' ? { accept: 'application/json' } : {}),
      ...(http.connection === 'close' ? { connection: 'close' } : {}),
      ...Object.fromEntries(
        Object.entries(http.headers).map(([name, value]) => [name, computing.text(value)]),
      ),
    };
    this.limits = http.limits.map(({ calls, perMs }) => new RateLimit((calls * 1000) / perMs));
    this.signIns = new SignIns(http.signIn, computing, (request, signal) =>
      this.exchange(request, {}, signal),
    );
  }

  get asksToSignIn(): boolean {
    return this.signIns.renews;
  }

  /** One exchange, signed in. A token that is refused is fetched anew once: what was refused so was not carried out. */
  async send(request: Rendered, signal: AbortSignal, conceal: (text: string) => void): Promise<Answer> {
    const answer = await this.exchange(request, await this.signedIn(conceal), signal);
    if (answer.status !== 401 || !this.signIns.renews) return answer;
    this.signIns.forget();
    return this.exchange(request, await this.signedIn(conceal), signal);
  }

  /** Signs in where that takes a request of its own. What fails here has sent nothing else. */
  async signedIn(conceal: (text: string) => void): Promise<Record<string, string>> {
    try {
      return await this.signIns.headers(conceal);
    } catch (error) {
      markNeverSent(error);
      throw error;
    }
  }

  /** Only of this service, below its base. */
  nextPage(next: string, from: Rendered): Rendered | undefined {
    const base = new URL(this.base);
    const url = new URL(next, this.base + from.path);
    const below =
      url.pathname === base.pathname || url.pathname.startsWith(base.pathname.replace(/\/?$/, '/'));
    if (url.origin !== base.origin || !below) return undefined;
    const path = url.pathname.slice(base.pathname.replace(/\/$/, '').length);
    return { ...from, path, query: [...url.searchParams] };
  }

  private async exchange(
    request: Rendered,
    signed: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { http } = this;
    const { title } = this.service;
    for (const limit of this.limits) await limit.turn(signal);
    // A token endpoint may stand at an address of its own.
    const url = new URL(
      request.path.startsWith('/') || !/^https?:\/\//.test(request.path)
        ? this.base + request.path
        : this.tokenAddress(request.path),
    );
    for (const [parameter, value] of request.query) url.searchParams.append(parameter, value);
    const { body } = request;
    const headers: Record<string, string> = { ...this.headers, ...signed, ...request.headers };
    // Some take a form of JSON by a name of its own, which stands under `headers`.
    const isNamed = Object.keys(request.headers).some((name) => name.toLowerCase() === 'content-type');
    if (body?.type !== undefined && !isNamed) headers['content-type'] = body.type;
    const { setting } = this;
    const target = { service: title, url, setting, trust: this.trust.setting };
    const answer = await reachingOut(target, signal, requestMs, async (limited) => {
      const response = await this.trust.fetch(url, {
        method: request.method,
        headers,
        signal: limited,
        redirect: 'manual',
        ...defined({ body: body?.text }),
      });
      const text = await boundedText(title, response);
      // A refusal is said in JSON, also of what is asked for as text.
      const asText = http.answers === 'text' || (request.answers === 'text' && response.ok);
      const answered = (asText ? text : parsedAnswer(text)) as Json | undefined;
      return new HttpAnswer(response, answered);
    });
    if (!this.isItsOwn(answer, request)) throw notItsOwn(title, answer.status, answer.body, setting);
    return answer;
  }

  private tokenAddress(text: string): string {
    const url = new URL(text);
    return isLoopback(url) ? url.href : secureBaseUrl(`connectors.${this.service.name}`, text);
  }

  /** Whether an answer by which something is there, done or absent comes from the service itself. Other refusals speak for themselves. */
  private isItsOwn({ status, body }: Answer, { method, answers }: Rendered): boolean {
    if (this.http.answers === 'text') return true;
    if (status >= 200 && status < 300) {
      if (answers === 'text') return true;
      if (body === undefined) return method !== 'GET' || status === 204;
      return typeof body === 'object' && body !== null;
    }
    return (status !== 404 && status !== 410) || typeof body !== 'string';
  }
}
