/**
 * The last resort of an abort: a run that does not answer, though a worker is there, is terminated in Temporal. Nothing is taken back, so
 * what it had done is named.
 */
import type { RunRow } from '../../store/runs.ts';
import { isAddressedTo } from '../../workflows/addressed-to.ts';
import type { Left, Principal } from '../../workflows/messages.ts';
import { isNoAnswer, Problem } from '../problem.ts';
import type { ApiParts } from './request.ts';

export interface ForcedAbort {
  principal: Principal;
  comment: string | undefined;
}

/** Why the usual abort failed -> what was left undone. Throws it again where force is no answer to it. */
export async function abortByForce(
  row: RunRow,
  { principal, comment }: ForcedAbort,
  why: unknown,
  { store, runs }: Pick<ApiParts, 'store' | 'runs'>,
): Promise<Left[]> {
  if (!isNoAnswer(why)) throw why;
  if (!isAddressedTo(row.owner, principal))
    throw new Problem(403, 'Not allowed', `Only ${row.owner} may end this run, and ${principal.id} is not.`);
  const said = comment ? `: ${comment}` : '';
  const reason = `ended by force by ${principal.id}${said}. It did not answer, and what it had done was not taken back.`;
  await runs.terminate(row.workflowId, row.id, { principal, reason });
  await store.comparisons.end(
    { runId: row.id, workflowId: row.workflowId, runbook: row.runbook, contiguousTo: 0 },
    { status: 'cancelled', reason, by: principal.id },
  );
  const ended = (await store.runs.journal(row.id, 0, 100_000)).findLast(({ kind }) => kind === 'run.ended');
  return (ended?.data?.left ?? []) as unknown as Left[];
}

/** What may be done about a run that does not answer its abort. */
export function withForceNamed(error: unknown): unknown {
  if (!isNoAnswer(error)) return error;
  return new Problem(
    503,
    'No answer',
    'The run did not answer in time. It may have taken the abort all the same: look at it. If it never answers, end it as the last resort with --force: then nothing is taken back, and what it had done is named.',
    { retryAfter: 5, type: error.type },
  );
}
