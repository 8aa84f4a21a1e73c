/**
 * A whole stack as its own command line starts it, of this version or of an earlier one: driven by its webhooks and its API alone, looked
 * at in its database, and its processes counted from outside.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../processes/local-server.ts';
import { cpuMsOf, processes, under } from './cpu.ts';
import { coordinator, manager } from './repository.ts';

export interface Delivery {
  key: string;
  headers: Record<string, string>;
  body: string;
}

export interface StandOptions {
  name: string;
  /** Of the package whose programs are started. */
  root: string;
  /** Of the runbooks. */
  repository: string;
  dataFolder: string;
  environment?: Record<string, string>;
}

export interface RunState {
  id: string;
  key: string;
  status: string;
  ended: boolean;
  waits: boolean;
}

/** What PostgreSQL counted since it was made. */
export interface Written {
  rows: number;
  commits: number;
  walBytes: number;
}

interface StackFile {
  gateway: string;
  temporal: string;
  namespace: string;
  sandbox: string;
}

export const webhookSecret = 'bench-webhook-secret';
const startLimitMs = 120_000;
/** Lines that the core of Temporal's SDK writes for what went wrong: an instant, then ERROR. */
const errorLine = /^\S*\s*\S*\d{4}-\d\d-\d\dT\S+\s+(?:\[?ERROR\]?)\s/;

export class Stand {
  readonly name: string;
  readonly options: StandOptions;
  readonly stack: StackFile;
  readonly log: string[];
  private readonly child: ChildProcess;
  private readonly pool: pg.Pool;
  private readonly token: string;

  private constructor(options: StandOptions, child: ChildProcess, stack: StackFile, log: string[]) {
    this.name = options.name;
    this.options = options;
    this.child = child;
    this.stack = stack;
    this.log = log;
    const { port, password } = JSON.parse(
      readFileSync(join(options.dataFolder, 'postgres', 'server.json'), 'utf8'),
    ) as { port: number; password: string };
    const connectionString = `postgres://countersign:${password}@127.0.0.1:${port}/countersign`;
    this.pool = new pg.Pool({ connectionString, max: 1 });
    this.token = readFileSync(join(options.dataFolder, 'local-token'), 'utf8').trim();
  }

  static async start(options: StandOptions): Promise<Stand> {
    const { root, repository, dataFolder } = options;
    mkdirSync(dataFolder, { recursive: true });
    const log: string[] = [];
    const port = await freePort();
    const child = spawn(
      process.execPath,
      [join(root, 'dist', 'cli', 'main.js'), 'dev', '--data', dataFolder, '--port', String(port)],
      {
        cwd: repository,
        env: {
          ...process.env,
          JIRA_WEBHOOK_SECRET: webhookSecret,
          COUNTERSIGN_LOG: 'text',
          ...options.environment,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => log.push(...chunk.toString().split('\n').filter(Boolean)));
    const end = Date.now() + startLimitMs;
    while (Date.now() < end && child.exitCode === null) {
      try {
        const text = readFileSync(join(dataFolder, 'stack.json'), 'utf8');
        return new Stand(options, child, JSON.parse(text) as StackFile, log);
      } catch {
        await pause(200);
      }
    }
    child.kill('SIGTERM');
    throw new Error(`${options.name} did not start:\n${log.slice(-20).join('\n')}`);
  }

  async stop(): Promise<void> {
    await this.pool.end();
    if (this.child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await gone;
  }

  /** Of the parts that carry runs; the stand-ins and their supervisor are the bench's own. */
  cpuMs(parts: readonly ('temporal' | 'postgres' | 'worker' | 'gateway')[]): number {
    return cpuMsOf(parts.flatMap((part) => this.processesOf(part)));
  }

  processesOf(part: string): number[] {
    const scripts = [`/${part}/process.js`, `/${part}-process.js`];
    return under(this.child.pid ?? 0, processes())
      .filter(({ command }) => scripts.some((script) => command.includes(script)))
      .map(({ pid }) => pid);
  }

  get errorLines(): string[] {
    return this.log.filter((line) => errorLine.test(line.replace(ansi, '')));
  }

  /** Tickets that were moved to Approved, and the deliveries that tell of it. */
  async tickets(names: readonly string[], form: (name: string) => object): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    await inLanes(names, 8, async (name) => {
      const { key } = await this.sandbox<{ key: string }>('/_sandbox/jira/issues', form(name));
      const move = { key, to: 'Approved', secret: webhookSecret };
      const { headers, body } = await this.sandbox<Omit<Delivery, 'key'>>('/_sandbox/jira/move', move);
      deliveries.push({ key, headers, body });
    });
    return deliveries;
  }

  get hook(): string {
    return `${this.stack.gateway}/hooks/jira`;
  }

  /** Of the runs of these tickets. */
  async runs(keys: ReadonlySet<string>): Promise<RunState[]> {
    const { rows } = await this.pool.query(
      `select r.id, r.ticket->>'key' as key, r.status, r.ended_at is not null as ended,
              exists (select 1 from waiting w where w.run_id = r.id and w.step = 'signoff' and w.assignee <> '') as waits
       from runs r where r.ticket->>'key' = any($1)`,
      [[...keys]],
    );
    return rows as RunState[];
  }

  async vote(run: string): Promise<number> {
    const gate = `/runs/${run}/steps/signoff`;
    const { hash } = await this.opened(gate);
    const began = performance.now();
    await this.api('POST', `${gate}/vote`, { decision: 'approve', hash });
    return performance.now() - began;
  }

  /** Without a hash its people are still being asked. */
  private async opened(gate: string): Promise<{ hash: string }> {
    for (;;) {
      const shown = await this.api<{ hash: string }>('GET', `${gate}/gate`);
      if (shown.hash) return shown;
      await pause(100);
    }
  }

  async written(): Promise<Written> {
    // Its statistics are told after a moment.
    await pause(1_500);
    const { rows } = await this.pool.query(
      `select (select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables) as rows, xact_commit as commits,
              pg_current_wal_lsn() - '0/0' as wal from pg_stat_database where datname = current_database()`,
    );
    const [row] = rows as Record<string, string>[];
    return { rows: Number(row?.rows), commits: Number(row?.commits), walBytes: Number(row?.wal) };
  }

  private async sandbox<T>(path: string, body: object): Promise<T> {
    const response = await fetch(`${this.stack.sandbox}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`the stand-ins answered ${response.status} to ${path}`);
    return (await response.json()) as T;
  }

  private async api<T>(method: string, path: string, body?: object): Promise<T> {
    const as = path.includes('/steps/') ? manager : coordinator;
    const response = await fetch(`${this.stack.gateway}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        'x-countersign-as': as,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`the gateway answered ${response.status} to ${method} ${path}: ${text}`);
    return JSON.parse(text) as T;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
const ansi = /\u001b\[[0-9;]*m/g;

export async function inLanes<T>(
  all: readonly T[],
  lanes: number,
  work: (each: T) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < all.length) {
      const each = all[next] as T;
      next += 1;
      await work(each);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
