/**
 * Checks a run's audit chain, and that it agrees with the run's journal and plan. Pure: the gateway does it over the
 * database, the command line over an exported file.
 */
import { defined } from '../../plan/defined.ts';
import type { NotDerived } from '../../workflows/evidence/writes-as-signed.ts';
import { agreement, type Counts, removalOf } from './agreement.ts';
import { type AuditFile, type Finding, planHash } from './file.ts';
import {
  type AuditHead,
  type AuditRecord,
  contentProblem,
  headText,
  macPurposes,
  noHash,
  type Signer,
  signatureProblem,
} from './record.ts';

export interface Verdict {
  run: string;
  intact: boolean;
  /** With a key ring, that is by the gateway; a file alone proves no signature. */
  signatures: 'checked' | 'not checked';
  records: number;
  from?: string;
  to?: string;
  /** Hash of the last record: whoever has noted it elsewhere can compare. */
  head?: string;
  counts: Counts;
  /** Why there is no journal to compare it with. */
  removed?: Removed;
  /** Writes that could not be computed again, by name and with the reason. */
  notComputed: NotDerived[];
  /** The chain's first; then every disagreement with the journal and the plan. */
  findings: Finding[];
}

/** What of the run is gone, since when, and by which rule: its records are whole all the same. */
export interface Removed {
  at: string;
  /** Of `retention`. */
  rule?: string;
  what?: 'journals' | 'runs';
}

export function verify(file: AuditFile, signer?: Signer): Verdict {
  const { run, records, head, plan, ...rest } = file;
  const broken = chainProblem(run.id, records, head, signer);
  const planFindings = planAgrees(file);
  // A plan that is not the run's says nothing about its steps.
  const genuine = plan && planHash(plan) === run.planHash ? { plan } : {};
  const { counts, notComputed, findings } = agreement({ ...rest, run, records, ...genuine }, signer);
  // What a broken chain says is not worth comparing.
  const all = broken ? [broken] : [...planFindings, ...findings];
  const [first, last] = [records[0], records.at(-1)];
  return {
    run: run.id,
    intact: all.length === 0,
    signatures: signer ? 'checked' : 'not checked',
    records: records.length,
    ...(first && last ? { from: first.at, to: last.at, head: last.hash } : {}),
    counts,
    ...defined({ removed: removedBy(records) }),
    notComputed,
    findings: all,
  };
}

function removedBy(records: readonly AuditRecord[]): Removed | undefined {
  const record = removalOf(records);
  if (!record) return undefined;
  const { at, data } = record;
  const said = (key: string) => (typeof data[key] === 'string' ? data[key] : undefined);
  return { at, ...defined({ rule: said('rule'), what: said('what') as Removed['what'] }) };
}

/** What is wrong with the chain itself, whatever its records say. */
export function chainProblem(
  runId: string,
  records: readonly AuditRecord[],
  head: AuditHead | undefined,
  signer: Signer | undefined,
): Finding | undefined {
  if (records.length === 0 && !head)
    return {
      message:
        'There is no record of this run: it is older than the audit chain, or its records were removed.',
    };
  let previous = noHash;
  for (const [index, record] of records.entries()) {
    const problem = problemOf(record, index + 1, previous, runId, signer);
    if (problem) return { record: record.seq, message: problem };
    previous = record.hash;
  }
  return endProblem(runId, records, head, signer);
}

function problemOf(
  record: AuditRecord,
  expected: number,
  previous: string,
  runId: string,
  signer: Signer | undefined,
): string | undefined {
  const name = `Record ${record.seq} (${record.kind}, ${record.actor}, ${record.at})`;
  if (record.seq !== expected)
    return record.seq > expected
      ? `Record ${expected} is missing: ${expected === 1 ? 'the chain begins' : `after record ${expected - 1} it goes on`} with record ${record.seq}.`
      : `${name} is out of order: record ${expected} should stand there.`;
  if (record.runId !== runId) return `${name} belongs to another run, ${record.runId}.`;
  if (record.previous !== previous)
    return expected === 1
      ? `${name} says that another record came before it, and it is the first.`
      : `${name} does not follow record ${expected - 1}: the record that it names as the one before has another hash.`;
  return contentProblem(record, name, signer);
}

function endProblem(
  runId: string,
  records: readonly AuditRecord[],
  head: AuditHead | undefined,
  signer: Signer | undefined,
): Finding | undefined {
  const last = records.at(-1);
  if (!head) return { message: 'The chain’s end is not on record: its head was removed.' };
  if (!last || last.seq < head.seq) {
    const missing = head.seq - (last?.seq ?? 0);
    const what = missing === 1 ? 'The last record is' : `The last ${missing} records are`;
    return { message: `${what} missing: the chain should end with record ${head.seq}.` };
  }
  if (last.seq > head.seq || last.hash !== head.hash)
    return {
      record: last.seq,
      message: `Record ${last.seq} is not the end of the chain: its head names another record, ${head.seq}.`,
    };
  const problem = signatureProblem(
    signer,
    'The chain’s head',
    macPurposes.head,
    headText(runId, head),
    head.mac,
  );
  return problem === undefined ? undefined : { message: problem };
}

/** The run's plan is the one it was started with, and the text of it that is kept is that plan. */
function planAgrees({ run, plan, records }: AuditFile): Finding[] {
  const started = records.find(({ kind }) => kind === 'run.started');
  const findings: Finding[] = [];
  if (started && run.planHash && started.data.planHash !== run.planHash)
    findings.push({
      record: started.seq,
      message: `The run was started with the plan ${started.data.planHash}, and is listed with ${run.planHash}.`,
    });
  if (!run.planHash) return findings;
  if (!plan)
    findings.push({ message: `The plan ${run.planHash} that the run carried out is not kept any more.` });
  else if (planHash(plan) !== run.planHash || plan.hash !== run.planHash)
    findings.push({
      message: `The plan that is kept for this run was changed: its content does not give the hash ${run.planHash}.`,
    });
  return findings;
}
