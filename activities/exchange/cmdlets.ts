/**
 * Exchange's PowerShell commands over HTTP, called the way Microsoft's ExchangeOnlineManagement module calls them. That
 * is no documented contract: all that is known of it is in this file, so that a change of Microsoft's is met here alone.
 */
import { notItsOwn } from '../kit/answers.ts';
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { GraphSettings } from '../kit/graph/settings.ts';
import { TokenSource } from '../kit/graph/token.ts';
import { failureOfStatus, type HttpAnswer, HttpClient, secureBaseUrl } from '../kit/http.ts';
import { trustOf } from '../kit/trust.ts';

const service = 'Exchange';
/** Commands such as converting or searching a mailbox take their time. */
const timeoutMs = 100_000;
/** That there is no such thing comes with any of these, so that only the words tell it from the rest. */
const maybeNotFound = [400, 404, 500];

/** What the reference page of an action says of where it comes from. */
export function sourceOf(...cmdlets: string[]): string {
  return `Exchange Online PowerShell: ${cmdlets.join(', ')}. Called as the official module calls them, which is not a documented contract`;
}

export interface CmdletOptions {
  /** Sign-in name of the mailbox that it is about: Exchange routes the request to where that mailbox is. */
  mailbox: string;
  /** The properties that are wanted; all unless said. */
  select?: readonly string[];
}

export type Parameters = Record<string, string | number | boolean | null | readonly string[]>;

export class Cmdlets extends AttemptClient {
  private readonly http: HttpClient;
  private readonly tokens: TokenSource;
  private readonly baseUrl: string;
  private readonly path: string;
  private readonly connector: string;

  constructor(connector: string, settings: GraphSettings, exchangeUrl = 'https://outlook.office365.com') {
    super();
    this.connector = connector;
    this.baseUrl = secureBaseUrl(`connectors.${connector}.exchangeUrl`, exchangeUrl);
    this.path = `/adminapi/beta/${encodeURIComponent(settings.tenant)}/InvokeCommand`;
    // The scope names the service and not where it is reached.
    this.tokens = new TokenSource(connector, settings, 'https://outlook.office365.com/.default');
    this.http = new HttpClient({
      service,
      baseUrl: this.baseUrl,
      setting: `connectors.${connector}.exchangeUrl`,
      trust: trustOf(connector, settings.ca),
      isOwn: (body) => 'value' in body || '@odata.context' in body,
      headers: async () => ({ authorization: `Bearer ${await this.tokens.token()}` }),
      wordsOf: (body) => refusalIn(body).words,
      requestIdHeader: 'request-id',
      timeoutMs,
    });
  }

  /** Everything that a command puts out, following its pages to the end. */
  async invoke<T>(name: string, parameters: Parameters, options: CmdletOptions): Promise<T[]> {
    const { rows, failure } = await this.all<T>(name, parameters, options);
    if (failure) throw failure;
    return rows;
  }

  /** The first that a command puts out, or undefined when there is no such thing. */
  async find<T>(name: string, parameters: Parameters, options: CmdletOptions): Promise<T | undefined> {
    const { rows, failure, notFound } = await this.all<T>(name, parameters, options);
    if (failure && !notFound) throw failure;
    return rows[0];
  }

  private async all<T>(name: string, parameters: Parameters, options: CmdletOptions): Promise<Outcome<T>> {
    const rows: T[] = [];
    const body = { CmdletInput: { CmdletName: name, Parameters: parameters } };
    const $select = options.select?.join(',');
    let answer = await this.post(this.path, { $select }, body, options);
    for (;;) {
      if (answer.status >= 400) return { rows: [], ...refusalOf(answer) };
      const page = answer.body as Page<T> | undefined;
      if (!page)
        throw notItsOwn(
          service,
          answer.status,
          page,
          `connectors.${this.connector}.exchangeUrl in countersign.yaml`,
        );
      rows.push(...(page.value ?? []));
      const next = page['@odata.nextLink'];
      if (!next) return { rows };
      answer = await this.post(this.ownPath(next), {}, body, options);
    }
  }

  private async post(
    path: string,
    query: Record<string, string | undefined>,
    body: unknown,
    { mailbox }: CmdletOptions,
  ): Promise<HttpAnswer> {
    const headers = { 'x-anchormailbox': `UPN:${mailbox}`, prefer: 'odata.maxpagesize=1000' };
    const request = { method: 'POST', path, query, headers, body } as const;
    const answer = await this.http.for(this.signal).send({ ...request, expect: [...maybeNotFound, 401] });
    if (answer.status !== 401) return answer;
    // A token may be revoked before its time: once more, with a new one.
    this.tokens.forget(await this.tokens.token());
    return this.http.for(this.signal).send({ ...request, expect: maybeNotFound });
  }

  /** A next page must be on the same service: our token goes with the request. */
  private ownPath(link: string): string {
    if (link.startsWith(`${this.baseUrl}/`)) return link.slice(this.baseUrl.length);
    throw new PermanentFailure(
      `${service} sent us on to a page at ${new URL(link).host}, which is not ${new URL(this.baseUrl).host}. Check connectors.${this.connector}.exchangeUrl.`,
    );
  }
}

interface Outcome<T> {
  rows: T[];
  failure?: Error;
  notFound?: boolean;
}

interface Page<T> {
  value?: T[];
  '@odata.nextLink'?: string;
}

interface ErrorBody {
  error?: { message?: string; details?: { message?: string }[] };
}

/** Exchange says `Ex6F9304|Microsoft.Exchange.….ManagementObjectNotFoundException|The operation couldn't …`. */
function refusalIn(body: unknown): { words?: string; type: string } {
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as ErrorBody;
  const said = error?.details?.[0]?.message ?? error?.message;
  if (!said) return { type: '' };
  const parts = said.split('|');
  return {
    words: parts.slice(parts.length > 2 ? 2 : 0).join('|'),
    type: parts.length > 2 ? (parts[1] ?? '') : '',
  };
}

function refusalOf({ status, headers, body }: HttpAnswer): Omit<Outcome<never>, 'rows'> {
  const { words, type } = refusalIn(body);
  const requestId = headers.get('request-id') ?? undefined;
  return {
    failure: failureOfStatus({ service, status, headers, words, requestId }),
    notFound: /ManagementObjectNotFoundException$/.test(type),
  };
}
