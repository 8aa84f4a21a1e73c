/**
 * What those who approved filled in: by the records of their votes, by the journal, by what the approval was decided with, by its
 * warrant, and by what the run went on with.
 */
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { placeOf } from '../../plan/warrant.ts';
import { type KeptPlan, keptPlan } from '../../workflows/evidence/kept-plan.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import type { AuditFile, Finding } from './file.ts';
import { type AuditRecord, isKnownDigest, type Signer } from './record.ts';

export function filledInAgrees(
  { journal, records, plan, called }: Pick<AuditFile, 'journal' | 'records' | 'plan' | 'called'>,
  signer?: Signer,
): Finding[] {
  const kept = plan && keptPlan(plan, called);
  return journal.flatMap((entry, index) => {
    const { kind, data = {} } = entry;
    if (kind === 'vote' && isMap(data.form) && signer) return voteIsRecorded(entry, records, signer);
    if (kind !== 'gate.approved' || data.proposals !== undefined) return [];
    if (data.form === undefined)
      return isAsked(entry, kept) ? [found(entry, 'without what it asks for')] : [];
    return [
      ...votesSayIt(entry, journal.slice(0, index)),
      ...runGoesOnWith(entry, journal.slice(index + 1)),
      ...(signer ? warrantSaysIt(entry, records, signer) : []),
    ];
  });
}

function isAsked({ step = '' }: JournalEntry, kept: KeptPlan | undefined): boolean {
  const of = kept?.step(placeOf(step)?.id ?? '');
  return of?.kind === 'approve' && of.form !== undefined;
}

function found({ seq, step }: JournalEntry, what: string): Finding {
  return { message: `The journal’s entry ${seq} says that "${step}" was approved ${what}.` };
}

/** The last vote of each who is said to have signed, since people were asked. */
function votesSayIt(entry: JournalEntry, before: readonly JournalEntry[]): Finding[] {
  const { step, data = {} } = entry;
  const opened = before.findLast((each) => each.kind === 'gate.opened' && each.step === step);
  const votes = before.filter(
    (each) => each.kind === 'vote' && each.step === step && each.data?.hash === opened?.data?.hash,
  );
  return textsIn(data.by).flatMap((person) => {
    const vote = votes.findLast((each) => String(each.data?.by).toLowerCase() === person.toLowerCase());
    if (vote?.data?.decision === 'approve' && same(vote.data.form, data.form)) return [];
    return [found(entry, `with other values than ${person} filled in`)];
  });
}

function runGoesOnWith(entry: JournalEntry, after: readonly JournalEntry[]): Finding[] {
  const next = after.find(({ step, kind }) => step === entry.step && ends.has(kind));
  if (next?.kind !== 'step.succeeded' || same(next.data?.output, entry.data?.form)) return [];
  return [
    { message: `The journal’s entry ${next.seq} gives other values of "${entry.step}" than were signed.` },
  ];
}

const ends: ReadonlySet<string> = new Set(['step.succeeded', 'step.parked', 'step.failed', 'gate.opened']);

/** Field by field, as the gateway took it down before the run heard of it. */
function voteIsRecorded(
  { seq, step, data = {} }: JournalEntry,
  records: readonly AuditRecord[],
  signer: Signer,
): Finding[] {
  const given = data.form as JsonObject;
  const isIt = ({ kind, step: of, actor, data: told }: AuditRecord) =>
    kind.startsWith('vote.') &&
    of === step &&
    told.hash === data.hash &&
    told.decision === data.decision &&
    String(told.for ?? actor).toLowerCase() === String(data.by).toLowerCase() &&
    areDigestsOf(told.form ?? {}, given, signer);
  if (records.some(isIt)) return [];
  return [
    {
      message: `The journal’s entry ${seq} shows that ${data.by} filled in for "${step}" what is not on record.`,
    },
  ];
}

function areDigestsOf(recorded: Json, values: JsonObject, signer: Signer): boolean {
  return (
    isMap(recorded) &&
    same(Object.keys(recorded).sort(), Object.keys(values).sort()) &&
    Object.entries(values).every(([name, value]) => isKnownDigest(signer, value, recorded[name] ?? null))
  );
}

function warrantSaysIt(entry: JournalEntry, records: readonly AuditRecord[], signer: Signer): Finding[] {
  const issued = records.filter(({ kind, step, data }) => {
    return kind === 'warrant.issued' && step === entry.step && data.form !== undefined;
  });
  const values = entry.data?.form ?? null;
  if (issued.length === 0 || issued.some(({ data }) => isKnownDigest(signer, values, data.form ?? null)))
    return [];
  return [found(entry, 'with other values than its warrant says')];
}

function same(one: Json | undefined, other: Json | undefined): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}

function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textsIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
