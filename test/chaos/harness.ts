/**
 * The four procedures and a crowd of new hires at once, some of them called off or changed on the way, while parts of the stack are
 * killed at random moments. Afterwards everything is compared: what people see, what Temporal says, what the stand-ins count.
 */

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { openWindows } from '../../cli/demo/configuration.ts';
import { accompany } from '../../cli/demo/people.ts';
import { countOf } from '../../cli/demo/play.ts';
import { scenarios } from '../../cli/demo/scenarios/index.ts';
import type { Scenario } from '../../cli/demo/scenarios/scenario.ts';
import type { Stage } from '../../cli/demo/stage.ts';
import type { Verdict } from '../../store/audit/verify.ts';
import type { Delivery } from '../../store/deliveries.ts';
import { packageRoot } from '../../store/package-root.ts';
import type { RunRow } from '../../store/runs.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { dataConverter } from '../../vault/payloads.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import { coordinator, effectsOf, manager, onceEach, type ShownRun, TestStack } from '../support/stack.ts';

export type Victim = 'worker' | 'gateway' | 'temporal' | 'postgres';

export interface Chaos {
  name: string;
  /** Repeats who is killed when, and what is told to whom. */
  random: () => number;
  kills: number;
  victims: readonly Victim[];
  /** Whether the four procedures are played too; otherwise new hires alone. */
  procedures: boolean;
  /** New hires that go through, are called off, and are changed on the way. */
  hires: { plain: number; aborted: number; amended: number };
}

export interface Found {
  /** What was killed when, in seconds from the start. */
  moments: string[];
  /** A sentence for everything that was lost, doubled, left behind or shown wrongly. */
  findings: string[];
  runs: number;
  /** How long "a minute" was on this machine, by a run in which nothing was killed. */
  minuteMs: number;
}

/** Between two kills: long enough for what was killed to be up again, mostly. */
const [leastMs, mostMs] = [1_000, 4_500];
const minuteMs = 60_000;
/** On a machine with nothing else to do a new hire is done in a fifteenth of a minute: where it takes longer, so does the minute. */
const hiresAMinute = 15;
/** By then a control run has failed, however slow the machine. */
const controlLimitMs = 300_000;

export async function chaos(options: Chaos): Promise<Found> {
  const stack = await TestStack.start(options.name, {
    latencyMs: 20,
    configuration: (folder) =>
      openWindows(join(packageRoot(), 'countersign.yaml'), folder, ['network-changes', 'prod-maintenance']),
  });
  try {
    const moments: string[] = [];
    const patience = new Patience();
    const killing = killAtRandom(stack, options, moments).then(() => patience.after(() => control(stack)));
    const findings = (
      await Promise.all([...played(stack, options, patience), ...hired(stack, options, patience)])
    ).flat();
    findings.push(...(await killing), ...(await picture(stack, patience)));
    const runs = await allRuns(stageOf(stack));
    return { moments, findings, runs: runs.length, minuteMs: patience.minuteMs };
  } finally {
    await stack.stop();
  }
}

async function killAtRandom(
  stack: TestStack,
  { kills, victims, random }: Chaos,
  moments: string[],
): Promise<void> {
  const began = Date.now();
  for (let kill = 0; kill < kills; kill += 1) {
    await pause(leastMs + random() * (mostMs - leastMs));
    const victim = victims[Math.floor(random() * victims.length)] ?? 'worker';
    const part = stack.stack.parts[victim];
    await part.waitReady().catch(() => {});
    moments.push(`${victim} after ${((Date.now() - began) / 1000).toFixed(1)} s`);
    // Of Temporal and PostgreSQL sometimes the server itself, sometimes whoever looks after it.
    const server = Number(part.ready.serverPid ?? 0);
    if (server > 0 && random() < 0.5) killServer(server);
    else part.kill('SIGKILL');
  }
  for (const victim of victims) await stack.stack.parts[victim].waitReady().catch(() => {});
}

function killServer(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is dead already.
  }
}

function played(stack: TestStack, { procedures }: Chaos, patience: Patience): Promise<string[]>[] {
  if (!procedures) return [];
  const stage = stageOf(stack);
  return scenarios.map((scenario) =>
    told(scenario.runbook, async () => {
      const { run = '' } = await stage.deliver(scenario.system, await scenario.begin(stage));
      const ended = await patience.within(accompany(run, scenario, stage));
      if (ended?.status !== 'succeeded') return [await stuck(stage, run)];
      return counted(scenario, stage);
    }),
  );
}

async function counted({ expected }: Scenario, stage: Stage): Promise<string[]> {
  const wrong: string[] = [];
  for (const each of expected) {
    const found = countOf(each, await stage.effects({ system: each.system, effect: each.effect }));
    if (found !== each.count) wrong.push(`${each.what}: ${found} instead of ${each.count}`);
  }
  return wrong;
}

type Fate = 'plain' | 'aborted' | 'amended';

function hired(stack: TestStack, { hires, random }: Chaos, patience: Patience): Promise<string[]>[] {
  const fates = (Object.keys(hires) as Fate[]).flatMap((fate) => Array<Fate>(hires[fate]).fill(fate));
  return fates.map((fate, index) => {
    const family = `${fate === 'plain' ? 'Plain' : fate === 'aborted' ? 'Off' : 'Moved'}${letters(index)}`;
    // Drawn now, so that a seed gives the same again whatever happens first.
    const [beginMs, actMs] = [random() * 8_000, random() * 4_000];
    return told(`${fate} ${family}`, async () => {
      await pause(beginMs);
      return oneHire(stack, { fate, family, actMs, patience });
    });
  });
}

interface Hire {
  fate: Fate;
  family: string;
  actMs: number;
  patience: Patience;
}

async function oneHire(stack: TestStack, { fate, family, actMs, patience }: Hire): Promise<string[]> {
  const stage = stageOf(stack);
  const key = await stack.ticket({ givenName: 'Ida', familyName: family });
  const { run = '', reason } = await stage.deliver('jira', await stack.moved(key));
  if (!run) return [`no run was started: ${reason}`];
  const account = `ida.${family.toLowerCase()}@example.com`;
  const gate = await patience.until(async () => {
    const gate = await stage.get<{ hash: string }>(manager, `/runs/${run}/steps/signoff/gate`);
    return gate.hash ? gate : undefined;
  });
  if (!gate) return [`its approval was not opened: ${await stuck(stage, run)}`];
  if (fate === 'amended') await stage.post(coordinator, `/runs/${run}/amend`, { inputs: { desk: '' } });
  await voted(stage, run, gate.hash);
  await pause(actMs);
  if (fate === 'aborted')
    await stage.post(coordinator, `/runs/${run}/abort`, { comment: 'called off' }).catch(ended);
  const row = await patience.until(async () => {
    const row = await stage.get<RunRow>(coordinator, `/runs/${run}`);
    return row.endedAt || row.status === 'parked' ? row : undefined;
  });
  const effects = await effectsOf(stack, account, key);
  if (row?.status === 'succeeded') return differences(effects, onceEach);
  if (fate !== 'aborted' || row?.status !== 'cancelled') return [await stuck(stage, run)];
  const users = (await stack.effects({ effect: 'user.deleted', subject: account })).length;
  return users === effects.users ? [] : [`${effects.users} accounts were created and ${users} deleted`];
}

/** By how long it takes when nothing is killed, the others are judged. */
async function control(stack: TestStack): Promise<string[]> {
  const patience = new Patience(controlLimitMs);
  return told('control', () => oneHire(stack, { fate: 'plain', family: 'Control', actMs: 0, patience }));
}

/** What is down, and down again, is tried for as long as it takes: how long that may be is judged elsewhere. */
function stageOf(stack: TestStack): Stage {
  return stack.stage({ tryForMs: controlLimitMs });
}

/** Where a run is that should have come to its end. */
async function stuck(stage: Stage, run: string): Promise<string> {
  const { status, live } = await stage.get<ShownRun>(coordinator, `/runs/${run}`);
  const { entries } = await stage.get<{ entries: JournalEntry[] }>(coordinator, `/runs/${run}/journal`);
  const open = (live?.steps ?? [])
    .filter(({ endedAt, status }) => endedAt === undefined && status !== 'skipped')
    .map(({ id, status, failure }) => `${id} ${status}${failure ? ` (${failure.message})` : ''}`);
  const last = entries
    .slice(-4)
    .map(({ kind, step = '', data }) => `${kind} ${step} ${JSON.stringify(data)}`);
  return `${run} is ${status}, at ${open.join(', ') || 'no step'}; last told: ${last.join('; ').slice(0, 1_500)}`;
}

/** What was signed may be shown anew by an amendment: it is signed again. */
async function voted(stage: Stage, run: string, hash: string): Promise<void> {
  const vote = (hash: string) =>
    stage.post(manager, `/runs/${run}/steps/signoff/vote`, { decision: 'approve', hash });
  await vote(hash).catch(async () => {
    const gate = await stage
      .get<{ hash: string }>(manager, `/runs/${run}/steps/signoff/gate`)
      .catch(() => undefined);
    if (gate?.hash && gate.hash !== hash) await vote(gate.hash).catch(() => {});
  });
}

/** It had ended before it could be called off. */
function ended(error: unknown): void {
  if (!/ended|closing|end/i.test(String(error))) throw error;
}

function differences(found: Record<string, number>, wanted: Record<string, number>): string[] {
  return Object.entries(wanted).flatMap(([what, count]) =>
    found[what] === count ? [] : [`${what}: ${found[what]} instead of ${count}`],
  );
}

/** Everything that people see, a minute later at most, against what Temporal says. */
async function picture(stack: TestStack, { minuteMs }: Patience): Promise<string[]> {
  const end = Date.now() + minuteMs;
  for (;;) {
    const wrong = await shownWrongly(stack).catch((error: unknown) => [String(error)]);
    if (wrong.length === 0 || Date.now() > end) return wrong;
    await pause(2_000);
  }
}

async function shownWrongly(stack: TestStack): Promise<string[]> {
  const stage = stageOf(stack);
  const runs = await allRuns(stage);
  const connection = await Connection.connect({ address: stack.stack.addresses.temporal });
  try {
    const client = new Client({
      connection,
      namespace: String(stack.stack.parts.temporal.ready.namespace),
      dataConverter: dataConverter(await loadKeyRing(stack.dataFolder)),
    });
    const wrong = (await Promise.all(runs.map((row) => shownOf(row, stage, client)))).flat();
    const known = new Set(runs.map(({ id }) => id));
    for await (const { runId, type } of client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
      if (!known.has(runId)) wrong.push(`${type} ${runId} is open in Temporal and in no list`);
    for (const person of [coordinator, manager]) {
      const { items } = await stage.get<{ items: { run: { id: string } }[] }>(person, '/inbox');
      for (const { run } of items)
        if (runs.find(({ id }) => id === run.id)?.endedAt)
          wrong.push(`${run.id} has ended and waits for ${person}`);
    }
    const { deliveries } = await stage.get<{ deliveries: Delivery[] }>(
      coordinator,
      '/deliveries?outcome=received',
    );
    wrong.push(...deliveries.map(({ id }) => `delivery ${id} was received and is not settled`));
    return wrong;
  } finally {
    await connection.close();
  }
}

async function shownOf(row: RunRow, stage: Stage, client: Client): Promise<string[]> {
  const name = `${row.runbook} ${row.id}`;
  const wrong: string[] = [];
  const { status } = await client.workflow.getHandle(row.workflowId, row.id).describe();
  if ((status.name === 'RUNNING') === (row.endedAt !== undefined))
    wrong.push(`${name} is shown as ${row.status}, and is ${status.name} in Temporal`);
  const { entries } = await stage.get<{ entries: JournalEntry[] }>(coordinator, `/runs/${row.id}/journal`);
  if (entries.some(({ seq }, index) => seq !== index + 1)) wrong.push(`${name} has a gap in its journal`);
  if (row.endedAt && entries.at(-1)?.kind !== 'run.ended') wrong.push(`${name} has no end in its journal`);
  const { findings } = await stage.get<Verdict>(coordinator, `/runs/${row.id}/audit/verify`);
  return [...wrong, ...findings.map(({ message }) => `${name}: ${message}`)];
}

async function allRuns(stage: Stage): Promise<RunRow[]> {
  return (await stage.get<{ runs: RunRow[] }>(coordinator, '/runs?limit=500')).runs;
}

/** What goes wrong on the way is a finding, and ends nothing else. */
async function told(name: string, work: () => Promise<string[]>): Promise<string[]> {
  try {
    return (await work()).map((each) => `${name}: ${each}`);
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** How long is waited: until a minute after the last kill, by the clock of this machine as it is just then. */
class Patience {
  minuteMs = minuteMs;
  private readonly over = new AbortController();

  /** Without a time it ends with `after`. */
  constructor(limitMs?: number) {
    if (limitMs !== undefined) setTimeout(() => this.over.abort(), limitMs).unref();
  }

  /** Nothing is killed any more: from here on a minute is waited, as long as what the measure takes says that it is. */
  async after<T>(measure: () => Promise<T>): Promise<T> {
    const began = Date.now();
    const result = await measure();
    const took = Date.now() - began;
    this.minuteMs = Math.max(minuteMs, took * hiresAMinute);
    setTimeout(() => this.over.abort(), this.minuteMs - took).unref();
    return result;
  }

  /** Undefined when it was not over in time. */
  async within<T>(work: Promise<T>): Promise<T | undefined> {
    const { signal } = this.over;
    if (signal.aborted) return undefined;
    let late = () => {};
    const waited = new Promise<undefined>((resolve) => {
      late = () => resolve(undefined);
      signal.addEventListener('abort', late, { once: true });
    });
    return Promise.race([work, waited]).finally(() => signal.removeEventListener('abort', late));
  }

  /** What is found at last; undefined when it was not in time. What fails on the way is asked again. */
  async until<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
    while (!this.over.signal.aborted) {
      const found = await look().catch(() => undefined);
      if (found !== undefined) return found;
      await pause(200);
    }
    return undefined;
  }
}

/** 0, 1, … as letters, since names have no digits. */
function letters(index: number): string {
  return String.fromCharCode(65 + (index % 26), 97 + (Math.floor(index / 26) % 26));
}
