/** What connectors that speak HTTP share: one request, and what its answer or its absence means. */
import { defined } from '../../plan/defined.ts';
import { boundedBytes, boundedText, isObject, notItsOwn, parsedAnswer } from './answers.ts';
import { AttemptClient } from './attempt-client.ts';
import { PermanentFailure, RateLimited, RetryableFailure } from './failures.ts';
import { reachingOut } from './reach.ts';
import type { Trust } from './trust.ts';

export interface HttpSettings {
  /** The service's name as a coordinator knows it, for messages: `Jira`. */
  service: string;
  /** Without a slash at its end. Requests go to this origin only. */
  baseUrl: string;
  /** Where that address stands, for messages: `connectors.jira.baseUrl`. */
  setting: string;
  trust: Trust;
  /** Credentials and the like, asked for at every request. */
  headers: () => Promise<Record<string, string>> | Record<string, string>;
  /** The service's own words in an error body, if there are any. */
  wordsOf?: (body: unknown) => string | undefined;
  /** Whether an object in JSON is this service's own answer; any is, unless said. False for a service that answers in no JSON. */
  isOwn?: false | ((body: Record<string, unknown>) => boolean);
  /** Response header with the service's id for the request. */
  requestIdHeader?: string;
  /** Longest time for one request, in milliseconds; 30 s unless said. */
  timeoutMs?: number;
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash, or is empty; its parts are encoded already. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Beside those of the settings. */
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Instead of a body in JSON: fields as a web form sends them. */
  form?: Record<string, string>;
  /** Instead of a body in JSON: a file, sent as it is. */
  file?: { content: string | Uint8Array<ArrayBuffer>; contentType: string };
  /** Statuses that are an answer here and no failure, such as 404 when looking. */
  expect?: number[];
  /** Statuses that, for this request, say "try again". */
  retry?: number[];
}

export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** Parsed when the service sent JSON; else text, or undefined when there was none. */
  body: unknown;
}

export class HttpClient extends AttemptClient {
  private readonly settings: HttpSettings;

  constructor(settings: HttpSettings) {
    super();
    this.settings = settings;
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    const { service, baseUrl, timeoutMs = defaultTimeoutMs } = this.settings;
    const url = new URL(baseUrl + request.path);
    for (const [name, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const headers: Record<string, string> = {
      accept: 'application/json',
      ...(await this.settings.headers()),
      ...request.headers,
    };
    // `fetch` names the type of a form itself.
    const body = request.form
      ? new URLSearchParams(request.form)
      : (request.file?.content ?? jsonOf(request.body));
    if (body !== undefined && !request.form)
      headers['content-type'] = request.file?.contentType ?? 'application/json';
    const { trust, setting } = this.settings;
    const target = { service, url, setting: `${setting} in countersign.yaml`, trust: trust.setting };
    const answer = await reachingOut(target, this.signal, timeoutMs, async (signal) => {
      const response = await trust.fetch(url, {
        method: request.method,
        headers,
        signal,
        // Following would repeat a write, and might carry credentials elsewhere.
        redirect: 'manual',
        ...defined({ body }),
      });
      return {
        status: response.status,
        headers: response.headers,
        body: parsedAnswer(await boundedText(service, response)),
      };
    });
    const ok = (answer.status >= 200 && answer.status < 300) || request.expect?.includes(answer.status);
    if (!this.isItsOwn(answer, request.method))
      throw notItsOwn(service, answer.status, answer.body, target.setting);
    if (!ok) throw this.failureOf(answer, request);
    return answer;
  }

  /** A file as it is. More than `most` bytes are not read. */
  async download(
    path: string,
    query: Record<string, string | number | boolean>,
    most: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { service, baseUrl, trust, setting, timeoutMs = defaultTimeoutMs } = this.settings;
    const url = new URL(baseUrl + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    const headers = { accept: '*/*', ...(await this.settings.headers()) };
    const target = { service, url, setting: `${setting} in countersign.yaml`, trust: trust.setting };
    const {
      status,
      headers: answered,
      bytes,
    } = await reachingOut(target, this.signal, timeoutMs, async (signal) => {
      const response = await trust.fetch(url, { method: 'GET', headers, signal, redirect: 'manual' });
      return {
        status: response.status,
        headers: response.headers,
        bytes: await boundedBytes(service, response, most),
      };
    });
    if (status >= 200 && status < 300) return bytes;
    const body = parsedAnswer(new TextDecoder().decode(bytes));
    throw this.failureOf({ status, headers: answered, body }, { method: 'GET', path });
  }

  /** Whether an answer by which something is there, done or absent comes from the service itself. Other refusals speak for themselves. */
  private isItsOwn({ status, body }: HttpAnswer, method: HttpRequest['method']): boolean {
    const { isOwn = () => true, wordsOf } = this.settings;
    if (isOwn === false) return true;
    if (status >= 200 && status < 300) {
      // Nothing needs to be said of what was done; what was asked for must be there.
      if (body === undefined) return method !== 'GET' && (status === 202 || status === 204);
      return Array.isArray(body) || (isObject(body) && isOwn(body));
    }
    if (status !== 404 && status !== 410) return true;
    return isObject(body) && (wordsOf === undefined || wordsOf(body) !== undefined);
  }

  private failureOf({ status, headers, body }: HttpAnswer, request: HttpRequest): Error {
    return failureOfStatus({
      service: this.settings.service,
      status,
      headers,
      words: this.settings.wordsOf?.(body),
      requestId: headers.get(this.settings.requestIdHeader ?? 'x-request-id') ?? undefined,
      retry: request.retry,
    });
  }
}

const defaultTimeoutMs = 30_000;

export interface BadAnswer {
  service: string;
  status: number;
  headers: { get(name: string): string | null };
  /** The service's own words. */
  words?: string | undefined;
  requestId?: string | undefined;
  retry?: number[] | undefined;
}

/** What an answer that is no success means for the attempt. */
export function failureOfStatus({ service, status, headers, words, requestId, retry }: BadAnswer): Error {
  const details = { status, ...defined({ requestId: requestId || undefined }) };
  const said = words ? `: ${words.trim().slice(0, 1_000)}` : '.';
  const wait = retryAfterMs(headers.get('retry-after'));
  if (status === 429)
    return new RateLimited(`${service} asked to be called less often (429)${said}`, details, wait);
  if (status === 408 || status === 425 || status >= 500 || retry?.includes(status))
    return new RetryableFailure(`${service} could not do it just now (${status})${said}`, details, wait);
  if (status === 401)
    return new PermanentFailure(
      `${service} refused the credentials (401)${said} Check the connector's credentials in countersign.yaml.`,
      details,
    );
  if (status === 403)
    return new PermanentFailure(
      `${service} does not allow it (403)${said} Check the permissions of the account that Countersign uses.`,
      details,
    );
  if (status >= 300 && status < 400) {
    const target = headers.get('location') ?? 'another address';
    return new PermanentFailure(
      `${service} sent us on to ${target} (${status}). Check its address in countersign.yaml.`,
      details,
    );
  }
  return new PermanentFailure(`${service} refused it (${status})${said}`, details);
}

/** A service may ask for a day; a run would rather be told, and tries once an hour. */
const longestWaitMs = 3_600_000;

/** Milliseconds from a Retry-After header: seconds or an HTTP date (RFC 9110, Retry-After). */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (!header) return undefined;
  const text = header.trim();
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(0, Math.round(ms)), longestWaitMs) : undefined;
}

function jsonOf(body: unknown): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}

/** Whether a URL is on this machine: the only place where credentials may travel without TLS. */
export function isLoopback(url: URL): boolean {
  const host = url.hostname;
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The URL, without a slash at its end. Throws when credentials would travel in the clear. */
export function secureBaseUrl(setting: string, text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new PermanentFailure(`${setting} in countersign.yaml is no web address: ${text}`);
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    throw new PermanentFailure(
      `${setting} in countersign.yaml must begin with https://. Only a service on this machine may do without.`,
    );
  return url.href.replace(/\/+$/, '');
}
