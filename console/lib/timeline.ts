/** How each step of a run stands, from the plan's outline, the journal, and, while it lives, the run's own view. */
import { defined } from '../../plan/defined.ts';
import type {
  Failure,
  JournalEntry,
  Json,
  OutlineStep,
  RunDetail,
  StepView,
  Vote,
  WaitingOn,
} from '../api/types.ts';

export type StepState =
  | 'ahead'
  | 'running'
  | 'waiting'
  | 'parked'
  | 'done'
  | 'skipped'
  | 'failed'
  | 'rejected'
  | 'expired'
  | 'stopped'
  | 'undone'
  | 'not reached';

export interface TimelineVote {
  by: string;
  decision: Vote['decision'];
  comment?: string;
  at: number;
  recordedBy?: string;
  minutes?: string;
  void: boolean;
}

export interface TimelineStep {
  /** Its id, with the item's number behind it inside a forEach. */
  key: string;
  outline: OutlineStep;
  /** Inside a list: what the item is called. */
  item?: string;
  state: StepState;
  startedAt?: number;
  endedAt?: number;
  /** What an action was called with. */
  input?: Json;
  /** By which action it was taken back, and with what. */
  undone?: { uses: string; input?: Json };
  output?: Json;
  failure?: Failure;
  /** Why it was skipped, or refused. */
  reason?: string;
  /** Who skipped it, or did it by hand. */
  by?: string;
  waitingOn?: WaitingOn;
  votes: TimelineVote[];
  approvers?: string[];
  needed?: number;
  /** How often it began. */
  attempts: number;
  progress?: { total: number; done: number; failed: number };
}

export function timelineOf(run: RunDetail, journal: readonly JournalEntry[]): TimelineStep[] {
  const byKey = new Map<string, TimelineStep>();
  const children = new Map<string, string[]>();
  const outlines = new Map(run.outline.map((step) => [step.id, step]));
  const stepOf = (key: string): TimelineStep | undefined => {
    const known = byKey.get(key);
    if (known) return known;
    const outline = outlines.get(baseOf(key)) ?? strangerOf(key, run);
    const step: TimelineStep = { key, outline, state: 'ahead', votes: [], attempts: 0 };
    byKey.set(key, step);
    children.set(outline.id, [...(children.get(outline.id) ?? []), key]);
    return step;
  };
  for (const entry of journal) {
    const step = entry.step ? stepOf(entry.step) : undefined;
    if (step) apply(entry, step);
  }
  for (const view of run.live?.steps ?? []) {
    const step = stepOf(view.id);
    if (step) refine(step, view);
  }
  for (const waiting of run.waitingOn) {
    const step = stepOf(waiting.step);
    if (step && !run.endedAt) step.waitingOn = waiting;
  }
  const rows = run.outline.flatMap((outline) => {
    const keys = children.get(outline.id) ?? [];
    if (keys.length === 0)
      return [{ key: outline.id, outline, state: 'ahead' as const, votes: [], attempts: 0 }];
    return keys.flatMap((key) => byKey.get(key) ?? []);
  });
  const strangers = [...byKey.values()].filter(({ outline }) => !outlines.has(outline.id));
  return [...skippedWithin(rows), ...strangers].map((step) => (run.endedAt ? settled(step) : step));
}

/** What stands inside a step that is skipped is skipped with it: it never comes. */
function skippedWithin(rows: readonly TimelineStep[]): TimelineStep[] {
  let depth: number | undefined;
  return rows.map((step) => {
    if (depth !== undefined && step.outline.depth <= depth) depth = undefined;
    if (depth !== undefined && step.state === 'ahead') return { ...step, state: 'skipped' };
    if (depth === undefined && step.state === 'skipped') depth = step.outline.depth;
    return step;
  });
}

/** Whether an operator holds the run. */
export function isPaused(journal: readonly JournalEntry[]): boolean {
  return (
    journal.findLast(({ kind }) => kind === 'run.paused' || kind === 'run.resumed')?.kind === 'run.paused'
  );
}

/** `joinGroup[3]` is an item of the step `joinGroup`. */
function baseOf(key: string): string {
  return /^[A-Za-z0-9_]+(\.review)?/.exec(key)?.[0] ?? key;
}

/** A step that the plan does not have: the review of a signature that came too late, say. */
function strangerOf(key: string, run: RunDetail): OutlineStep {
  const title = run.live?.steps.find(({ id }) => id === key)?.title ?? run.titles[key] ?? key;
  return { id: baseOf(key), title, kind: 'task', tag: 'task', depth: 0, part: 'steps', gatedBy: [] };
}

/** Once a run has ended, nothing is on its way any more. */
function settled(step: TimelineStep): TimelineStep {
  if (step.state === 'ahead') return { ...step, state: 'not reached' };
  return ['running', 'waiting', 'parked'].includes(step.state) ? { ...step, state: 'stopped' } : step;
}

function apply(entry: JournalEntry, step: TimelineStep): void {
  const { at, data = {} } = entry;
  const end = (state: StepState) => Object.assign(step, { state, endedAt: at });
  if (calls.has(entry.kind) && data.input !== undefined && data.undo !== true) step.input = data.input;
  switch (entry.kind) {
    case 'step.started':
      step.state = 'running';
      step.startedAt ??= at;
      step.attempts += 1;
      if (typeof data.item === 'string') step.item = data.item;
      delete step.failure;
      return;
    case 'step.succeeded':
      end('done');
      delete step.failure;
      if (data.output !== undefined) step.output = data.output;
      if (typeof data.completedBy === 'string') step.by = data.completedBy;
      return;
    case 'step.skipped':
      end('skipped');
      if (typeof data.reason === 'string') step.reason = data.reason;
      if (typeof data.by === 'string') step.by = data.by;
      return;
    case 'step.failed':
      end('failed');
      step.failure = failureOf(data);
      return;
    case 'step.parked':
      step.state = 'parked';
      step.failure = failureOf(data);
      return;
    case 'step.expired':
      end('expired');
      return;
    case 'step.cancelled':
      end('stopped');
      return;
    case 'step.undone':
      end('undone');
      if (typeof data.uses === 'string') step.undone = { uses: data.uses, ...defined({ input: data.input }) };
      return;
    case 'gate.opened':
      step.state = 'waiting';
      if (Array.isArray(data.approvers)) step.approvers = data.approvers.map(String);
      if (typeof data.needed === 'number') step.needed = data.needed;
      return;
    case 'gate.voided':
      for (const vote of step.votes) vote.void = true;
      return;
    case 'gate.rejected':
      end('rejected');
      step.reason = String(data.reason ?? '');
      return;
    case 'vote':
      step.votes.push(voteOf(entry));
      return;
    case 'task.opened':
    case 'wait.started':
    case 'window.waiting':
      step.state = 'waiting';
      return;
  }
}

const calls = new Set<JournalEntry['kind']>([
  'step.succeeded',
  'step.failed',
  'step.parked',
  'step.cancelled',
]);

function failureOf(data: NonNullable<JournalEntry['data']>): Failure {
  return {
    message: String(data.message ?? ''),
    type: String(data.type ?? ''),
    ...defined({ requestId: typeof data.requestId === 'string' ? data.requestId : undefined }),
  };
}

function voteOf({ at, data = {} }: JournalEntry): TimelineVote {
  return {
    by: String(data.by ?? ''),
    decision: data.decision === 'reject' ? 'reject' : 'approve',
    at,
    void: false,
    ...defined({ comment: data.comment ? String(data.comment) : undefined }),
    ...(data.recordedBy ? { recordedBy: String(data.recordedBy), minutes: String(data.minutes ?? '') } : {}),
  };
}

/** The run's own view knows what the journal does not say: a step that waits, an operator's retry under way. */
function refine(step: TimelineStep, view: StepView): void {
  const states: Record<StepView['status'], StepState> = {
    pending: 'ahead',
    running: 'running',
    waiting: 'waiting',
    succeeded: 'done',
    skipped: 'skipped',
    parked: 'parked',
    failed: 'failed',
    rejected: 'rejected',
    expired: 'expired',
    cancelled: 'stopped',
    undone: 'undone',
  };
  step.state = states[view.status];
  step.attempts = Math.max(step.attempts, view.attempts);
  if (view.startedAt !== undefined) step.startedAt = view.startedAt;
  if (view.endedAt !== undefined) step.endedAt = view.endedAt;
  if (view.input !== undefined) step.input = view.input;
  if (view.output !== undefined) step.output = view.output;
  if (view.failure) step.failure = view.failure;
  if (view.progress) step.progress = view.progress;
}
