/** The gateway's REST API, as the console calls it: with the session's cookie, and errors in the gateway's words. */

import { defined } from '../../plan/defined.ts';
import { sawAnswer } from './connection.ts';

/** A refusal, in words for whoever asked; `status` 0 when nobody answered. */
export class ApiError extends Error {
  readonly status: number;
  /** `Changed`, `AlreadyVoted`, …: which of the engine's refusals it is, if one. */
  readonly refusal: string | undefined;
  constructor(status: number, message: string, refusal?: string) {
    super(message);
    this.status = status;
    this.refusal = refusal;
  }

  /** Nothing is wrong with the request: the gateway, or what is behind it, is away for now. */
  get away(): boolean {
    return this.status === 0 || this.status >= 502;
  }
}

const base = '/api/v1';
const limitMs = 30_000;

/** Told when the gateway no longer knows the session. */
let onSignedOut: () => void = () => {};
export function whenSignedOut(tell: () => void): void {
  onSignedOut = tell;
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const begun = warmed.get(path) as Promise<T> | undefined;
  warmed.delete(path);
  return begun ?? send<T>('GET', path, undefined, signal);
}

/** What was asked before its page is there: the page takes the answer, once and soon. */
const warmed = new Map<string, Promise<unknown>>();
const warmMs = 10_000;

export function warm(path: string): void {
  const answer = send('GET', path);
  const forget = () => {
    if (warmed.get(path) === answer) warmed.delete(path);
  };
  warmed.set(path, answer);
  // A refusal is none of the page's: it is shown when somebody has signed in, and asks anew.
  answer.catch(forget);
  setTimeout(forget, warmMs);
}

export function post<T = unknown>(path: string, body: unknown = {}): Promise<T> {
  return send<T>('POST', path, body);
}

export function put(path: string, body: unknown): Promise<void> {
  return send<void>('PUT', path, body);
}

export function remove(path: string): Promise<void> {
  return send<void>('DELETE', path);
}

async function send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  let response: Response;
  try {
    response = await fetch(base + path, {
      method,
      headers: {
        // As little as can be: what the page has the browser fetch ahead is taken only where all of them agree.
        ...(method === 'GET'
          ? {}
          : // Another site's form cannot set this header, which is how the gateway tells it from the console.
            {
              'x-countersign-request': '1',
              ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            }),
      },
      ...defined({ body: body === undefined ? undefined : JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    sawAnswer(false);
    throw new ApiError(
      0,
      'Countersign does not answer. Check your connection and try again; if what you sent last was not confirmed, look first whether it counted.',
    );
  }
  // A proxy in between answers so while the gateway itself is away.
  sawAnswer(![502, 504].includes(response.status));
  const text = await response.text();
  if (response.ok) return (text ? JSON.parse(text) : undefined) as T;
  if (response.status === 401 && !path.startsWith('/sign-in')) onSignedOut();
  throw problemOf(response.status, text);
}

function problemOf(status: number, text: string): ApiError {
  try {
    const { detail, type } = JSON.parse(text) as { detail?: string; type?: string };
    const refusal = /^urn:countersign:(\w+)$/.exec(type ?? '')?.[1];
    if (detail) return new ApiError(status, detail, refusal);
  } catch {
    // Not from the gateway itself: a proxy's page, say.
  }
  return new ApiError(status, `Countersign answered with an error (${status}). Try again in a moment.`);
}

export const stepPath = (run: string, step: string): string =>
  `/runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step)}`;

/** What a caught value says, for people. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return 'Something in this page went wrong. Load it again; if it stays so, tell whoever runs Countersign.';
}
