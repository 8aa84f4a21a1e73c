/**
 * Whether a run's records are all there: that the run is listed as it was begun, that people were shown what they signed, that an ended run has its end, that what was begun has
 * an outcome, and that what was done has its step in the journal.
 */

import { hashOf } from '../../plan/hash.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import type { Json, JsonObject, Plan, Step } from '../../plan/plan.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import type { AuditFile, Finding } from './file.ts';
import type { AuditRecord } from './record.ts';

export function completeness(file: AuditFile): Finding[] {
  return [
    ...listedAsBegun(file),
    ...shownAsSigned(file),
    ...endIsThere(file),
    ...outcomesAreThere(file),
    ...stepsAreThere(file),
  ];
}

/** What the journal says that people were shown gives the hash on which they voted. */
function shownAsSigned({ journal }: AuditFile): Finding[] {
  return journal.flatMap(({ seq, kind, step, data = {} }) => {
    if (kind !== 'gate.opened' || data.shown === undefined) return [];
    const shown = data.shown as JsonObject;
    // The database keeps no half characters: then it is not what was hashed, and nobody changed it.
    if (JSON.stringify(shown).includes('\ufffd')) return [];
    if (hashOf(data.preview === undefined ? shown : { ...shown, preview: data.preview }) === data.hash)
      return [];
    return [
      {
        message: `The journal’s entry ${seq} tells of something else that was shown for "${step}" than people voted on: it does not give the hash that is on record.`,
      },
    ];
  });
}

/**
 * Who asked, for what, and how it ended: the run's row can be changed by whoever has the database. Its first record cannot, nor, once it
 * is sealed, its journal.
 */
function listedAsBegun({ run, records, journal }: AuditFile): Finding[] {
  const started = records.find(({ kind }) => kind === 'run.started');
  if (!started) return [];
  const { title, runbook } = started.data;
  const compared = [
    ['requester', 'was asked for by', started.actor, run.requester],
    ['title', 'was started as', title, run.title],
    ['runbook', 'was started with the runbook', runbook, run.runbook],
  ] as const;
  const findings = compared
    .filter(([, , begun, listed]) => typeof begun === 'string' && begun !== listed)
    .map(([name, words, begun, listed]) => ({
      record: started.seq,
      message: `The run ${words} "${begun}" by record ${started.seq}, and its ${name} is listed as "${listed}".`,
    }));
  return [...findings, ...listedAsTold(run, journal)];
}

/** A moment in the database and one of the run may differ by how they are rounded. */
const nearMs = 1_000;

function listedAsTold(run: AuditFile['run'], journal: readonly JournalEntry[]): Finding[] {
  const begun = journal[0]?.kind === 'run.started' ? journal[0].data : undefined;
  const last = journal.at(-1);
  const ended = last?.kind === 'run.ended' ? last : undefined;
  const told: [name: string, told: Json | undefined, listed: string | undefined][] = [];
  // The journal of an older engine does not tell them.
  if (begun?.kind) told.push(['kind', begun.kind, run.kind]);
  if (begun?.owner) told.push(['owner', begun.owner, run.owner]);
  if (begun?.kind) told.push(['calling run', begun.partOf, run.partOf]);
  if (ended) told.push(['reason', ended.data?.reason, run.reason]);
  const findings = told
    .filter(([, said, listed]) => (said ?? '') !== (listed ?? ''))
    .map(
      ([name, said, listed]) =>
        `The run’s ${name} is ${quoted(said)} by its journal, and is listed as ${quoted(listed)}.`,
    );
  if (ended && run.endedAt !== undefined && Math.abs(Date.parse(run.endedAt) - ended.at) > nearMs)
    findings.push(
      `The run ended at ${new Date(ended.at).toISOString()} by its journal, and is listed as ended at ${run.endedAt}.`,
    );
  return findings.map((message) => ({ message }));
}

function quoted(value: Json | undefined): string {
  return value === undefined || value === '' ? 'none' : `"${String(value)}"`;
}

/** A journal and a chain that were both cut short agree with each other; the run's row says that there was more. */
function endIsThere({ run, journal, records }: AuditFile): Finding[] {
  const isOver = run.endedAt !== undefined || journal.at(-1)?.kind === 'run.ended';
  if (!isOver || records.some(({ kind }) => kind === 'run.ended')) return [];
  return [{ message: 'The run has ended, and its end is not on record.' }];
}

/**
 * A worker that is killed leaves a beginning without its end; the next attempt has records of its own, so the last one of each step
 * must have both. What a person settled is told by the journal.
 */
function outcomesAreThere({ run, journal, records }: AuditFile): Finding[] {
  if (run.endedAt === undefined) return [];
  const open = new Map<string, AuditRecord>();
  for (const record of records) {
    if (record.kind === 'action.begun') open.set(attemptKey(record), record);
    if (record.kind === 'action.ended') open.delete(attemptKey(record));
  }
  const settled = new Set(journal.filter(isSettledByPerson).map(({ step = '' }) => step));
  return [...open.values()]
    .filter((record) => !settled.has(stepOf(journalKey(record))))
    .map((record) => ({
      record: record.seq,
      message: `Record ${record.seq} says that ${record.data.action} began for "${journalKey(record)}", and what became of it is not on record.`,
    }));
}

function isSettledByPerson({ kind, data = {} }: JournalEntry): boolean {
  return (
    kind === 'step.left' ||
    (kind === 'step.succeeded' && data.completedBy !== undefined) ||
    (kind === 'step.skipped' && data.by !== undefined)
  );
}

const conclusions = [
  'step.succeeded',
  'step.skipped',
  'step.failed',
  'step.expired',
  'step.parked',
  'step.cancelled',
  'step.undone',
  'step.left',
];

/** What was done stands in the journal, too. Items of a large list that run in parts of their own are told as a count there. */
function stepsAreThere({ run, plan, journal, records }: AuditFile): Finding[] {
  if (run.endedAt === undefined || !plan) return [];
  const told = new Set(journal.filter(({ kind }) => conclusions.includes(kind)).map(({ step = '' }) => step));
  const counted = new Set(
    journal.filter(({ kind }) => kind === 'batch.ended').map(({ step = '' }) => bareId(step)),
  );
  const around = enclosing(plan);
  const missing = new Map<string, AuditRecord>();
  for (const record of records) {
    const { kind, data } = record;
    if (kind !== 'action.ended' || data.outcome !== 'succeeded' || data.effect === 'read') continue;
    const step = stepOf(journalKey(record));
    const above = around.get(bareId(step));
    if (told.has(step) || above === undefined || above.some((id) => counted.has(id))) continue;
    missing.set(step, record);
  }
  return [...missing].map(([step, record]) => ({
    record: record.seq,
    message: `Record ${record.seq} says that ${record.data.action} did its work for "${step}", and the journal does not know of that step.`,
  }));
}

/** As the journal names the step, whatever the round of a repeat. */
function journalKey({ step = '', data }: AuditRecord): string {
  return `${step}${typeof data.item === 'string' ? data.item.replace(/\.\d+/g, '') : ''}`;
}

/** Each round and item for itself. */
function attemptKey({ step = '', data }: AuditRecord): string {
  return `${step}${typeof data.item === 'string' ? data.item : ''}`;
}

/** `account[2].undo` is about the step `account[2]`; of what a called run did, `tell/account.undo`, about the step that called it. */
function stepOf(key: string): string {
  return key.replace(/\/.*$/, '').replace(/\.undo(?=$|\[)/, '');
}

function bareId(key: string): string {
  return /^[A-Za-z0-9_]+/.exec(key)?.[0] ?? key;
}

/** Id of a step -> ids of the steps that it stands in. */
function enclosing(plan: Plan): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const visit = (steps: readonly Step[], above: string[]): void => {
    for (const step of steps) {
      found.set(step.id, above);
      for (const inner of innerSteps(step)) visit(inner, [...above, step.id]);
    }
  };
  visit([...plan.steps, ...plan.finally], []);
  return found;
}
