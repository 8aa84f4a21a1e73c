/** Separation of duties: who may not sign in a run, by what else they did for it. */
import type { RunStart } from './messages.ts';
import type { RunState } from './state.ts';
import type { Barred } from './votes.ts';

/**
 * Whoever asked, and whoever last changed the inputs, never; the author and the operators where the configuration says so;
 * and those whom the approval itself leaves out.
 */
export function barredFrom(
  { requester, author, separate = [] }: RunStart,
  { lastEditor, operators }: Pick<RunState, 'lastEditor' | 'operators'>,
  except: readonly string[] = [],
): Barred {
  const barred = new Map<string, string>();
  for (const id of except) barred.set(id, 'is left out of this signature by the runbook');
  if (separate.includes('operator')) for (const id of operators) barred.set(id, 'operated this run');
  if (separate.includes('author') && author) barred.set(author.toLowerCase(), 'last changed this runbook');
  if (lastEditor) barred.set(lastEditor, 'changed the inputs of this run');
  barred.set(requester.id.toLowerCase(), 'asked for this run');
  return barred;
}
