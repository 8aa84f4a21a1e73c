/** Separation of duties: who may not sign in a run, by what else they did for it. */
import { titleIn } from './gate/titles.ts';
import { type HandChange, type Reach, touching } from './hands.ts';
import type { RunStart } from './messages.ts';
import type { Barred } from './votes.ts';

/** What people did in a run. */
export interface Doings {
  lastEditor: string | undefined;
  operators: ReadonlySet<string>;
  hands: readonly HandChange[];
}

export interface Signed {
  except?: readonly string[] | undefined;
  /** What the signature stands for; without it, all that was changed by hand. */
  reach?: Reach;
}

/**
 * Whoever asked, and whoever changed by hand what the approval covers, here or in the run that called this one, never; the author and
 * the operators where the configuration says so; and those whom the approval itself leaves out.
 */
export function barredFrom(
  { plan, requester, author, separate = [], typedBy = [] }: RunStart,
  { lastEditor, operators, hands }: Doings,
  { except = [], reach = { cover: 'everything' } }: Signed = {},
): Barred {
  const barred = new Map<string, string>();
  for (const id of except) barred.set(id, 'is left out of this signature by the runbook');
  if (separate.includes('operator')) for (const id of operators) barred.set(id, 'operated this run');
  if (separate.includes('author') && author) barred.set(author.toLowerCase(), 'last changed this runbook');
  if (lastEditor) barred.set(lastEditor, 'changed the inputs of this run');
  for (const id of typedBy) barred.set(id, 'changed by hand what this run was given');
  for (const hand of touching(hands, reach)) barred.set(hand.by, whatWasDone(hand, plan));
  barred.set(requester.id.toLowerCase(), 'asked for this run');
  return barred;
}

function whatWasDone({ path, asked }: HandChange, plan: RunStart['plan']): string {
  const [, key = '', what] = path.split('.');
  const id = key.replace(/\[.*$/, '');
  if (path.startsWith('inputs.')) return 'changed the inputs of this run';
  const title = titleIn(plan, id) ?? id;
  if (asked) return `reported "${title}"`;
  if (what === 'with') return `changed by hand what "${title}" is called with`;
  return what === 'output' ? `said by hand what "${title}" gave` : `changed "${title}" by hand`;
}
