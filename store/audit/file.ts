/** What is exported of one run, and what is found wrong in it. */
import type { Plan } from '../../plan/plan.ts';
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
  journal: JournalEntry[];
  records: AuditRecord[];
  head?: AuditHead;
}

export const auditFormat = 'countersign-audit-1';

export interface Finding {
  /** Number of the record it is about, if it is about one. */
  record?: number;
  message: string;
  /** It may settle by itself within a minute, since the run is live. */
  awaited?: true;
}
