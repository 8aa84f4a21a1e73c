/**
 * Whether the audit chain and the run's own journal tell the same: two accounts, written by different processes at
 * different moments, of the same votes, commands and actions.
 */
import { canonicalJson } from '../../plan/canonical-json.ts';
import { defined } from '../../plan/defined.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import type { ActionStep, Json, Plan, Step } from '../../plan/plan.ts';
import { keptPlan } from '../../workflows/evidence/kept-plan.ts';
import { type NotDerived, writesAsSigned } from '../../workflows/evidence/writes-as-signed.ts';
import { type RecordedWrite, writesInParts } from '../../workflows/evidence/writes-in-parts.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import { callersAgree } from './callers.ts';
import { completeness } from './completeness.ts';
import type { AuditFile, Finding } from './file.ts';
import { filledInAgrees } from './filled-in.ts';
import { questionsAgree } from './questions-agree.ts';
import { type AuditRecord, journalDigest, macPurposes, type Signer } from './record.ts';
import { warranted } from './warranted.ts';

export interface Counts {
  votes: number;
  commands: number;
  actions: number;
  /** Writes whose input was computed again from the plan and what was in force. */
  computed: number;
  /** Writes of which the journal does not tell all that they read. */
  notComputed: number;
}

export interface Agreement {
  counts: Counts;
  /** Writes that could not be computed again, by name and with the reason. */
  notComputed: NotDerived[];
  findings: Finding[];
}

export function agreement(file: AuditFile, signer?: Signer): Agreement {
  // What is gone on record cannot be compared: the chain alone is left.
  if (removalOf(file.records))
    return {
      counts: { ...recordedCounts(file), computed: 0, notComputed: 0 },
      notComputed: [],
      findings: [...removedIsGone(file), ...refusals(file)],
    };
  const told = toldAgrees(file);
  const done = actionsAgree(file, signer);
  const called = inputsAgree(file, signer);
  return {
    counts: { votes: told.votes, commands: told.commands, actions: done.actions, ...called.counts },
    notComputed: called.left,
    findings: [
      ...journalAgrees(file),
      ...told.findings,
      ...gatesAgree(file),
      ...questionsAgree(file, signer),
      ...filledInAgrees(file, signer),
      ...done.findings,
      ...completeness(file),
      ...warranted(file),
      ...callersAgree(file, signer),
      ...called.findings,
      ...refusals(file),
    ],
  };
}

/** The last record that says that the journal, or all of the run, is gone. */
export function removalOf(records: readonly AuditRecord[]): AuditRecord | undefined {
  return records.findLast(({ kind }) => kind === 'run.pruned');
}

/** A journal that came back is nobody's who may write it. */
function removedIsGone({ journal }: AuditFile): Finding[] {
  if (journal.length === 0) return [];
  return [
    {
      message: `The journal of this run is gone by its records, and there are ${journal.length} entries of one.`,
    },
  ];
}

/** By the records alone. */
function recordedCounts({ records }: AuditFile): Pick<Counts, 'votes' | 'commands' | 'actions'> {
  const count = (which: (record: AuditRecord) => boolean) => records.filter(which).length;
  return {
    votes: count(({ kind }) => kind === 'vote.accepted'),
    commands: count(({ kind }) => kind === 'command.accepted'),
    actions: count(({ kind, data }) => kind === 'action.ended' && data.outcome === 'succeeded'),
  };
}

/** The journal is whole, and is the one that was sealed when the run ended. */
function journalAgrees({ run, journal, records }: AuditFile): Finding[] {
  const gap = journal.findIndex(({ seq }, index) => seq !== index + 1);
  if (gap >= 0)
    return [
      {
        message: `The journal has a gap: its entry ${gap + 1} is missing. The run may be asked for it again.`,
      },
    ];
  const ended = records.findLast(({ kind }) => kind === 'run.ended' || kind === 'run.corrected');
  if (!ended) return [];
  const { entries, journal: digest, status } = ended.data;
  if (journal.length !== entries || journalDigest(journal) !== digest)
    return [
      {
        record: ended.seq,
        message: `The journal was changed after the run ended: it is not the one of ${entries} entries that record ${ended.seq} sealed.`,
      },
    ];
  if (status === run.status) return [];
  return [
    {
      record: ended.seq,
      message: `The run ended as ${status}, and is listed as ${run.status}.`,
    },
  ];
}

/** Something a person told the run: what the records of one request say of it together. */
interface Told {
  /** What it was, in a form in which the journal's entry can be found again. */
  what: string;
  words: string;
  outcome: 'accepted' | 'refused' | 'unknown';
  record: AuditRecord;
}

function toldAgrees({ run, journal, records }: AuditFile): {
  votes: number;
  commands: number;
  findings: Finding[];
} {
  const requests = requestsOf(records);
  const findings: Finding[] = [];
  let votes = 0;
  let commands = 0;
  for (const entry of journal) {
    const what = whatOf(entry);
    if (what === undefined) continue;
    if (entry.kind === 'vote') votes += 1;
    else commands += 1;
    // A gateway that was cut off before it heard the answer leaves a request without one.
    const found = ['accepted', 'unknown'].map((outcome) =>
      requests.findIndex((told) => told.outcome === outcome && told.what === what),
    );
    const index = found.find((at) => at >= 0);
    if (index !== undefined) requests.splice(index, 1);
    else
      findings.push({
        message: `The journal’s entry ${entry.seq} (${entry.kind} by ${entry.data?.by}) is not on record: nobody is recorded to have asked for it.`,
      });
  }
  const last = journal.at(-1)?.at ?? 0;
  for (const { outcome, words, record } of requests) {
    if (outcome !== 'accepted') continue;
    // The journal of a live run comes a moment after the record, and is asked for where it does not.
    const mayCome = !run.endedAt && Date.parse(record.at) >= last;
    findings.push({
      record: record.seq,
      message: `Record ${record.seq} says that ${words} was accepted, and the journal does not know of it${mayCome ? ' yet: the run is asked for it. Verify it again in a minute' : ''}.`,
      ...(mayCome ? { awaited: true as const } : {}),
    });
  }
  return { votes, commands, findings };
}

/** In order, one a request: one sent twice, as after a lost answer, counts once. */
function requestsOf(records: readonly AuditRecord[]): Told[] {
  const byRequest = new Map<string, Told>();
  for (const record of records) {
    const [kind, phase] = record.kind.split('.');
    if (kind !== 'vote' && kind !== 'command') continue;
    const { data, actor } = record;
    const who = kind === 'vote' ? String(data.for ?? actor) : actor;
    const about = kind === 'vote' ? [data.decision, data.hash] : [data.command];
    const what = canonicalJson([kind, record.step ?? null, who.toLowerCase(), ...about.map(orNull)]);
    // Somebody else under the same id, or something else, is another request: it must be found in the journal for itself.
    const id = canonicalJson([String(data.request), actor, what]);
    const known = byRequest.get(id);
    if (phase === 'accepted' && known) Object.assign(known, { outcome: 'accepted', record });
    else if (phase === 'refused' && known?.outcome === 'unknown') known.outcome = 'refused';
    if (known) continue;
    byRequest.set(id, {
      what,
      words: `${kind === 'vote' ? `the vote of ${who}` : `the command ${data.command} of ${who}`}`,
      outcome: phase === 'accepted' || phase === 'refused' ? phase : 'unknown',
      record,
    });
  }
  return [...byRequest.values()].filter(({ record }) => record.data.command !== 'event');
}

const commandOfKind: Record<string, string> = {
  'run.paused': 'pause',
  'run.resumed': 'resume',
  'run.amended': 'amend',
};

function whatOf({ kind, step, data = {} }: JournalEntry): string | undefined {
  const by = String(data.by).toLowerCase();
  if (kind === 'vote')
    return canonicalJson(['vote', step ?? null, by, orNull(data.decision), orNull(data.hash)]);
  const command = kind === 'command' ? data.command : commandOfKind[kind];
  return command === undefined ? undefined : canonicalJson(['command', step ?? null, by, command]);
}

function orNull(value: Json | undefined): Json {
  return value ?? null;
}

/** Who was asked, and to sign what, stood on record before anybody was asked. */
function gatesAgree({ journal, records }: AuditFile): Finding[] {
  return journal.flatMap((entry) => {
    if (entry.kind !== 'gate.opened') return [];
    const { hash } = entry.data ?? {};
    const known = records.some(
      ({ kind, step, data }) => kind === 'gate.opened' && step === entry.step && data.hash === hash,
    );
    if (known) return [];
    return [
      { message: `The journal says that "${entry.step}" was to be signed, and it is not on record as that.` },
    ];
  });
}

/** Every action of the journal that succeeded was recorded, before and after; and gave what the journal says. */
function actionsAgree(
  { journal, records, plan }: AuditFile,
  signer: Signer | undefined,
): { actions: number; findings: Finding[] } {
  const actions = plan ? actionsOf(plan) : new Map<string, ActionStep>();
  const ended = byKey(
    records.filter(({ kind, data }) => kind === 'action.ended' && data.outcome === 'succeeded'),
  );
  const begun = byKey(records.filter(({ kind }) => kind === 'action.begun'));
  const findings: Finding[] = [];
  const seen = new Map<string, number>();
  for (const { seq, kind, step = '', data } of journal) {
    const action = actions.get(/^\w+/.exec(step)?.[0] ?? '');
    const undone = kind === 'step.undone' && data?.uses !== undefined;
    const done = kind === 'step.succeeded' && action !== undefined && data?.completedBy === undefined;
    if (!undone && !done) continue;
    const key = undone ? `${step}.undo` : step;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    const [ends, begins] = [ended.get(key) ?? [], begun.get(key) ?? []];
    const writes = ends.every((record) => record.data.effect !== 'read');
    if (ends.length < times || (writes && begins.length < times))
      findings.push({
        message: `The journal’s entry ${seq} says that "${key}" did its work, and ${ends.length < times ? 'its end' : 'its beginning'} is not on record.`,
      });
    else if (done && signer && !ends.some((record) => gave(record, data?.output ?? null, signer)))
      findings.push({
        message: `The journal’s entry ${seq} shows another output of "${key}" than the one on record.`,
      });
    else if (data?.verified === true && !ends.some((record) => record.data.verified === true))
      findings.push({
        message: `The journal’s entry ${seq} says that what "${key}" did was read back, and that is not on record.`,
      });
  }
  return { actions: [...seen.values()].reduce((sum, times) => sum + times, 0), findings };
}

/** What writes were called with is what the plan makes of what was in force, was signed, and is what the action was given. */
function inputsAgree(
  { run, plan, called, journal, records }: AuditFile,
  signer: Signer | undefined,
): { counts: Pick<Counts, 'computed' | 'notComputed'>; left: NotDerived[]; findings: Finding[] } {
  if (!plan) return { counts: { computed: 0, notComputed: 0 }, left: [], findings: [] };
  const kept = keptPlan(plan, called);
  const whole = writesAsSigned(run, kept, journal);
  const parts = writesInParts(run, kept, journal, recordedWrites(records, signer));
  return {
    counts: {
      computed: whole.derived + parts.derived,
      notComputed: whole.notDerived + parts.notDerived,
    },
    left: [...whole.left, ...parts.left],
    findings: [
      ...whole.findings.map(({ message }) => ({ message })),
      ...parts.findings,
      ...(signer ? inputsAreRecorded(journal, records, signer) : []),
    ],
  };
}

/** With the installation's keys each can be compared with what it should have been called with. */
function recordedWrites(records: readonly AuditRecord[], signer: Signer | undefined): RecordedWrite[] {
  return records.flatMap(({ kind, seq, step = '', data }) => {
    const { input, item } = data;
    if (kind !== 'action.begun' || input === undefined) return [];
    const undo = step.endsWith('.undo');
    return {
      record: seq,
      step: undo ? step.slice(0, -'.undo'.length) : step,
      item: typeof item === 'string' ? item : '',
      undo,
      ...defined({ was: signer && ((value: Json) => isDigestOf(input, value, signer)) }),
    };
  });
}

/** Of engines that put the digest of each input on record. */
function inputsAreRecorded(
  journal: readonly JournalEntry[],
  records: readonly AuditRecord[],
  signer: Signer,
): Finding[] {
  const begun = byKey(
    records.filter(({ kind, data }) => kind === 'action.begun' && data.input !== undefined),
  );
  return journal.flatMap(({ seq, kind, step = '', data = {} }) => {
    if (data.input === undefined || !(kind === 'step.succeeded' || kind === 'step.undone')) return [];
    const key = kind === 'step.undone' ? `${step}.undo` : step;
    const begins = begun.get(key) ?? [];
    if (
      begins.length === 0 ||
      begins.some(({ data: { input: digest } }) => isDigestOf(digest, data.input ?? null, signer))
    )
      return [];
    return [
      {
        message: `The journal’s entry ${seq} says with what "${key}" was called, and it was called with something else.`,
      },
    ];
  });
}

function gave({ data }: AuditRecord, output: Json, signer: Signer): boolean {
  return isDigestOf(data.output, output, signer);
}

function isDigestOf(digest: Json | undefined, value: Json, signer: Signer): boolean {
  try {
    return typeof digest === 'string' && signer.checkMac(macPurposes.value, canonicalJson(value), digest);
  } catch {
    // By a key that is gone: then it cannot be compared, which its record's own signature says already.
    return true;
  }
}

/** Records of one step (and item) under the name that the journal has for it, whatever the round of a repeat. */
function byKey(records: readonly AuditRecord[]): Map<string, AuditRecord[]> {
  const groups = new Map<string, AuditRecord[]>();
  for (const record of records) {
    const item = typeof record.data.item === 'string' ? record.data.item.replace(/\.\d+/g, '') : '';
    const key = `${record.step}${item}`;
    const group = groups.get(key);
    if (group) group.push(record);
    else groups.set(key, [record]);
  }
  return groups;
}

function actionsOf(plan: Plan): Map<string, ActionStep> {
  const actions = new Map<string, ActionStep>();
  const visit = (steps: readonly Step[]): void => {
    for (const step of steps) {
      if (step.kind === 'action') actions.set(step.id, step);
      for (const inner of innerSteps(step)) visit(inner);
    }
  };
  visit([...plan.steps, ...plan.finally]);
  return actions;
}

/** Somebody else wrote to Temporal, or an engine called what nobody signed: an auditor wants to know of it, although nothing came of it. */
function refusals({ records }: AuditFile): Finding[] {
  return records
    .filter(({ kind }) => kind === 'call.refused')
    .map(({ seq, at, data }) => ({
      record: seq,
      message: `Record ${seq}: ${data.what} was refused at ${at}: ${data.why}`,
    }));
}
