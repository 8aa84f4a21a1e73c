/**
 * Microsoft Graph, with Microsoft's own client and a short middleware chain: credentials, then the request. There is no
 * retry middleware: retrying is the engine's, where it is durable, visible and honours Retry-After across processes.
 */

import {
  Client,
  type Context,
  GraphClientError,
  type Middleware,
  ResponseType,
} from '@microsoft/microsoft-graph-client';
import { defined } from '../../../plan/defined.ts';
import { boundedText, isObject, notItsOwn, parsedAnswer } from '../answers.ts';
import { AttemptClient } from '../attempt-client.ts';
import { PermanentFailure } from '../failures.ts';
import { failureOfStatus, secureBaseUrl } from '../http.ts';
import { reachingOut } from '../reach.ts';
import { type Trust, trustOf } from '../trust.ts';
import type { GraphSettings } from './settings.ts';
import { TokenSource } from './token.ts';

const service = 'Microsoft Graph';
const version = 'v1.0';
const requestTimeoutMs = 30_000;

export interface GraphRequestOptions {
  /** OData parameters, not yet encoded. */
  query?: Record<string, string>;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface GraphAnswer<T> {
  status: number;
  body: T;
  /** Graph's error code and words, when it refused. */
  error?: { code: string; message: string };
  /** The failure that a refusal is, unless the action knows better. */
  failure?: Error;
}

export class GraphClient extends AttemptClient {
  /** Of the service, without the version: references to objects are made from it. */
  readonly baseUrl: string;
  private readonly client: Client;
  private readonly connector: string;
  private readonly trust: Trust;

  /** `connector` is the key of the settings in the configuration, for messages. */
  constructor(connector: string, settings: GraphSettings) {
    super();
    this.connector = connector;
    this.baseUrl = secureBaseUrl(
      `connectors.${connector}.graphUrl`,
      settings.graphUrl ?? 'https://graph.microsoft.com',
    );
    this.trust = trustOf(connector, settings.ca);
    this.client = Client.initWithMiddleware({
      baseUrl: `${this.baseUrl}/`,
      defaultVersion: version,
      middleware: [
        new CarryFailures(),
        new Authentication(new TokenSource(connector, settings, `${this.baseUrl}/.default`)),
        new Send(this.trust),
      ],
    });
  }

  /** The answer, whatever its status; `failure` says what a refusal means. Rejects when there was no answer. */
  async ask<T>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options: GraphRequestOptions = {},
  ): Promise<GraphAnswer<T>> {
    const query = Object.entries(options.query ?? {}).map(
      ([name, value]) => `${name}=${encodeURIComponent(value)}`,
    );
    const target = query.length > 0 ? `${path}?${query.join('&')}` : path;
    const setting = `connectors.${this.connector}.graphUrl in countersign.yaml`;
    const reached = { service, url: new URL(this.baseUrl), setting, trust: this.trust.setting };
    return reachingOut(reached, this.signal, requestTimeoutMs, async (signal) => {
      const request = this.client
        .api(target)
        .responseType(ResponseType.RAW)
        .headers(options.headers ?? {})
        .options({ signal, redirect: 'manual' });
      try {
        return await answerOf<T>(await sendBy(request, method, options.body), method, setting);
      } catch (error) {
        throw carried(error);
      }
    });
  }

  /** The body of a success; rejects with the failure that a refusal is. */
  async get<T>(path: string, options: GraphRequestOptions = {}): Promise<T> {
    return successOf(await this.ask<T>('GET', path, options));
  }

  /** The same, and undefined when there is no such thing. */
  async find<T>(path: string, options: GraphRequestOptions = {}): Promise<T | undefined> {
    const answer = await this.ask<T>('GET', path, options);
    return answer.status === 404 ? undefined : successOf(answer);
  }

  /** Everything in a collection, following its pages to the end. */
  async list<T>(path: string, options: GraphRequestOptions = {}): Promise<T[]> {
    const items: T[] = [];
    let page = await this.page<T>(path, options);
    items.push(...page.value);
    while (page['@odata.nextLink']) {
      const { headers } = options;
      page = await this.page<T>(this.ownPath(page['@odata.nextLink']), {
        ...defined({ headers }),
      });
      items.push(...page.value);
    }
    return items;
  }

  private async page<T>(path: string, options: GraphRequestOptions): Promise<Page<T>> {
    const page = await this.get<Page<T>>(path, options);
    if (Array.isArray(page.value)) return page;
    throw notItsOwn(service, 200, page, `connectors.${this.connector}.graphUrl in countersign.yaml`);
  }

  /** The `@odata.id` by which one object refers to another. */
  reference(path: string): { '@odata.id': string } {
    return { '@odata.id': `${this.baseUrl}/${version}${path}` };
  }

  /** A next page must be on the same service: our token goes with the request. */
  private ownPath(link: string): string {
    const own = `${this.baseUrl}/${version}`;
    if (link.startsWith(`${own}/`)) return link.slice(own.length);
    throw new PermanentFailure(
      `${service} sent us on to a page at ${new URL(link).host}, which is not ${new URL(own).host}. Check connectors.${this.connector}.graphUrl.`,
    );
  }
}

interface Page<T> {
  value: T[];
  '@odata.nextLink'?: string;
}

export function successOf<T>(answer: GraphAnswer<T>): T {
  if (answer.failure) throw answer.failure;
  return answer.body;
}

/** Deletes what may be gone already: by an attempt of which the answer was lost, or by somebody else. */
export async function deleteIfThere(client: GraphClient, path: string): Promise<void> {
  const answer = await client.ask('DELETE', path);
  if (answer.status !== 404) successOf(answer);
}

type GraphRequest = ReturnType<Client['api']>;

function sendBy(request: GraphRequest, method: string, body: unknown): Promise<Response> {
  switch (method) {
    case 'POST':
      return request.post(body ?? {});
    case 'PUT':
      return request.put(body ?? {});
    case 'PATCH':
      return request.patch(body ?? {});
    case 'DELETE':
      return request.delete();
    default:
      return request.get();
  }
}

/** Microsoft Graph error responses and resource types. */
interface ErrorBody {
  error?: { code?: string; message?: string; innerError?: { 'request-id'?: string } };
}

/** Rejects for an answer that only looks as if something were there, done or absent: Graph's own is known by what stands in it. */
async function answerOf<T>(response: Response, method: string, setting: string): Promise<GraphAnswer<T>> {
  const { status, headers } = response;
  const text = await boundedText(service, response);
  const body = parsedAnswer(text);
  if (response.ok) {
    const isDone = body === undefined && method !== 'GET' && (status === 202 || status === 204);
    if (!isDone && !isEntity(body)) throw notItsOwn(service, status, body, setting);
    return { status, body: body as T };
  }
  const { error } = (isObject(body) ? body : {}) as ErrorBody;
  if ((status === 404 || status === 410) && typeof error?.code !== 'string')
    throw notItsOwn(service, status, body, setting);
  const words = error?.message ?? text.slice(0, 200);
  const requestId = headers.get('request-id') ?? error?.innerError?.['request-id'];
  return {
    status,
    body: body as T,
    error: { code: error?.code ?? '', message: words },
    failure: failureOfStatus({ service, status, headers, words, requestId }),
  };
}

/** Every object and collection that Graph gives carries at least one of these. */
function isEntity(body: unknown): boolean {
  return isObject(body) && ['@odata.context', 'id', 'value'].some((key) => key in body);
}

/** Takes a failure out of the error in which {@link CarryFailures} brought it through Graph's client. */
function carried(error: unknown): unknown {
  return error instanceof GraphClientError && error.customError ? error.customError : error;
}

/** Graph's client wraps what is thrown below it and loses its cause, unless it comes as its own error. */
class CarryFailures implements Middleware {
  private next: Middleware | undefined;

  async execute(context: Context): Promise<void> {
    try {
      await this.next?.execute(context);
    } catch (error) {
      const carrier = new GraphClientError();
      carrier.customError = error;
      throw carrier;
    }
  }

  setNext(next: Middleware): void {
    this.next = next;
  }
}

/** Adds the access token; after a 401 gets a new one, once, since a token may be revoked before its time. */
class Authentication implements Middleware {
  private readonly tokens: TokenSource;
  private next: Middleware | undefined;

  constructor(tokens: TokenSource) {
    this.tokens = tokens;
  }

  async execute(context: Context): Promise<void> {
    const first = await this.send(context);
    if (context.response?.status !== 401) return;
    this.tokens.forget(first);
    await context.response.body?.cancel();
    await this.send(context);
  }

  setNext(next: Middleware): void {
    this.next = next;
  }

  private async send(context: Context): Promise<string> {
    const token = await this.tokens.token();
    const headers = {
      ...(context.options?.headers as Record<string, string>),
      authorization: `Bearer ${token}`,
    };
    context.options = { ...context.options, headers };
    await this.next?.execute(context);
    return token;
  }
}

/** Sends the request, to whom the connector trusts. */
class Send implements Middleware {
  private readonly trust: Trust;

  constructor(trust: Trust) {
    this.trust = trust;
  }

  async execute(context: Context): Promise<void> {
    context.response = await this.trust.fetch(context.request, context.options as RequestInit);
  }
}
