/** What connectors that speak HTTP share: one request, and what its answer or its absence means. */
import { defined } from '../../plan/defined.ts';
import { AttemptClient } from './attempt-client.ts';
import { PermanentFailure, RateLimited, RetryableFailure } from './failures.ts';

export interface HttpSettings {
  /** The service's name as a coordinator knows it, for messages: `Jira`. */
  service: string;
  /** Without a slash at its end. Requests go to this origin only. */
  baseUrl: string;
  /** Credentials and the like, asked for at every request. */
  headers: () => Promise<Record<string, string>> | Record<string, string>;
  /** The service's own words in an error body, if there are any. */
  wordsOf?: (body: unknown) => string | undefined;
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
    const answer = await reachingOut(service, url, this.signal, timeoutMs, async (signal) => {
      const response = await fetch(url, {
        method: request.method,
        headers,
        signal,
        // Following would repeat a write, and might carry credentials elsewhere.
        redirect: 'manual',
        ...defined({ body }),
      });
      return { status: response.status, headers: response.headers, body: parsed(await response.text()) };
    });
    const ok = (answer.status >= 200 && answer.status < 300) || request.expect?.includes(answer.status);
    if (!ok) throw this.failureOf(answer, request);
    return answer;
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

/**
 * Runs one request with a time limit of its own. A request that was not answered may still have been carried out, so
 * its failure is retryable, and the action must look before it tries again.
 */
export async function reachingOut<T>(
  service: string,
  url: URL,
  signal: AbortSignal,
  timeoutMs: number,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await request(AbortSignal.any([signal, limit]));
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof RetryableFailure || cause instanceof PermanentFailure) throw cause;
    if (limit.aborted)
      throw new RetryableFailure(`${service} did not answer within ${timeoutMs / 1000} s.`, { cause });
    throw new RetryableFailure(`${service} could not be reached at ${url.host}${reasonOf(cause)}.`, {
      cause,
    });
  }
}

/** `ECONNREFUSED` and its like, which `fetch` hides in the cause of its "fetch failed". */
export function reasonOf(error: unknown): string {
  let part = error as { code?: unknown; cause?: unknown } | undefined | null;
  for (let depth = 0; depth < 5 && typeof part === 'object' && part !== null; depth++) {
    if (typeof part.code === 'string') return ` (${reasonWords[part.code] ?? part.code})`;
    part = part.cause as typeof part;
  }
  return '';
}

const reasonWords: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  UND_ERR_SOCKET: 'connection lost',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'name lookup failed',
  ETIMEDOUT: 'no connection in time',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'nobody known has signed its certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody known has signed its certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'nobody known has signed its certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
};

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

function parsed(text: string): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
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
