/** For tests: an action of an invented service that answers by a function, and its attempts. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CompiledConnectors, compileConnectors } from '../../compiler/connectors/compile-connectors.ts';
import type { DeclaredConnector } from '../../plan/declared.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { type Activity, activitiesOf } from '../kit/activity.ts';
import { activityHost, testServices } from '../kit/testing.ts';
import { connectorOf } from './connector.ts';

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  body: Json | undefined;
}

/** A status, and a body in JSON if there is one. `undefined` closes the connection without an answer. */
export type Answering = (
  asked: Asked,
) => { status?: number; headers?: Record<string, string>; body?: Json } | undefined;

const connector = `connector: things
title: Things
settings:
  baseUrl: { type: string }
  token: { type: string, sensitive: true }
http:
  base: \${{ settings.baseUrl }}
  signIn: { bearer: "\${{ settings.token }}" }
  languages: { q: odata }
words: default(answer.body.?message, "")
types:
  thing: { id: integer, name: string, done: boolean, note: string? }
contract: { facts: Invented, trust: None }
`;

export class TestService {
  readonly asked: Asked[] = [];
  readonly url: string;
  private readonly server: Server;
  private answering: Answering = () => ({ body: {} });

  private constructor(server: Server, url: string) {
    this.server = server;
    this.url = url;
  }

  static async start(): Promise<TestService> {
    let own: TestService | undefined;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://service');
        const text = Buffer.concat(chunks).toString();
        const asked: Asked = {
          method: request.method ?? '',
          path: url.pathname,
          query: url.searchParams,
          headers: request.headers,
          body: text.startsWith('{') ? (JSON.parse(text) as Json) : text || undefined,
        };
        own?.asked.push(asked);
        const answer = own?.answering(asked);
        if (!answer) return request.socket.destroy();
        const { status = 200, headers = {}, body } = answer;
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        return response.end(body === undefined ? undefined : JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    own = new TestService(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return own;
  }

  answers(answering: Answering): void {
    this.asked.length = 0;
    this.answering = answering;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  /** Attempts of one action, `things.example`, whose YAML this is; what outlives a worker is kept between them. */
  attempts(yaml: string): Attempts {
    const compiled = compiledExample(yaml);
    const problems = compiled.diagnostics.map(({ line, message }) => `${line}: ${message}`);
    const [declared] = compiled.connectors;
    if (problems.length > 0 || !declared) throw new Error(problems.join('\n'));
    return attemptsWith(declared, { baseUrl: this.url, token: { $secret: 'token' } });
  }
}

/** Attempts of `things.example`, with what outlives a worker kept between them. */
export function attemptsWith(declared: DeclaredConnector, settings: JsonObject): Attempts {
  const kept = new Map<string, Json>();
  const services = {
    ...testServices({ things: settings }, { token: 'canary-token-1' }),
    firstLook: async (key: string, found: Json) => {
      if (!kept.has(key)) kept.set(key, found);
      return kept.get(key) as Json;
    },
    requests: {
      read: async (key: string) => kept.get(key),
      write: async (key: string, state: Json) => void kept.set(key, state),
    },
  };
  const activities = activitiesOf([connectorOf(declared)], services).things ?? {};
  return { kept, run: (input, step, attempt) => runOf(activities, input, step, attempt) };
}

export interface Attempts {
  kept: Map<string, Json>;
  run(input: JsonObject, step?: string, attempt?: number): Promise<JsonObject>;
}

async function runOf(
  activities: Record<string, Activity>,
  input: JsonObject,
  step = 'step',
  attempt = 1,
): Promise<JsonObject> {
  const host = activityHost({ activityType: 'things.example', attempt });
  const call = { run: 'run-1', runbook: 'test', step };
  return (await host.run(async () => activities['things.example']?.(input, call))) as JsonObject;
}

function compiledExample(yaml: string): CompiledConnectors {
  const files = [
    { path: 'connectors/things/connector.yaml', text: connector },
    {
      path: 'connectors/things/example.action.yaml',
      text: `action: things.example\ntitle: Example\n${yaml}`,
    },
  ];
  const source = { name: 'things', folder: 'connectors/things', files, read: () => undefined };
  return compileConnectors({ sources: [source], catalogue: new Map() });
}
