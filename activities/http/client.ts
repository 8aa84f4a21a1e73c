/** Any service that speaks HTTP, at an address that a runbook gives: within the outbound rules, one request at a time. */

import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import type { Json } from '../../plan/plan.ts';
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { failureOfStatus, isLoopback } from '../kit/http.ts';
import { Outbound } from '../kit/outbound.ts';
import { reachingOut } from '../kit/reach.ts';
import { caSetting, type Trust, trustOf } from '../kit/trust.ts';
import { cappedText, parsedBody } from './body.ts';

export const HttpSettings = Type.Object(
  {
    standIns: Type.Optional(
      Type.Unsafe<Record<string, string>>({
        type: 'object',
        additionalProperties: { type: 'string' },
        description:
          'For trying things out: the beginning of an address, such as https://firewall.example.com, and the service on this machine that is asked instead. With it, nothing else is reached.',
      }),
    ),
    ...caSetting,
  },
  { additionalProperties: false },
);

export interface WebRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Record<string, string> | undefined;
  body?: Json | undefined;
  /** Statuses that are an answer and no failure, besides 200 to 299. */
  expect?: number[] | undefined;
  /** The body as it came, also when it is JSON. */
  asText?: boolean | undefined;
}

export interface WebAnswer {
  status: number;
  body: Json;
}

const largestRequest = 1024 * 1024;
const timeoutMs = 30_000;

export class WebClient extends AttemptClient {
  private readonly standIns: [string, string][];
  private readonly outbound: Outbound;
  private readonly toStandIns: Outbound;
  private readonly trust: Trust;

  constructor({ standIns = {}, ca }: Static<typeof HttpSettings>, outbound: Outbound) {
    super();
    this.trust = trustOf('http', ca);
    this.standIns = Object.entries(standIns).map(([from, to]) => [from.replace(/\/+$/, ''), to]);
    this.outbound = outbound;
    const hosts = this.standIns.map(([, url]) => hostOnThisMachine(url));
    this.toStandIns = new Outbound({
      allow: hosts.map(({ host }) => host),
      privateNetworks: hosts.map(({ hostname }) => hostname.replace(/^\[|\]$/g, '')),
    });
  }

  /** The address, if it may be reached. */
  check(text: string): URL {
    const url = urlOf(text);
    if (!url) throw new PermanentFailure(`${text} is no web address. It must begin with https://.`);
    this.outbound.check(url);
    return url;
  }

  async send(request: WebRequest): Promise<WebAnswer> {
    const { method, asText = false } = request;
    const url = this.check(request.url);
    const headers = checkedHeaders(request.headers ?? {});
    const body = bodyOf(request.body, headers);
    const { target, outbound } = this.targetOf(url);
    const found = {
      service: 'The web service',
      url,
      setting: '`url` of this step',
      trust: this.trust.setting,
    };
    const answer = await reachingOut(found, this.signal, timeoutMs, async (signal) => {
      const sent = { method, headers, signal, ...defined({ body, ca: this.trust.ca }) };
      const { statusCode, headers: given, body: stream } = await outbound.request(target, sent);
      return { status: statusCode, headers: given, text: await cappedText(stream, url.host) };
    });
    const parsed = asText ? answer.text : parsedBody(answer.text);
    const ok = (answer.status >= 200 && answer.status < 300) || request.expect?.includes(answer.status);
    if (!ok) throw failureOf(url.host, answer.status, answer.headers, parsedBody(answer.text));
    return { status: answer.status, body: parsed };
  }

  private targetOf(url: URL): { target: URL; outbound: Outbound } {
    if (this.standIns.length === 0) return { target: url, outbound: this.outbound };
    for (const [from, to] of this.standIns) {
      const rest = url.href.startsWith(from) ? url.href.slice(from.length) : undefined;
      if (rest !== undefined && /^([/?]|$)/.test(rest))
        return { target: new URL(to + rest), outbound: this.toStandIns };
    }
    throw new PermanentFailure(
      `${url.host} has no stand-in, and with stand-ins nothing else is reached. Known are: ${this.standIns.map(([from]) => from).join(', ')}.`,
    );
  }
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function hostOnThisMachine(text: string): URL {
  const url = urlOf(text);
  if (url && isLoopback(url)) return url;
  throw new PermanentFailure(
    `${text} under connectors: http: standIns: in countersign.yaml is not on this machine.`,
  );
}

/** These follow from the request itself. */
const ownHeaders = new Set([
  'host',
  'accept-encoding',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
]);

/** Names in small letters. Values are never quoted in a refusal: credentials stand there. */
function checkedHeaders(given: Record<string, string>): Record<string, string> {
  const headers: Record<string, string> = {
    accept: 'application/json, */*;q=0.5',
    'user-agent': 'Countersign',
  };
  for (const [name, value] of Object.entries(given)) {
    const key = name.toLowerCase();
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(key))
      throw new PermanentFailure(`"${name}" is no name of a header.`);
    if (ownHeaders.has(key)) throw new PermanentFailure(`The header ${name} cannot be set.`);
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      throw new PermanentFailure(
        `The header ${name} has a line break or a character in it that headers cannot have.`,
      );
    headers[key] = value.trim();
  }
  return headers;
}

/** Text goes as it is, everything else as JSON. Says so in the headers unless they say something themselves. */
function bodyOf(body: Json | undefined, headers: Record<string, string>): string | undefined {
  if (body === undefined) return undefined;
  const isText = typeof body === 'string';
  const text = isText ? body : JSON.stringify(body);
  const size = Buffer.byteLength(text);
  if (size > largestRequest)
    throw new PermanentFailure(
      `The body of ${Math.ceil(size / 1024)} KB is more than the 1024 KB that are sent.`,
    );
  headers['content-type'] ??= isText ? 'text/plain; charset=utf-8' : 'application/json';
  return text;
}

function failureOf(
  host: string,
  status: number,
  headers: Record<string, string | string[] | undefined>,
  body: Json,
): Error {
  const header = (name: string): string | null => {
    const value = headers[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  };
  const words = problemWords(body);
  const said = words ? `: ${words}` : '.';
  const requestId = header('x-request-id') ?? header('x-correlation-id') ?? undefined;
  const details = { status, ...defined({ requestId: requestId || undefined }) };
  if (status >= 300 && status < 400)
    return new PermanentFailure(
      `${host} sends us on to ${header('location') ?? 'another address'} (${status}), and redirects are not followed. Give that address itself, if it is the right one.`,
      details,
    );
  if (status === 401)
    return new PermanentFailure(
      `${host} refused the credentials (401)${said} Check the \`headers\` of this step, and the secret that stands there.`,
      details,
    );
  return failureOfStatus({ service: host, status, headers: { get: header }, words, requestId });
}

/** Where services usually put what they have to say: RFC 9457 (problem details), and many forms of their own. */
function problemWords(body: Json): string | undefined {
  if (typeof body === 'string') return body.trimStart().startsWith('<') ? undefined : body.slice(0, 300);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { error, message, detail, title } = body;
  const found = [message, detail, error, title].find((part) => typeof part === 'string' && part !== '');
  if (typeof found === 'string') return found.slice(0, 300);
  return error !== undefined && typeof error === 'object' ? problemWords(error) : undefined;
}
