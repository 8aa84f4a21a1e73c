/** Everything that an editor may offer for what is wrong at a place. */

import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { Workspace } from '../workspace.ts';
import type { Mend } from './mend.ts';
import { obvious } from './obvious.ts';
import { suggestedMend } from './suggested.ts';

/** Nobody reads a longer menu, and each costs a few readings of the file. */
const mostOffered = 40;

/** Each with its diagnostic, in the order of the file. */
export function mendsAt(
  workspace: Workspace,
  file: string,
  { start, end }: { start: number; end: number },
): { diagnostic: Diagnostic; mend: Mend }[] {
  const text = workspace.text(file);
  if (text === undefined) return [];
  const here = (workspace.diagnostics().get(file) ?? []).filter(
    ({ range }) => range.start <= end && range.end >= start,
  );
  return here.slice(0, mostOffered).flatMap((diagnostic) => {
    const mend = mendOf(workspace, file, text, diagnostic);
    return mend ? [{ diagnostic, mend }] : [];
  });
}

export function mendOf(
  workspace: Workspace,
  file: string,
  text: string,
  diagnostic: Diagnostic,
): Mend | undefined {
  const place = { workspace, file, text, diagnostic };
  if (diagnostic.suggestion !== undefined) return suggestedMend(place);
  return Object.hasOwn(obvious, diagnostic.code) ? obvious[diagnostic.code]?.(place) : undefined;
}
