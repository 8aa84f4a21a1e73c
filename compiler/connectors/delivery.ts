/** What follows from the parts of an action: how often its effect may happen, and whether its effect is named rightly. */
import type { DeclaredAction } from '../../plan/declared.ts';
import type { Effect } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { childOf, entryOf, type MapNode } from '../source/tree.ts';
import type { ActionParts } from './action-parts.ts';
import { shownPath } from './contract.ts';
import type { ReadConnector } from './read-connector.ts';

/**
 * Exactly once with a mark, or with a look that tells whether it is done; else at least once where the author says why that is
 * harmless; else at most once: a request without an answer is not sent again.
 */
export function deliveryOf(parts: ActionParts): DeclaredAction['delivery'] {
  const { mark, change } = parts;
  if (!change || mark || tellsWhetherDone(parts)) return 'exactly once';
  return change.again === undefined ? 'at most once' : 'at least once';
}

/** A look that says whether it is so, be it that something is gone. */
function tellsWhetherDone({ looks, want, already }: ActionParts): boolean {
  const gone = looks.some((look) => [look.absent, look.none].some((absent) => absent?.means === 'already'));
  return looks.length > 0 && (want !== undefined || already !== undefined || gone);
}

export function checkEffect(
  root: MapNode,
  effect: Effect,
  { change }: ActionParts,
  connector: ReadConnector,
  session: CompileSession,
): void {
  const at = childOf(root, 'effect') ?? root;
  const report = (why: string, needs: Effect) =>
    session.report(codes.effectTooSmall, at, { effect, why, needs });
  if (!change) {
    if (effect !== 'read' && !entryOf(root, 'change')) report('it has no `change`', 'read');
    return;
  }
  const path = shownPath(change.request.path);
  const isDestructive =
    change.request.method === 'DELETE' || connector.destructive.some((each) => fitsPath(each, path));
  if (isDestructive && effect !== 'destructive')
    report(`${change.request.method} ${path} is destructive`, 'destructive');
  else if (effect === 'read') report('it has a `change`', 'write');
}

/** `{…}` stands for whatever stands there. */
function fitsPath(pattern: string, path: string): boolean {
  const plain = (text: string) => text.replace(/\{[^}]*\}/g, '{}');
  return plain(pattern) === path;
}

/** A write can tell whether it is done; a mark is set where it is looked for. */
export function checkWays(root: MapNode, parts: ActionParts, session: CompileSession): void {
  const { looks, mark, change } = parts;
  if (!change) return;
  const at = entryOf(root, 'change')?.keyRange ?? root;
  // One that could not be read has been reported.
  const isWritten = ['want', 'already', 'mark'].some((key) => entryOf(root, key));
  if (looks.length > 0 && !isWritten && !tellsWhetherDone(parts) && change.again === undefined)
    session.report(codes.noWayToTell, at, {});
  const already = entryOf(root, 'already');
  if (looks.length > 0 && parts.already !== undefined && already && !/\bfound\b/.test(parts.already))
    session.report(codes.constantAlready, already.value, {});
  if (mark && !/\bkey\b/.test(JSON.stringify(change.request))) session.report(codes.keyNotSent, at, {});
}
