/**
 * Recorded exchanges: `exchanges/*.http` of a connector. Each plays the answers of the service in turn, and holds the requests of the
 * action to those that were recorded. `{{key}}` stands for the step's key.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DeclaredService } from '../../plan/declared.ts';
import { errorText } from '../../plan/error-text.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';

export interface Exchange {
  method: string;
  /** With its query. */
  path: string;
  body: Json | undefined;
  status: number;
  headers: Record<string, string>;
  answer: string;
}

export interface Recording {
  action: string;
  input: JsonObject;
  /** What the action gives; undefined where the recording does not say. */
  gives: JsonObject | undefined;
  exchanges: Exchange[];
}

/** Throws, saying what is wrong, when the text is no recording. */
export function parseRecording(text: string): Recording {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const about = (name: string) =>
    lines
      .find((line) => line.startsWith(`# ${name}:`))
      ?.slice(name.length + 3)
      .trim();
  const action = about('action');
  if (!action) throw new Error('it does not name its action: write `# action: NAME` at its top');
  const blocks = lines
    .filter((line) => !/^# \w+:/.test(line))
    .join('\n')
    .split(/^###.*$/m)
    .map((block) => block.trim())
    .filter(Boolean);
  return {
    action,
    input: JSON.parse(about('input') ?? '{}') as JsonObject,
    gives: about('gives') === undefined ? undefined : (JSON.parse(about('gives') ?? '{}') as JsonObject),
    exchanges: blocks.map(parseExchange),
  };
}

function parseExchange(block: string): Exchange {
  const at = block.search(/^HTTP\/[\d.]+ \d{3}/m);
  const [, method = '', path = ''] = /^([A-Z]+) (\S+)/.exec(block) ?? [];
  if (at === -1 || !method)
    throw new Error(`an exchange is \`METHOD /path\`, and then \`HTTP/1.1 STATUS\`: ${block.slice(0, 60)}`);
  const request = parts(block.slice(0, at));
  const answer = parts(block.slice(at));
  const status = Number(/^HTTP\/[\d.]+ (\d{3})/.exec(block.slice(at))?.[1]);
  return { method, path, body: jsonOr(request.body), status, headers: answer.headers, answer: answer.body };
}

function parts(text: string): { headers: Record<string, string>; body: string } {
  const [head = '', ...rest] = text.split('\n\n');
  const headers = head
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      return colon === -1
        ? []
        : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const];
    });
  return { headers: Object.fromEntries(headers), body: rest.join('\n\n').trim() };
}

function jsonOr(text: string): Json | undefined {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** A service that answers as was recorded, and remembers what was otherwise. */
export class RecordedService {
  readonly problems: string[] = [];
  private readonly rest: Exchange[];
  private readonly key: string;
  private readonly server: Server;

  private constructor({ exchanges }: Recording, key: string, service: DeclaredService) {
    this.rest = [...exchanges];
    this.key = key;
    this.server = createServer((request, response) => {
      void this.answered(request, service).then(
        ({ status, headers, answer }) => {
          const { 'content-length': _, 'transfer-encoding': __, 'content-encoding': ___, ...kept } = headers;
          response.writeHead(status, { 'content-type': 'application/json', ...kept }).end(answer);
        },
        (error: unknown) => response.writeHead(500).end(errorText(error)),
      );
    });
  }

  static async start(recording: Recording, key: string, service: DeclaredService): Promise<RecordedService> {
    const made = new RecordedService(recording, key, service);
    await new Promise<void>((resolve) => made.server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Also says what was recorded and never asked. */
  async close(): Promise<string[]> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    const left = this.rest.map(({ method, path }) => `${method} ${path} was recorded, and not sent.`);
    return [...this.problems, ...left];
  }

  private async answered(
    request: IncomingMessage,
    service: DeclaredService,
  ): Promise<Pick<Exchange, 'status' | 'headers' | 'answer'>> {
    const { method = '', url = '' } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (
      service.http?.signIn.by === 'oauth2' &&
      this.rest[0]?.path !== url &&
      /grant_type=client_credentials/.test(Buffer.concat(chunks).toString())
    )
      return { status: 200, headers: {}, answer: '{"access_token":"recorded","expires_in":3600}' };
    const next = this.rest.shift();
    const sent = Buffer.concat(chunks).toString().replaceAll(this.key, '{{key}}');
    const path = decodeURIComponent(url).replaceAll(this.key, '{{key}}').replaceAll('+', ' ');
    const wanted = next && decodeURIComponent(next.path).replaceAll('+', ' ');
    if (!next || next.method !== method || wanted !== path) {
      this.problems.push(
        `${method} ${path} was sent${next ? `, and ${next.method} ${wanted} was recorded` : ', and nothing more was recorded'}.`,
      );
      return { status: 501, headers: {}, answer: '{}' };
    }
    const body = jsonOr(sent);
    if (next.body !== undefined && JSON.stringify(sorted(body)) !== JSON.stringify(sorted(next.body)))
      this.problems.push(
        `${method} ${path} sent ${JSON.stringify(body)}, and ${JSON.stringify(next.body)} was recorded.`,
      );
    return { ...next, answer: next.answer.replaceAll('{{key}}', this.key).replaceAll('{{url}}', this.url) };
  }
}

function sorted(value: Json | undefined): Json {
  if (value === undefined || value === null || typeof value !== 'object') return value ?? null;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

/** Settings that lead to the recorded service. */
export function settingsFor(service: DeclaredService, url: string): JsonObject {
  const properties = (service.settings.properties ?? {}) as Record<string, JsonObject>;
  const inBase = JSON.stringify(service.http?.base ?? '');
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => name !== 'ca')
      .map(([name, schema]): [string, Json] => {
        if (inBase.includes(`settings.${name}`)) return [name, url];
        if (Array.isArray(schema.enum)) return [name, schema.enum[0] ?? ''];
        if (schema.type === 'integer' || schema.type === 'number') return [name, 1];
        return [name, schema.type === 'boolean' ? true : `recorded-${name}`];
      }),
  );
}
