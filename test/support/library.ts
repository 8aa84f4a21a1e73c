/** Plays the first test of a shipped runbook, as its `.test.yaml` has it, on every real part. */
import { join } from 'node:path';
import type { Stage } from '../../cli/demo/stage.ts';
import { compileProject, knownActions, readProject, testFiles } from '../../cli/project.ts';
import { startedBy } from '../../cli/test-payload.ts';
import { readTestFile } from '../../compiler/test-file/read.ts';
import type { TestCase, TestEvent } from '../../compiler/test-file/types.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import type { JsonObject, Plan, Step } from '../../plan/plan.ts';
import { type Rehearsed, rehearse } from '../../rehearsal/rehearse.ts';
import { type Surroundings, surroundingsOf } from '../../rehearsal/world.ts';
import { packageRoot } from '../../store/package-root.ts';
import type { RunRow } from '../../store/runs.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import type { Gate } from '../../workflows/messages.ts';

export interface Shipped {
  plan: Plan;
  /** The first of its tests: what usually happens. */
  script: TestCase;
  rehearsed: Rehearsed;
}

export interface Played {
  run: string;
  status: string;
  /** Of a run that parked or did not end well, what its journal says last. */
  last: string;
  /** Steps that succeeded, without the numbers of items. */
  done: string[];
  /** `SYSTEM EFFECT` -> how often. */
  effects: Record<string, number>;
}

const root = packageRoot();
const lookEveryMs = 150;
const patienceMs = 75_000;
const coordinator = 'kim.okafor@example.com';
const coordinators = [coordinator, 'robin.sato@example.com'];

/** Every shipped runbook, with its first test rehearsed. */
export async function shippedLibrary(): Promise<Shipped[]> {
  const folder = join(root, 'runbooks');
  const { plans, configuration } = compileProject(readProject([folder], join(root, 'countersign.yaml')));
  const catalogue = knownActions();
  const surroundings = surroundingsOf(configuration, 'countersign.yaml');
  const shipped: Shipped[] = [];
  for (const { source, beside } of testFiles([folder])) {
    const name = /^runbook: (.*)$/m.exec(beside?.text ?? '')?.[1];
    const read = { ...source, beside: name, plans, catalogue, names: surroundings };
    const { file, plan, diagnostics } = readTestFile(read);
    const [first] = file?.tests ?? [];
    if (!plan || !first) throw new Error(`${source.path} cannot be read: ${JSON.stringify(diagnostics)}`);
    shipped.push(await withRehearsal(first, source.path, { plan, plans, catalogue, surroundings }));
  }
  return shipped;
}

async function withRehearsal(
  test: TestCase,
  path: string,
  around: {
    plan: Plan;
    plans: readonly Plan[];
    catalogue: ReturnType<typeof knownActions>;
    surroundings: Surroundings;
  },
): Promise<Shipped> {
  const started = startedBy(test, path, around.plan, around.plans);
  if ('problem' in started) throw new Error(`${path}: ${started.problem}`);
  const script = { ...started.test, inputs: { ...started.test.inputs, ...noDays(around.plan) } };
  const rehearsed = await rehearse({ ...around, script });
  if (!('journal' in rehearsed)) throw new Error(`${path}: ${rehearsed.problems.join('; ')}`);
  return { plan: around.plan, script, rehearsed };
}

/** Dates of a test are over by now; what counts in days, and may be none, is none here. */
function noDays({ inputs }: Plan): JsonObject {
  const lengths = Object.entries(inputs).filter(
    ([name, { schema }]) => /Days$/.test(name) && schema.minimum === 0,
  );
  return Object.fromEntries(lengths.map(([name]) => [name, 0]));
}

/** The calendars whose windows a runbook of the library waits for. */
export function windowsOf(shipped: readonly Shipped[]): string[] {
  return [...new Set(shipped.flatMap(({ plan }) => calendarsOf(plan.steps)))];
}

function calendarsOf(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => [
    ...(step.kind === 'window' ? [step.calendar] : []),
    ...innerSteps(step).flatMap(calendarsOf),
  ]);
}

/**
 * From its start by hand to its end: whoever is asked answers as the test says. `prepare` is done once the stand-ins are as they were in the
 * beginning.
 */
export async function playShipped(
  shipped: Shipped,
  stage: Stage,
  prepare?: () => Promise<void>,
): Promise<Played> {
  const { plan, script } = shipped;
  await stage.sandbox('POST', '/_sandbox/reset');
  await prepare?.();
  // What takes services minutes takes them no time here.
  await stage.sandbox('POST', '/_sandbox/graph/pace', { syncMs: 0, removalMs: 0 });
  await stage.sandbox('POST', '/_sandbox/exchange/pace', { conversionMs: 0 });
  await stage.sandbox('POST', '/_sandbox/supplier/callback', { url: `${stage.gateway}/hooks/cxml` });
  if (script.ticket?.key) await openTicket(stage, String(script.ticket.key), plan);
  for (const named of ticketsNamedIn(script)) await openTicket(stage, named);
  const before = (await stage.effects({})).at(-1)?.seq ?? 0;
  const { id } = await stage.post<{ id: string }>(starterOf(script), '/runs', {
    runbook: plan.runbook,
    inputs: script.inputs,
    ...(script.ticket?.key
      ? { ticket: { system: systemOf(String(script.ticket.key)), key: script.ticket.key } }
      : {}),
  });
  const journal = await answered(id, shipped, stage);
  const ended = journal.find(({ kind }) => kind === 'run.ended');
  return {
    run: id,
    status: ended ? String(ended.data?.status) : 'parked',
    last: ended?.data?.status === 'succeeded' ? '' : troubleIn(journal),
    done: stepsDone(journal),
    effects: await countedSince(stage, before),
  };
}

function troubleIn(journal: readonly JournalEntry[]): string {
  const kinds = ['step.failed', 'step.parked', 'step.expired', 'gate.rejected', 'gate.unmet', 'run.ended'];
  return journal
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, step, data }) => `${kind} ${step ?? ''} ${JSON.stringify(data?.failure ?? data)}`)
    .join('\n');
}

/** Steps that succeeded in one run, each once. */
export function stepsDone(journal: readonly Pick<JournalEntry, 'kind' | 'step'>[]): string[] {
  const done = journal.flatMap(({ kind, step }) =>
    kind === 'step.succeeded' && step ? [withoutItems(step)] : [],
  );
  return [...new Set(done)].sort();
}

/** Of a ticket that somebody else opened, a coordinator starts the run by hand. */
function starterOf({ requester = '' }: TestCase): string {
  return coordinators.includes(requester) ? requester : coordinator;
}

function systemOf(key: string): 'servicenow' | 'jira' {
  return /^(INC|CHG|RITM|SCTASK)\d+$/.test(key) ? 'servicenow' : 'jira';
}

const tables: Record<string, string> = {
  INC: 'incident',
  CHG: 'change_request',
  RITM: 'sc_req_item',
  SCTASK: 'sc_task',
};

/** Those that inputs are about, beside the run's own. */
function ticketsNamedIn({ inputs, ticket }: TestCase): string[] {
  return Object.values(inputs).flatMap((value) =>
    typeof value === 'string' && /^(INC|CHG)\d+$/.test(value) && value !== ticket?.key ? [value] : [],
  );
}

/** As the runbook's trigger finds it. */
async function openTicket(stage: Stage, key: string, plan?: Plan): Promise<void> {
  const to = plan?.triggers.flatMap((trigger) => (trigger.type === 'ticket' ? [trigger.to] : []))[0];
  const title = plan?.title ?? 'Something that does not work';
  const already = (error: Error) => {
    // Of the seed.
    if (!error.message.includes('409')) throw error;
  };
  if (systemOf(key) === 'jira') {
    const form = { key, type: title, summary: title };
    await stage.sandbox('POST', '/_sandbox/jira/issues', form).catch(already);
    if (to) await stage.sandbox('POST', '/_sandbox/jira/move', { key, to });
    return;
  }
  const table = tables[/^[A-Z]+/.exec(key)?.[0] ?? ''];
  const fields = { short_description: title, requested_by: 'robin.sato@example.com' };
  await stage.sandbox('POST', '/_sandbox/servicenow/records', { table, number: key, fields }).catch(already);
  if (to) await stage.sandbox('POST', '/_sandbox/servicenow/move', { number: key, to });
}

/** A run that is watched: the one that was started, or one that a step of it called. */
interface Watched {
  id: string;
  /** Of a called one: the steps that call its runbook, as `tell.`. */
  prefixes: string[];
  journal: JournalEntry[];
}

/** The journal of the run, once it has ended or it or one that it called is stuck. */
async function answered(run: string, { plan, script }: Shipped, stage: Stage): Promise<JournalEntry[]> {
  const watched = new Map<string, Watched>([[run, { id: run, prefixes: [''], journal: [] }]]);
  const calls = callsOf(plan.steps);
  for (const end = Date.now() + patienceMs; Date.now() < end; ) {
    for (const each of watched.values()) if (await look(each, script, stage)) return each.journal;
    if (calls.length > 0) await watchCalled(watched, calls, stage);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  const last = [...watched.values()].map(({ prefixes, journal }) => {
    const { kind, step, data } = journal.at(-1) ?? {};
    return `${prefixes.join()} ${kind} ${step} ${JSON.stringify(data)}`;
  });
  throw new Error(`${plan.runbook} has not ended. It did last: ${last.join('\n')}`);
}

async function watchCalled(
  watched: Map<string, Watched>,
  calls: readonly { id: string; runbook: string }[],
  stage: Stage,
): Promise<void> {
  const { runs } = await stage.get<{ runs: RunRow[] }>(coordinator, '/runs?limit=100');
  for (const { id, runbook, partOf } of runs) {
    if (!partOf || !watched.has(partOf) || watched.has(id)) continue;
    const prefixes = calls.filter((call) => call.runbook === runbook).map((call) => `${call.id}.`);
    watched.set(id, { id, prefixes, journal: [] });
  }
}

function callsOf(steps: readonly Step[]): { id: string; runbook: string }[] {
  return steps.flatMap((step) => [
    ...(step.kind === 'runbook' ? [{ id: step.id, runbook: step.runbook }] : []),
    ...innerSteps(step).flatMap(callsOf),
  ]);
}

/** True once the run that was started has ended, or nothing goes on any more. */
async function look(watched: Watched, script: TestCase, stage: Stage): Promise<boolean> {
  const { id, journal, prefixes } = watched;
  const { entries } = await stage.get<{ entries: JournalEntry[] }>(
    coordinator,
    `/runs/${id}/journal?after=${journal.length}`,
  );
  for (const entry of entries) {
    // Entries are written as they come, and one may overtake another: the next look brings the missing one.
    if (entry.seq !== journal.length + 1) break;
    journal.push(entry);
    await answer(watched, entry, script, stage);
    if (entry.kind === 'step.parked') return true;
    if (entry.kind === 'run.ended' && prefixes.includes('')) return true;
  }
  return false;
}

async function answer(run: Watched, entry: JournalEntry, script: TestCase, stage: Stage): Promise<void> {
  const { kind, step = '', data = {} } = entry;
  const path = `/runs/${run.id}/steps/${encodeURIComponent(step)}`;
  const called = run.prefixes.map((prefix) => withoutItems(`${prefix}${step}`));
  const isMeant = (event: TestEvent) =>
    event.step !== undefined &&
    (run.prefixes.includes('') ? event.step === step : called.includes(withoutItems(event.step)));
  const events = script.events.filter((event) => isMeant(event) && !event.refused);
  if (kind === 'gate.opened') for (const event of events) await vote(event, path, stage);
  if (kind === 'task.opened') {
    const told = events.find(({ does }) => does === 'complete');
    const [person = coordinator] = (data.people ?? []) as string[];
    if (told) await stage.post(told.by ?? person, `${path}/complete`, { output: told.output ?? {} });
  }
  if (kind === 'wait.started' && data.event) await send(data.event as JsonObject, script, stage);
}

function withoutItems(step: string): string {
  return step.replace(/\[\d+\]/g, '');
}

async function vote(event: TestEvent, path: string, stage: Stage): Promise<void> {
  if (event.does !== 'approve' && event.does !== 'reject') return;
  const gate = await stage.get<Gate>(event.by ?? coordinator, `${path}/gate`);
  const voted = gate.votes.map(({ principal }) => principal.id);
  const by = event.by ?? gate.approvers.find((each) => !voted.includes(each)) ?? coordinator;
  await stage.post(by, `${path}/vote`, {
    decision: event.does,
    hash: gate.hash,
    ...(event.comment ? { comment: event.comment } : {}),
  });
}

/** What a supplier tells comes from its stand-in; all else somebody says here, of the key that the run waits for. */
async function send({ name, key }: JsonObject, script: TestCase, stage: Stage): Promise<void> {
  const told = script.events.find((event) => event.does === 'event' && event.event === name);
  if (!told || String(name).startsWith('order.')) return;
  await stage.post(told.by ?? coordinator, '/events', { name, key, data: told.data ?? {} });
}

/** Without mail: what Countersign itself sends to those it asks and tells comes at its own time. */
async function countedSince(stage: Stage, before: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const effect of await stage.effects({ after: before })) {
    if (effect.system === 'smtp') continue;
    const name = `${effect.system} ${effect.effect}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
