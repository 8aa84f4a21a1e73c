/** How requests are signed in: a header that is known, or a token that is fetched once for all that wait and renewed in time. */
import type { SignIn } from '../../plan/declared.ts';
import { parsedAnswer } from '../kit/answers.ts';
import { RetryableFailure } from '../kit/failures.ts';
import { failureOfStatus } from '../kit/http.ts';
import type { Answer } from './answer.ts';
import type { Computing } from './computing.ts';
import { type Rendered, rendered } from './render.ts';

interface Token {
  headers: Record<string, string>;
  secret: string;
  /** Of the monotonic clock, in milliseconds. */
  renewAt: number;
}

const tokenMs = 30_000;
/** Of its life, before it is renewed. */
const share = 0.9;
const usualLifeS = 3_600;

export class SignIns {
  /** Whether a 401 may mean no more than a token that is over. */
  readonly renews: boolean;
  private readonly signIn: SignIn;
  private readonly computing: Computing;
  private readonly ask: (request: Rendered, signal: AbortSignal) => Promise<Answer>;
  private token: Promise<Token> | undefined;
  private fixed: ReturnType<SignIns['fixedHeaders']> | undefined;

  constructor(signIn: SignIn, computing: Computing, ask: SignIns['ask']) {
    this.signIn = signIn;
    this.computing = computing;
    this.ask = ask;
    this.renews = signIn.by === 'oauth2' || signIn.by === 'login';
  }

  async headers(conceal: (text: string) => void): Promise<Record<string, string>> {
    if (this.renews) {
      const token = await this.current();
      conceal(token.secret);
      return token.headers;
    }
    // Settings do not change as long as the process runs.
    this.fixed ??= this.fixedHeaders();
    for (const secret of this.fixed.secrets) conceal(secret);
    return this.fixed.headers;
  }

  private fixedHeaders(): { headers: Record<string, string>; secrets: string[] } {
    const { signIn, computing } = this;
    switch (signIn.by) {
      case 'basic': {
        const pair = `${computing.text(signIn.user)}:${computing.text(signIn.password)}`;
        const encoded = Buffer.from(pair).toString('base64');
        return { headers: { authorization: `Basic ${encoded}` }, secrets: [encoded] };
      }
      case 'bearer':
        return { headers: { authorization: `Bearer ${computing.text(signIn.token)}` }, secrets: [] };
      case 'header': {
        const named = Object.entries(signIn.headers).map(([name, value]) => [name, computing.text(value)]);
        return { headers: Object.fromEntries(named), secrets: [] };
      }
      default:
        return { headers: {}, secrets: [] };
    }
  }

  forget(): void {
    this.token = undefined;
  }

  private async current(): Promise<Token> {
    const before = this.token;
    const known = before && (await before.catch(() => undefined));
    if (known && performance.now() < known.renewAt) return known;
    // Whoever comes while it is fetched waits for the same one.
    if (this.token === before) this.token = this.fetch();
    const fetched = this.token ?? this.fetch();
    try {
      return await fetched;
    } catch (error) {
      if (this.token === fetched) this.token = undefined;
      throw error;
    }
  }

  /** Not bound to an attempt: others wait for it too. */
  private async fetch(): Promise<Token> {
    const signal = AbortSignal.timeout(tokenMs);
    const { signIn, computing } = this;
    if (signIn.by === 'login') {
      const answer = await this.asked(rendered(signIn.request, computing), signal);
      const secret = computing.withAnswer(answer).text({ $expr: signIn.take });
      const withToken = computing.with({ token: secret });
      const headers = Object.entries(signIn.headers).map(([name, value]) => [name, withToken.text(value)]);
      return {
        headers: Object.fromEntries(headers),
        secret,
        renewAt: performance.now() + signIn.forMs * share,
      };
    }
    if (signIn.by !== 'oauth2') throw new Error(`There is no token to fetch for ${signIn.by}.`);
    const answer = await this.asked(this.tokenRequest(signIn), signal);
    // A token comes as JSON, also where the service's other answers are text.
    const body = typeof answer.body === 'string' ? parsedAnswer(answer.body) : answer.body;
    const { access_token: secret, expires_in: lifeS } = (body ?? {}) as Record<string, unknown>;
    if (typeof secret !== 'string' || secret === '')
      throw new RetryableFailure('The token endpoint answered without an access token.');
    const life = Number(lifeS) > 0 ? Number(lifeS) : usualLifeS;
    return {
      headers: { authorization: `Bearer ${secret}` },
      secret,
      renewAt: performance.now() + life * 1000 * share,
    };
  }

  private tokenRequest(signIn: SignIn & { by: 'oauth2' }): Rendered {
    const { computing } = this;
    const [client, secret] = [computing.text(signIn.client), computing.text(signIn.secret)];
    const further = Object.entries(signIn.fields ?? {}).map(([name, value]): [string, string] => [
      name,
      computing.text(value),
    ]);
    const fields: [string, string][] = [
      ['grant_type', 'client_credentials'],
      ...(signIn.scope === undefined ? [] : [['scope', computing.text(signIn.scope)] as [string, string]]),
      ...(signIn.in === 'body'
        ? ([
            ['client_id', client],
            ['client_secret', secret],
          ] as [string, string][])
        : []),
      ...further,
    ];
    const pair = `${encodeURIComponent(client)}:${encodeURIComponent(secret)}`;
    return {
      method: 'POST',
      path: computing.text(signIn.token),
      query: [],
      headers:
        signIn.in === 'basic' ? { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } : {},
      body: { text: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' },
    };
  }

  private async asked(request: Rendered, signal: AbortSignal): Promise<Answer> {
    const answer = await this.ask(request, signal);
    if (answer.status >= 200 && answer.status < 300) return answer;
    const headers = { get: (name: string) => answer.headers[name] ?? null };
    throw failureOfStatus({ service: 'The sign-in', status: answer.status, headers });
  }
}
