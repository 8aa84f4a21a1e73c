/** What is exported of one run, and what is found wrong in it. */
import { hashOf } from '../../plan/hash.ts';
import type { Json, Plan } from '../../plan/plan.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import type { RunRow } from '../runs.ts';
import type { AuditHead, AuditRecord } from './record.ts';

/** All there is of one run, as `countersign audit export` writes it. */
export interface AuditFile {
  format: typeof auditFormat;
  run: RunRow;
  commit?: string;
  plan?: Plan;
  /** Plans of the runbooks that it calls, and that those call. */
  called?: Plan[];
  /** The runs that called it, the nearest first. Absent of a file that was exported before these were in it. */
  callers?: Caller[];
  journal: JournalEntry[];
  records: AuditRecord[];
  head?: AuditHead;
}

/** A run of which a step called this one, or the one below it. */
export interface Caller {
  run: Pick<RunRow, 'id' | 'runbook' | 'planHash'>;
  /** Key of that step: `tell[2]`. */
  step: string;
  plan?: Plan;
  called?: Plan[];
  /** How it began, its warrants, and the votes that these count. */
  records: AuditRecord[];
}

export const auditFormat = 'countersign-audit-1';

export interface Finding {
  /** Number of the record it is about, if it is about one. */
  record?: number;
  message: string;
  /** It may settle by itself within a minute, since the run is live. */
  awaited?: true;
}

/** As the compiler makes it: see {@link Plan.hash}. */
export function planHash({ hash: _hash, positions: _positions, ...content }: Plan): string {
  return hashOf(content as unknown as Json);
}
