/**
 * All that a run's journal and audit records tell of it, sorted by what an auditor asks: who asked and for what, who signed what, what
 * was done, what was changed by hand, and by whom.
 */
import { defined } from '../plan/defined.ts';
import { innerSteps } from '../plan/inner-steps.ts';
import type { ActionStep, Effect, Json, JsonObject, Plan, Step } from '../plan/plan.ts';
import { sameValue } from '../plan/sealed-values.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import type { RunStatus, Ticket } from '../workflows/messages.ts';
import type { Left } from '../workflows/outcomes.ts';
import { type GateStory, gateStory, gatesAsked, type RecordedFact, withSealsCompared } from './gate-story.ts';
import { withoutSealed } from './sealed.ts';
import { titleAt, titlesOf } from './step-titles.ts';

/** What is kept of a run: of an exported file what is read here. */
export interface KeptRun {
  run: {
    id: string;
    runbook: string;
    title: string;
    subject?: string;
    owner: string;
    requester: string;
    ticket?: Ticket;
    planHash?: string;
    partOf?: string;
    status: RunStatus;
    reason?: string;
    startedAt: string;
    endedAt?: string;
  };
  plan?: Plan;
  journal: readonly JournalEntry[];
  records: readonly (RecordedFact & { at: string; actor: string; seq: number })[];
}

export interface RunStory {
  run: KeptRun['run'];
  titles: Record<string, string>;
  asked: Asked;
  signatures: GateStory[];
  actions: ActionTold[];
  /** Items of a large list, which run in parts of their own, by their action. */
  counted: CountedAction[];
  byHand: HandTold[];
  tasks: TaskTold[];
  left: Left[];
  refused: { at: string; what: string; why: string }[];
  journal: readonly JournalEntry[];
}

export interface Asked {
  by: string;
  name?: string;
  cause: string;
  at: string;
  /** Undefined where the journal is of an engine that did not keep them yet. */
  inputs?: JsonObject;
  commit?: string;
  file?: string;
  author?: string;
}

/** One try of an action, or what became of its step without one. */
export interface ActionTold {
  key: string;
  title: string;
  action: string;
  effect: Effect;
  began?: number;
  ended: number;
  /** Undefined where the journal is of an engine that did not keep it yet, and where nothing was called. */
  input?: Json;
  output?: Json;
  outcome: 'done' | 'done by hand' | 'left out' | 'failed' | 'parked' | 'stopped';
  /** Who did it by hand, or left it out. */
  by?: string;
  why?: string;
  requestId?: string;
  undone?: { at: number; uses?: string; input?: Json };
}

export interface CountedAction {
  title: string;
  action: string;
  succeeded: number;
  failed: number;
}

/** A change by hand, whether or not it needed a signature. */
export interface HandTold {
  at: number;
  by: string;
  path: string;
  before: Json;
  after: Json;
  became: 'in force' | 'open' | 'countersigned' | 'fell' | 'withdrawn' | 'owed';
  reason?: string;
}

export interface TaskTold {
  key: string;
  title: string;
  at: number;
  asked: string[];
  done?: { at: number; by?: string; output?: Json };
}

/** Of what is kept, without anything that is sealed in it. */
export function runStory(kept: KeptRun): RunStory {
  const { run, plan, records } = kept;
  // Compared first: what a hand changed in a sealed value is told as that it changed.
  const changes = handChanges(kept.journal);
  const journal = withoutSealed(kept.journal) as JournalEntry[];
  const titles = plan ? titlesOf(plan) : {};
  const actions = actionsOf(journal, plan, titles);
  return {
    run,
    titles,
    asked: askedOf(run, journal, records),
    signatures: gatesAsked(journal).map(
      (step) => withoutSealed(withSealsCompared(gateStory(step, kept.journal, records))) as GateStory,
    ),
    actions,
    counted: countedActions(kept, new Set(actions.map(({ key }) => key)), titles),
    byHand: withoutSealed(changes) as HandTold[],
    tasks: tasksOf(journal, titles),
    left: (journal.findLast(({ kind }) => kind === 'run.ended')?.data?.left ?? []) as unknown as Left[],
    refused: records
      .filter(({ kind }) => kind === 'call.refused')
      .map(({ at, data }) => ({ at, what: String(data.what), why: String(data.why) })),
    journal,
  };
}

function askedOf(run: KeptRun['run'], journal: readonly JournalEntry[], records: KeptRun['records']): Asked {
  const said = journal.find(({ kind }) => kind === 'run.started')?.data ?? {};
  const record = records.find(({ kind }) => kind === 'run.started');
  return defined({
    by: record?.actor ?? run.requester,
    name: textOf(said.name),
    cause: String(record?.data.cause ?? said.cause ?? ''),
    at: run.startedAt,
    inputs: said.inputs as JsonObject | undefined,
    commit: textOf(record?.data.commit),
    file: textOf(record?.data.file),
    author: textOf(record?.data.author),
  });
}

const outcomes: Partial<Record<JournalEntry['kind'], ActionTold['outcome']>> = {
  'step.succeeded': 'done',
  'step.skipped': 'left out',
  'step.failed': 'failed',
  'step.parked': 'parked',
  'step.cancelled': 'stopped',
};

function actionsOf(
  journal: readonly JournalEntry[],
  plan: Plan | undefined,
  titles: Record<string, string>,
): ActionTold[] {
  const steps = plan ? actionSteps(plan) : new Map<string, ActionStep>();
  const begun = new Map<string, number>();
  const told: ActionTold[] = [];
  for (const { kind, step: key = '', at, data = {} } of journal) {
    const step = steps.get(idOf(key));
    if (!step || key.includes('.review')) continue;
    if (kind === 'step.started') begun.set(key, at);
    const done = told.findLast((each) => each.key === key && each.outcome === 'done');
    if (kind === 'step.undone' && done)
      done.undone = { at, ...defined({ uses: textOf(data.uses), input: data.input }) };
    const outcome = outcomes[kind];
    // Its condition was not met: nothing was to be done.
    if (!outcome || data.undo === true || (kind === 'step.skipped' && data.by === undefined)) continue;
    told.push({
      key,
      title: titleAt(key, titles),
      action: step.uses,
      effect: step.effect,
      ended: at,
      outcome: data.completedBy === undefined ? outcome : 'done by hand',
      ...defined({
        began: begun.get(key),
        input: data.input,
        output: data.output,
        by: textOf(data.completedBy) ?? textOf(data.by),
        why: textOf(data.message) ?? textOf(data.reason),
        requestId: textOf(data.requestId),
      }),
    });
    begun.delete(key);
  }
  return told;
}

/** Of what was done in parts of the run that have no journal of their own. */
function countedActions(
  { records, plan }: KeptRun,
  told: ReadonlySet<string>,
  titles: Record<string, string>,
): CountedAction[] {
  if (!plan) return [];
  const found = new Map<string, CountedAction>();
  for (const { kind, step = '', data } of records) {
    const item = typeof data.item === 'string' ? data.item.replace(/[.~]\d+/g, '') : '';
    if (kind !== 'action.ended' || item === '' || told.has(step + item) || step.endsWith('.undo')) continue;
    const action = String(data.action);
    const known = found.get(step) ?? { title: titles[step] ?? step, action, succeeded: 0, failed: 0 };
    if (data.outcome === 'succeeded') known.succeeded += 1;
    else known.failed += 1;
    found.set(step, known);
  }
  return [...found.values()];
}

function handChanges(journal: readonly JournalEntry[]): HandTold[] {
  const changes: HandTold[] = [];
  const proposals = new Map<number, HandTold[]>();
  for (const { kind, at, step = '', data = {} } of journal) {
    const by = String(data.by ?? data.completedBy ?? '');
    const add = (more: Omit<HandTold, 'at' | 'by'>): HandTold => {
      const change = { at, by, ...more };
      changes.push(change);
      return change;
    };
    if (kind === 'run.amended') amendedIn(data).forEach(add);
    else if (kind === 'proposal.made') {
      const made = (data.changes ?? []) as unknown as Pick<HandTold, 'path' | 'before' | 'after'>[];
      const became = data.afterwards ? 'owed' : 'open';
      proposals.set(
        Number(data.id),
        made.map((change) => add({ ...change, became })),
      );
    } else if (kind.startsWith('proposal.')) {
      const reason = kind === 'proposal.fell' ? textOf(data.reason) : undefined;
      const became = kind.slice('proposal.'.length);
      for (const change of proposals.get(Number(data.id)) ?? [])
        Object.assign(change, { became, ...defined({ reason }) });
    } else if (kind === 'step.succeeded' && data.completedBy !== undefined)
      add({ path: `steps.${step}.output`, before: null, after: data.output ?? null, became: 'in force' });
    else if (kind === 'step.skipped' && data.by !== undefined)
      add({ path: `steps.${step}`, before: null, after: 'skipped', became: 'in force' });
  }
  return [
    ...changes.filter((change) => !isToldElsewhere(change, changes)),
    ...editedRetries(journal, changes),
  ].sort((a, b) => a.at - b.at);
}

function amendedIn({ before, after }: JsonObject): Omit<HandTold, 'at' | 'by'>[] {
  const old = objectOf(before);
  return Object.entries(objectOf(after))
    .map(([name, value]) => ({ path: `inputs.${name}`, before: old[name] ?? null, after: value }))
    .filter((change) => !sameValue(change.before, change.after))
    .map((change) => ({ ...change, became: 'in force' as const }));
}

/** An amendment that became a proposal, and what a proposal that was signed has done. */
function isToldElsewhere(change: HandTold, all: readonly HandTold[]): boolean {
  const path = bare(change.path);
  return (
    change.became === 'in force' &&
    all.some(
      (other) =>
        bare(other.path) === path &&
        other.became !== 'in force' &&
        (other.at === change.at || other.became === 'countersigned'),
    )
  );
}

function bare(path: string): string {
  return path.replace(/\[\d+\]/g, '').replace(/\.output$/, '');
}

/** A retry with another input: what the step was called with before, and after. */
function editedRetries(journal: readonly JournalEntry[], known: readonly HandTold[]): HandTold[] {
  const found: HandTold[] = [];
  for (const [index, entry] of journal.entries()) {
    const { kind, step = '', at, data = {} } = entry;
    if (kind !== 'command' || data.command !== 'retry') continue;
    const before = journal
      .slice(0, index)
      .findLast((each) => each.step === step && each.kind === 'step.parked')?.data?.input;
    const after = journal.slice(index).find((each) => each.step === step && outcomes[each.kind] !== undefined)
      ?.data?.input;
    const path = `steps.${step}.with`;
    if (before === undefined || after === undefined || sameValue(before, after)) continue;
    if (known.some((change) => bare(change.path) === bare(path) && change.became !== 'in force')) continue;
    found.push({ at, by: String(data.by), path, before, after, became: 'in force' });
  }
  return found;
}

function tasksOf(journal: readonly JournalEntry[], titles: Record<string, string>): TaskTold[] {
  const tasks: TaskTold[] = [];
  for (const { kind, step: key = '', at, data = {} } of journal) {
    if (kind === 'task.opened') {
      const asked = Array.isArray(data.people) ? data.people.map(String) : [];
      tasks.push({ key, title: titleAt(key, titles), at, asked });
    }
    const task = tasks.findLast((each) => each.key === key);
    if (!task || task.done) continue;
    if (kind === 'task.escalated' && Array.isArray(data.people))
      task.asked = [...task.asked, ...data.people.map(String)];
    if (kind === 'step.succeeded')
      task.done = {
        at,
        ...defined({ by: reporterOf(journal, key, at) ?? textOf(data.completedBy), output: data.output }),
      };
  }
  return tasks;
}

function reporterOf(journal: readonly JournalEntry[], key: string, until: number): string | undefined {
  const report = journal.findLast(
    ({ kind, step, at, data }) =>
      kind === 'command' && step === key && at <= until && data?.command === 'complete',
  );
  return textOf(report?.data?.by);
}

function actionSteps(plan: Plan): Map<string, ActionStep> {
  const found = new Map<string, ActionStep>();
  const visit = (steps: readonly Step[]): void => {
    for (const step of steps) {
      if (step.kind === 'action') found.set(step.id, step);
      innerSteps(step).forEach(visit);
    }
  };
  visit([...plan.steps, ...plan.finally]);
  return found;
}

function idOf(key: string): string {
  return /^[A-Za-z0-9_]+/.exec(key)?.[0] ?? key;
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
