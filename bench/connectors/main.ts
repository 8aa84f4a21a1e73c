/**
 * What a declared action costs beside the same one in TypeScript: worker CPU a call, in one process, in turns, against a service in a process of
 * its own; and what the connectors cost whoever only compiles a runbook. Figures are medians over the turns.
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Type } from 'typebox';
import { KeptConnectors } from '../../activities/declared/compile-cache.ts';
import { connectorOf } from '../../activities/declared/connector.ts';
import { connectorSources, type DiskSource } from '../../activities/declared/folders.ts';
import { specPath } from '../../activities/declared/repository.ts';
import { AttemptClient } from '../../activities/kit/attempt-client.ts';
import { Caller } from '../../activities/kit/call.ts';
import { defineAction } from '../../activities/kit/define-action.ts';
import { type Connector, defineConnector } from '../../activities/kit/define-connector.ts';
import { ensure } from '../../activities/kit/ensure.ts';
import { HttpClient } from '../../activities/kit/http.ts';
import { testServices } from '../../activities/kit/testing.ts';
import { trustOf } from '../../activities/kit/trust.ts';
import { compileConnectors } from '../../compiler/connectors/compile-connectors.ts';
import type { Json } from '../../plan/plan.ts';
import { median, report } from '../report.ts';

/** Many and short, so that whatever else a machine does falls upon both alike. */
const turns = Number(process.env.BENCH_TURNS ?? 60);
const callsPerTurn = Number(process.env.BENCH_CALLS ?? 150);
/** Before any is counted: the processor's own compiler is then done with both. */
const turnsBefore = 6;
const here = dirname(fileURLToPath(import.meta.url));
const packageRoot = join(here, '..', '..', '..');

interface Ticket {
  id: number;
  status: string;
  priority: string;
  subject: string;
  tags: string[];
  group_id: number;
  updated_at: string;
}

const fresh: Omit<Ticket, 'id'> = {
  status: 'open',
  priority: 'normal',
  subject: 'A laptop',
  tags: ['a', 'b'],
  group_id: 12,
  updated_at: '2026-01-01T00:00:00Z',
};

/** Answers what is asked for, and keeps every change. */
function serve(): void {
  const statuses = new Map<string, string>();
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const path = request.url ?? '';
      if (request.method === 'PUT')
        statuses.set(path, (JSON.parse(text) as { ticket: Ticket }).ticket.status);
      const ticket: Ticket = {
        ...fresh,
        id: Number(path.split('/').at(-1)),
        status: statuses.get(path) ?? fresh.status,
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ticket }));
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
  process.on('disconnect', () => process.exit(0));
}

const yaml = `action: tickets.update
title: Change the status of a ticket
effect: write
input: { ticket: { type: integer }, status: { type: string } }
look:
  get: /tickets/\${{ input.ticket }}
  take: answer.body.ticket
  type: ticket
already: found.status == input.status
change:
  put: /tickets/\${{ input.ticket }}
  body: { ticket: { status: "\${{ input.status }}", stamp: "\${{ found.updated_at }}" } }
give:
  did: changed
  before: { value: found.status, description: The status before. }
`;
const connectorYaml = `connector: tickets
title: Tickets
settings: { baseUrl: { type: string }, token: { type: string, sensitive: true } }
http: { base: "\${{ settings.baseUrl }}", signIn: { bearer: "\${{ settings.token }}" } }
types:
  ticket: { id: integer, status: string, priority: string, subject: string, tags: "string[]", group_id: integer?, updated_at: string }
contract: { facts: Invented, trust: None }
`;

function declared(): Connector {
  const files = [
    { path: 'tickets/connector.yaml', text: connectorYaml },
    { path: 'tickets/update.action.yaml', text: yaml },
  ];
  const { connectors, diagnostics } = compileConnectors({
    sources: [{ name: 'tickets', folder: 'tickets', files, read: () => undefined }],
    catalogue: new Map(),
  });
  const [found] = connectors;
  if (!found || diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return connectorOf(found);
}

class TicketsClient extends AttemptClient {
  readonly http: HttpClient;
  constructor(settings: { baseUrl: string; token: string }) {
    super();
    this.http = new HttpClient({
      service: 'Tickets',
      setting: 'connectors.tickets.baseUrl',
      trust: trustOf('tickets', undefined),
      baseUrl: settings.baseUrl,
      headers: () => ({ authorization: `Bearer ${settings.token}` }),
    });
  }
}

const Input = Type.Object({ ticket: Type.Integer(), status: Type.String() }, { additionalProperties: false });
const Output = Type.Object({ changed: Type.Boolean(), before: Type.String() });

function programmed(): Connector {
  const look = async ({ ticket }: { ticket: number }, { client }: { client: TicketsClient }) => {
    const { body: answer } = await client.http
      .for(client.signal)
      .send({ method: 'GET', path: `/tickets/${ticket}` });
    return (answer as { ticket: Ticket }).ticket;
  };
  const update = defineAction<typeof Input, typeof Output, TicketsClient>({
    name: 'tickets.update',
    title: 'Change the status of a ticket',
    description: 'Changes the status of a ticket.',
    effect: 'write',
    source: 'Invented',
    input: Input,
    output: Output,
    examples: [],
    ...ensure<
      { ticket: number; status: string },
      TicketsClient,
      Ticket,
      { changed: boolean; before: string }
    >({
      look,
      need: look,
      isDone: ({ status }, input) => status === input.status,
      change: async (state, { ticket, status }, { client }) => {
        await client.http.for(client.signal).send({
          method: 'PUT',
          path: `/tickets/${ticket}`,
          body: { ticket: { status, stamp: state.updated_at } },
        });
      },
      output: ({ did, before }) => ({ changed: did, before: before.status }),
      words: { done: () => 'it is so', would: () => 'would change it' },
    }),
  });
  return defineConnector({
    name: 'tickets',
    title: 'Tickets',
    settings: Type.Object({ baseUrl: Type.String(), token: Type.String() }),
    sameSystem: [],
    connect: (settings) => new TicketsClient(settings),
    actions: [update],
    callsPerSecond: 1_000_000,
  });
}

/** None is changed twice. */
let ticketsSoFar = 1;

/** Milliseconds of CPU a call. */
async function costOf(connector: Connector, url: string, turn: number): Promise<number> {
  const kept = new Map<string, Json>();
  const services = {
    ...testServices({ tickets: { baseUrl: url, token: 'abcdefgh' } }),
    firstLook: async (key: string, found: Json) => kept.get(key) ?? (kept.set(key, found).get(key) as Json),
    requests: {
      read: async (key: string) => kept.get(key),
      write: async (key: string, state: Json) => void kept.set(key, state),
    },
  };
  const caller = new Caller({ ...connector, callsPerSecond: 1_000_000 }, services);
  const [action] = connector.actions;
  if (!action) throw new Error('no action');
  const before = process.cpuUsage();
  const first = ticketsSoFar;
  ticketsSoFar += callsPerTurn;
  for (let nth = 0; nth < callsPerTurn; nth++) {
    const call = { run: `run-${turn}-${nth}`, runbook: 'bench', step: 'update' };
    await caller.run(action, { ticket: first + nth, status: 'solved' }, call, {
      signal: new AbortController().signal,
      timeoutMs: 60_000,
    });
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / callsPerTurn;
}

/** Milliseconds to read what every command reads of them: their part of the catalogue, and the ticket systems. */
function addedToValidate(): number {
  const schemas = join(packageRoot, 'schemas');
  const catalogue = JSON.parse(readFileSync(join(schemas, 'actions.json'), 'utf8')) as {
    declared?: unknown;
  }[];
  const theirs = JSON.stringify(catalogue.filter(({ declared }) => declared !== undefined));
  const began = performance.now();
  JSON.parse(theirs);
  JSON.parse(readFileSync(join(schemas, 'ticket-systems.json'), 'utf8'));
  return performance.now() - began;
}

interface Compiling {
  ms: number;
  actions: number;
}

type Way = 'cold' | 'kept' | 'one';

/** As a repository that has all of them as its own would: each time in a new process, which has compiled nothing yet. */
function costsOfCompiling(): Record<Way, number> & { actions: number } {
  const folder = mkdtempSync(join(tmpdir(), 'bench-connectors-'));
  try {
    const once = (way: Way): Compiling =>
      JSON.parse(
        execFileSync(process.execPath, [fileURLToPath(import.meta.url), way, folder], { encoding: 'utf8' }),
      );
    const costs = { cold: [] as Compiling[], kept: [] as Compiling[], one: [] as Compiling[] };
    for (let turn = 0; turn < 5; turn++) costs.cold.push(once('cold'));
    for (let turn = 0; turn < 9; turn++)
      for (const way of ['kept', 'one'] as const) costs[way].push(once(way));
    const ms = (way: Way) => median(costs[way].map(({ ms }) => ms));
    return {
      cold: ms('cold'),
      kept: ms('kept'),
      one: ms('one'),
      actions: Math.min(...Object.values(costs).flatMap((each) => each.map(({ actions }) => actions))),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** CPU, since the wall's clock of a machine that is busy measures the others. */
function compileOnce(folder: string, way: Way): Compiling {
  const connectors = join(packageRoot, 'connectors');
  const began = process.cpuUsage();
  const shipped = connectorSources(connectors, specPath);
  const sources = way === 'one' ? oneChanged(shipped) : shipped;
  const kept = new KeptConnectors({ folder, build: 'bench' }, connectors, sources);
  const again = () => compileConnectors({ sources: kept.noted(), catalogue: new Map() });
  const known = way === 'cold' ? undefined : kept.read(() => again().connectors);
  const all = known ? [...known.connectors] : [];
  if (known && known.changed.length > 0) {
    const options = { sources: kept.noted(known.changed), catalogue: new Map(), beside: known.connectors };
    all.push(...compileConnectors(options).connectors);
  }
  const compiled = way === 'cold' ? again() : undefined;
  const { user, system } = process.cpuUsage(began);
  if (known?.changed.length !== { cold: undefined, kept: 0, one: 1 }[way])
    throw new Error('the cache has not what it should');
  if (compiled) kept.write(compiled.connectors, compiled.needs);
  return {
    ms: (user + system) / 1000,
    actions: [...all, ...(compiled?.connectors ?? [])].reduce(
      (sum, { descriptions }) => sum + descriptions.length,
      0,
    ),
  };
}

/** As after an edit of the connector that has the most actions. */
function oneChanged(sources: readonly DiskSource[]): DiskSource[] {
  const most = Math.max(...sources.map(({ files }) => files.length));
  const edited = sources.find(({ files }) => files.length === most);
  return sources.map((source) =>
    source === edited
      ? {
          ...source,
          placeOf: () => undefined,
          files: source.files.map(({ file, path, text }) => ({ file, path, text: `${text}# more\n` })),
        }
      : source,
  );
}

async function main(): Promise<void> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), ['service']);
  const [port] = (await once(child, 'message')) as [number];
  const url = `http://127.0.0.1:${port}`;
  const [data, code] = [declared(), programmed()];
  const costs = { data: [] as number[], code: [] as number[] };
  for (let turn = -turnsBefore; turn < 0; turn++) {
    await costOf(data, url, turn);
    await costOf(code, url, turn);
  }
  // By turns first and second, since whoever comes second finds the processor warm.
  for (let turn = 0; turn < turns; turn++) {
    const kinds = turn % 2 === 0 ? (['data', 'code'] as const) : (['code', 'data'] as const);
    for (const kind of kinds) costs[kind].push(await costOf(kind === 'data' ? data : code, url, turn));
  }
  child.disconnect();
  const [ofData, ofCode] = [median(costs.data), median(costs.code)];
  console.log(`declared ${ofData.toFixed(3)} ms of CPU a call, in TypeScript ${ofCode.toFixed(3)} ms`);
  const added = addedToValidate();
  const { cold, kept, one, actions } = costsOfCompiling();
  report('connectors', [
    {
      what: 'a declared action: worker CPU, against TypeScript',
      value: ofData / ofCode,
      unit: 'times',
      limit: 1.1,
      limitIs: 'at most',
    },
    {
      what: 'what all that ship add to `countersign validate`, as they are compiled',
      value: added,
      unit: 'ms',
      limit: 15,
      limitIs: 'at most',
    },
    {
      what: `all ${actions} as a repository’s own, from YAML, nothing kept (the first time, or another build): CPU of a new process`,
      value: cold,
      unit: 'ms',
      limit: 150,
      limitIs: 'at most',
    },
    {
      what: `all ${actions} as a repository’s own, kept and unchanged: CPU of a new process`,
      value: kept,
      unit: 'ms',
      limit: 15,
      limitIs: 'at most',
    },
    {
      what: 'the same after an edit of the largest of them: CPU of a new process',
      value: one,
      unit: 'ms',
      limit: 300,
      limitIs: 'at most',
    },
  ]);
}

const [, , what, folder = ''] = process.argv;
if (what === 'service') serve();
else if (what === 'cold' || what === 'kept' || what === 'one')
  console.log(JSON.stringify(compileOnce(folder, what)));
else await main();
