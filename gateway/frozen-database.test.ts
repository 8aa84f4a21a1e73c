/** A PostgreSQL of its own that is frozen (SIGSTOP), as by a stuck disk: it neither answers nor closes a connection. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type PostgresServer, provisionPostgres } from '../processes/postgres/server.ts';
import { StoreUnavailable } from '../store/database.ts';
import { packageRoot } from '../store/package-root.ts';
import { until } from '../test/support/stack.ts';
import { Health } from './health.ts';
import { away } from './problem.ts';
import { TestGateway } from './testing.ts';

const coordinator = 'c.kim@example.com';
const folder = join(packageRoot(), '.countersign', 'test', `frozen-database-${process.pid}`);

const hand = `runbook: by-hand
title: By hand
kind: other
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
steps:
  - id: desk
    title: Place the laptop
    task: { to: ${coordinator}, instructions: Place it., form: {} }
`;

let server: PostgresServer;

/** The server and the processes that it started, one a connection. */
function processes(): number[] {
  const { pid = 0 } = server;
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1]) === pid;
    } catch {
      return false;
    }
  });
  return [pid, ...children.map(Number)];
}

function signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of processes()) process.kill(pid, signal);
}
const freeze = () => signal('SIGSTOP');
const thaw = () => signal('SIGCONT');

describe('While PostgreSQL is frozen', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    server = await provisionPostgres({ dataFolder: folder, log: () => {} });
    gateway = await TestGateway.start({ database: server.url, runbooks: [hand] });
  }, 120_000);

  afterEach(() => thaw());

  afterAll(async () => {
    thaw();
    await gateway?.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const start = () => gateway.as(coordinator, 'POST', '/runs', { runbook: 'by-hand', inputs: {} });

  it('nothing is started that could not be listed, and the answer says that it was not', async () => {
    let asked = 0;
    const begin = gateway.runs.start.bind(gateway.runs);
    gateway.runs.start = (...given) => {
      asked += 1;
      return begin(...given);
    };
    freeze();
    const began = Date.now();
    const answer = await start();
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      title: 'The database is away',
      detail: expect.stringContaining('nothing is lost'),
    });
    expect(Date.now() - began).toBeLessThan(20_000);
    expect(asked).toBe(0);
    gateway.runs.start = begin;
  }, 60_000);

  it('a run that had started when it froze is answered for as started, and listed once it thaws', async () => {
    const begin = gateway.runs.start.bind(gateway.runs);
    gateway.runs.start = async (...given) => {
      const started = await begin(...given);
      freeze();
      return started;
    };
    const answer = await start();
    gateway.runs.start = begin;
    expect(answer.statusCode).toBe(201);
    const { id } = answer.json() as { id: string };
    thaw();
    await until('the run in the list', async () => {
      const { runs } = (await gateway.as(coordinator, 'GET', '/runs')).json() as { runs: { id: string }[] };
      return runs.some((run) => run.id === id) ? true : undefined;
    });
  }, 90_000);

  it('/health says that the database is away, it is logged once, and also that it is back', async () => {
    const health = async () => gateway.send({ method: 'GET', url: '/health' });
    expect((await health()).json()).toEqual({ status: 'ready' });
    freeze();
    for (const answer of [await health(), await health()]) {
      expect(answer.statusCode).toBe(503);
      expect(answer.json().detail).toBe('The database is away.');
    }
    thaw();
    await until('it to be healthy', async () => ((await health()).statusCode === 200 ? true : undefined));
    const said = gateway.log.filter((line) => /ealthy/.test(line));
    expect(said).toEqual([
      expect.stringContaining('Not healthy: The database cannot be reached'),
      'Healthy again.',
    ]);
  }, 60_000);
});

describe('/health', () => {
  it('writes, and says what is full and what is away, both where it is both', async () => {
    const lines: string[] = [];
    const health = new Health({
      store: {
        ping: () =>
          Promise.reject(
            new StoreUnavailable(Object.assign(new Error('could not extend file'), { code: '53100' })),
          ),
      },
      runs: { ping: () => Promise.reject(away('Temporal')) },
      log: (line) => lines.push(line),
    });
    await expect(health.check()).rejects.toMatchObject({
      status: 503,
      message: 'The database is full: make room where PostgreSQL keeps its data. Temporal is away.',
    });
    expect(lines).toEqual([expect.stringContaining('takes nothing more (could not extend file)')]);
  });
});
