/** The whole of Countersign for a test: every part a real process, in a data folder of its own. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Stage, type StageOptions } from '../../cli/demo/stage.ts';
import { type Stack, startStack } from '../../cli/dev/stack.ts';
import { freePort } from '../../processes/local-server.ts';
import type { Effect } from '../../sandbox/effects.ts';
import type { Fault } from '../../sandbox/faults.ts';
import type { JiraDelivery } from '../../sandbox/jira/delivery.ts';
import type { Form, NewHire } from '../../sandbox/jira/forms.ts';
import type { Mail } from '../../sandbox/smtp/server.ts';
import { packageRoot } from '../../store/package-root.ts';
import type { RunRow } from '../../store/runs.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import type { Gate, RunView } from '../../workflows/messages.ts';

export const webhookSecret = 'test-webhook-secret';
export const manager = 'dana.reyes@example.com';
export const coordinator = 'kim.okafor@example.com';
/** For a delivery: whoever sends it would rather hear what became of it than be answered when it is kept. */
export const waiting = { prefer: 'wait=30' };

export interface Answer<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

export interface HookAnswer {
  outcome?: string;
  run?: string;
  reason?: string;
  delivery?: string;
  detail?: string;
}

export type ShownRun = RunRow & { live?: RunView };

export interface TestStackOptions {
  latencyMs?: number;
  /** Holds another countersign.yaml and its runbooks/, instead of the repository's. */
  folder?: string;
  /** Settings of connectors that act on real servers beside the stand-ins. */
  beside?: Record<string, object>;
  /** Makes another configuration than the repository's, in the data folder; gives its path. */
  configuration?: (dataFolder: string) => string;
}

export class TestStack {
  readonly stack: Stack;
  readonly dataFolder: string;
  readonly log: string[];
  private token = '';

  private constructor(stack: Stack, dataFolder: string, log: string[]) {
    this.stack = stack;
    this.dataFolder = dataFolder;
    this.log = log;
  }

  static async start(name: string, options: TestStackOptions = {}): Promise<TestStack> {
    const root = packageRoot();
    const { folder = root } = options;
    if (!existsSync(join(root, 'dist', 'worker', 'process.js'))) {
      throw new Error('The programs are not built. Run `npm run build`, or the whole of `npm test`.');
    }
    const dataFolder = join(root, '.countersign', 'test', `${name}-${process.pid}`);
    rmSync(dataFolder, { recursive: true, force: true });
    mkdirSync(dataFolder, { recursive: true });
    const log: string[] = [];
    const stack = await startStack({
      dataFolder,
      runbooks: join(folder, 'runbooks'),
      configuration: options.configuration?.(dataFolder) ?? join(folder, 'countersign.yaml'),
      ...(options.latencyMs ? { sandboxLatencyMs: options.latencyMs } : {}),
      ...(options.beside ? { beside: options.beside } : {}),
      environment: {
        JIRA_WEBHOOK_SECRET: webhookSecret,
        SERVICENOW_WEBHOOK_SECRET: webhookSecret,
        // Its own, so that the gateway is found at the same place after it was killed.
        COUNTERSIGN_PORT: String(await freePort()),
      },
      log: (part, line) => log.push(`${part} ${line}`),
    });
    return new TestStack(stack, dataFolder, log);
  }

  async stop(): Promise<void> {
    await this.stack.stop();
    rmSync(this.dataFolder, { recursive: true, force: true });
  }

  /** Where the scenarios of the demo act. */
  stage(more: Pick<StageOptions, 'tryForMs'> = {}): Stage {
    return new Stage({
      gateway: () => this.stack.addresses.gateway,
      sandbox: () => this.stack.addresses.sandbox ?? '',
      token: async () => (await readFile(join(this.dataFolder, 'local-token'), 'utf8')).trim(),
      webhookSecret,
      ...more,
    });
  }

  /** A ticket as one of Jira's forms makes it, waiting for approval. */
  async ticket(form: Form): Promise<string> {
    return (await this.sandbox<{ key: string }>('POST', '/_sandbox/jira/issues', form)).key;
  }

  /** Somebody moves the ticket in Jira. Gives the delivery that Jira would send. */
  moved(key: string, to = 'Approved'): Promise<JiraDelivery> {
    return this.sandbox<JiraDelivery>('POST', '/_sandbox/jira/move', { key, to, secret: webhookSecret });
  }

  /** Somebody changes fields of the ticket in Jira. */
  edited(key: string, fields: Record<string, unknown>): Promise<JiraDelivery> {
    return this.sandbox<JiraDelivery>('POST', '/_sandbox/jira/edit', { key, fields, secret: webhookSecret });
  }

  /** Somebody moves the ticket to another project in Jira, where it gets another key. */
  movedTo(key: string, project: string): Promise<JiraDelivery> {
    return this.sandbox<JiraDelivery>('POST', '/_sandbox/jira/project', {
      key,
      project,
      secret: webhookSecret,
    });
  }

  deleted(key: string): Promise<JiraDelivery> {
    return this.sandbox<JiraDelivery>('POST', '/_sandbox/jira/delete', { key, secret: webhookSecret });
  }

  /** Waits for what becomes of it, unless told not to. */
  async deliver(delivery: JiraDelivery, more: Record<string, string> = waiting): Promise<Answer<HookAnswer>> {
    const headers = { ...delivery.headers, ...more };
    const { body } = delivery;
    return answerOf(
      await fetch(`${this.stack.addresses.gateway}/hooks/jira`, { method: 'POST', headers, body }),
    );
  }

  /** From a new ticket to a started run. */
  async startRun(hire: NewHire): Promise<{ run: string; key: string }> {
    const key = await this.ticket(hire);
    const { body } = await this.deliver(await this.moved(key));
    if (!body.run) throw new Error(`no run was started: ${JSON.stringify(body)}`);
    return { run: body.run, key };
  }

  async api<T = Record<string, unknown>>(
    as: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    this.token ||= (await readFile(join(this.dataFolder, 'local-token'), 'utf8')).trim();
    return answerOf<T>(
      await fetch(`${this.stack.addresses.gateway}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          'x-countersign-as': as,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  }

  async run(id: string): Promise<ShownRun> {
    return (await this.api<ShownRun>(coordinator, 'GET', `/runs/${id}`)).body;
  }

  async journal(id: string): Promise<JournalEntry[]> {
    return (await this.api<{ entries: JournalEntry[] }>(coordinator, 'GET', `/runs/${id}/journal`)).body
      .entries;
  }

  gate(id: string, step = 'signoff'): Promise<Gate> {
    return until(`gate ${step} of ${id}`, async () => {
      const { status, body } = await this.api<Gate>(coordinator, 'GET', `/runs/${id}/steps/${step}/gate`);
      // Without a hash its people are being asked anew, and nobody can sign yet.
      return status === 200 && body.hash !== '' ? body : undefined;
    });
  }

  async vote(id: string, as: string, decision = 'approve', step = 'signoff'): Promise<Answer> {
    const { hash } = await this.gate(id, step);
    return this.api(as, 'POST', `/runs/${id}/steps/${step}/vote`, { decision, hash });
  }

  /** Waits until the run has one of the statuses. */
  waitFor(id: string, statuses: string[], limitMs = 60_000): Promise<ShownRun> {
    return until(
      `run ${id} to be ${statuses.join(' or ')}`,
      async () => {
        const { status, body } = await this.api<ShownRun>(coordinator, 'GET', `/runs/${id}`);
        return status === 200 && statuses.includes(body.status) ? body : undefined;
      },
      limitMs,
    );
  }

  effects(filter: { system?: string; effect?: string; subject?: string }): Promise<Effect[]> {
    return this.sandbox('GET', `/_sandbox/effects?${new URLSearchParams(filter)}`);
  }

  get gateway(): string {
    return this.stack.addresses.gateway;
  }

  /** What each stand-in holds, by its name. */
  states(): Promise<Record<string, object>> {
    return this.sandbox('GET', '/_sandbox/state');
  }

  mails(): Promise<Mail[]> {
    return this.sandbox('GET', '/_sandbox/mails');
  }

  async fault(fault: Fault): Promise<void> {
    await this.sandbox('POST', '/_sandbox/faults', fault);
  }

  async noFaults(): Promise<void> {
    await this.sandbox('DELETE', '/_sandbox/faults');
  }

  private async sandbox<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.stack.addresses.sandbox}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`the sandbox answered ${response.status} to ${path}`);
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

/** Counts what a run did for one new hire, as the sandbox saw it. */
export async function effectsOf(
  stack: TestStack,
  account: string,
  key: string,
): Promise<Record<string, number>> {
  const count = async (filter: Parameters<TestStack['effects']>[0]) => (await stack.effects(filter)).length;
  const mails = (await stack.mails()).filter(
    (mail) => mail.text.includes(account) && !mail.subject.startsWith('Please sign'),
  );
  const moves = await stack.effects({ effect: 'issue.transitioned', subject: key });
  return {
    users: await count({ effect: 'user.created', subject: account }),
    licences: await count({ effect: 'license.assigned', subject: account }),
    memberships: await count({ effect: 'member.added', subject: account }),
    mails: mails.length,
    comments: await count({ effect: 'comment.added', subject: key }),
    closings: moves.filter((move) => move.detail?.to === 'Done').length,
  };
}

export const onceEach = { users: 1, licences: 1, memberships: 3, mails: 1, comments: 1, closings: 1 };

export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  limitMs = 30_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited ${limitMs / 1000} s in vain for ${what}${last ? ` (${String(last)})` : ''}`);
}

async function answerOf<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : {}) as T };
}
