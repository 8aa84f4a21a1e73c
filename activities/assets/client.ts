/** Snipe-IT's REST API. Most of its refusals come with the status 200 and `status: error` in the body. */

import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { notItsOwn } from '../kit/answers.ts';
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { HttpClient, type HttpRequest, secureBaseUrl } from '../kit/http.ts';
import { caSetting, trustOf } from '../kit/trust.ts';

export const AssetsSettings = Type.Object(
  {
    baseUrl: Type.String({
      minLength: 1,
      description: 'Address of Snipe-IT, such as https://assets.example.com.',
    }),
    apiToken: Type.String({ minLength: 1, description: 'A personal access token of its API.' }),
    ...caSetting,
  },
  { additionalProperties: false },
);

/** Rows of a page. Snipe-IT gives at most 500, whatever one asks for. */
const pageSize = 100;

export interface Page<Row> {
  total: number;
  rows: Row[];
}

interface Envelope {
  status?: unknown;
  messages?: unknown;
  payload?: unknown;
  error?: unknown;
  message?: unknown;
}

export class AssetsClient extends AttemptClient {
  private readonly http: HttpClient;

  constructor({ baseUrl, apiToken, ca }: Static<typeof AssetsSettings>) {
    super();
    this.http = new HttpClient({
      service: 'Snipe-IT',
      setting: 'connectors.assets.baseUrl',
      trust: trustOf('assets', ca),
      baseUrl: `${secureBaseUrl('connectors.assets.baseUrl', baseUrl)}/api/v1`,
      headers: () => ({ authorization: `Bearer ${apiToken}` }),
      wordsOf: snipeItWords,
    });
  }

  /** Undefined when Snipe-IT says that there is none. */
  async find<Answer>(path: string): Promise<Answer | undefined> {
    const answer = await this.http.for(this.signal).send({ method: 'GET', path, expect: [404] });
    const { status } = answer;
    const body = unescaped(answer.body);
    if (status === 404 || isRefusal(body)) {
      if (status === 404 || /not (exist|found)/i.test(snipeItWords(body) ?? '')) return undefined;
      throw refusal(body);
    }
    return body as Answer;
  }

  /** Every row of every page. */
  async list<Row>(path: string, query: Record<string, string>): Promise<Row[]> {
    const rows: Row[] = [];
    for (;;) {
      const page = await this.read<Page<Row>>(path, { ...query, limit: pageSize, offset: rows.length });
      if (!Array.isArray(page.rows)) throw notItsOwn('Snipe-IT', 200, page, 'connectors.assets.baseUrl');
      rows.push(...page.rows);
      if (page.rows.length === 0 || rows.length >= page.total) return rows;
    }
  }

  /** That Snipe-IT answers to this token with a list. */
  async check(): Promise<void> {
    const page = await this.read<Page<unknown>>('/hardware', { limit: 1 });
    if (!Array.isArray(page.rows)) throw notItsOwn('Snipe-IT', 200, page, 'connectors.assets.baseUrl');
  }

  /** A change. Gives the payload of what Snipe-IT says it did. */
  async write<Payload>(path: string, body: Record<string, unknown>): Promise<Payload> {
    return (await this.asked<Envelope>({ method: 'POST', path, body })).payload as Payload;
  }

  private read<Answer>(path: string, query: HttpRequest['query']): Promise<Answer> {
    return this.asked<Answer>({ method: 'GET', path, ...defined({ query }) });
  }

  private async asked<Answer>(request: HttpRequest): Promise<Answer> {
    const body = unescaped((await this.http.for(this.signal).send(request)).body);
    if (isRefusal(body)) throw refusal(body);
    return body as Answer;
  }
}

/** Snipe-IT escapes what its users wrote for the web pages that show it, in its API too. */
function unescaped(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replace(/&(amp|lt|gt|quot|#0?39);/g, (name) => characters[name] ?? name);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(unescaped);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unescaped(item)]));
}

const characters: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#039;': "'",
};

function isRefusal(body: unknown): boolean {
  return (body as Envelope | undefined)?.status === 'error';
}

function refusal(body: unknown): PermanentFailure {
  return new PermanentFailure(`Snipe-IT refused it: ${snipeItWords(body) ?? 'it gave no reason.'}`);
}

/** `messages` is a text, or a list of texts for each field. */
function snipeItWords(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { messages, error, message } = body as Envelope;
  if (typeof messages === 'string') return messages;
  if (typeof messages === 'object' && messages !== null) return Object.values(messages).flat().join(' ');
  return [error, message].find((words) => typeof words === 'string');
}
