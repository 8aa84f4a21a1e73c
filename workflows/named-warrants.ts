/**
 * The warrants of a run as its writes name them. What a call must name is the action kit's to say, from the kept plan; the engine
 * names all that it has.
 */
import type { RunStart } from './messages.ts';
import type { Occasion } from './occasion.ts';

/** From this version on, a write names the warrants behind which it is. */
export const warrantsSince = 4;

/** What a write names that is done here: of approvals given for another item, nothing. */
export function warrantsAt({ run, item }: Pick<Occasion, 'run' | 'item'>): string[] | undefined {
  if (run.start.engine < warrantsSince) return undefined;
  const names = [...(run.start.warrants ?? [])];
  for (const warrant of run.warrants.values()) if (item.startsWith(warrant.item)) names.push(warrant.name);
  return names;
}

/** The start of what does a part of the run, or is called by it, with what it names. */
export function warranted(occasion: Pick<Occasion, 'run' | 'item'>): RunStart {
  const { start } = occasion.run;
  const warrants = warrantsAt(occasion);
  return warrants && warrants.length > 0 ? { ...start, warrants } : start;
}
