/** At which place of the journal each item of a list was begun: it goes on with what was signed by then, whatever becomes of the list. */
import { readsByStep } from '../../compiler/gates/reads.ts';
import type { ForEachStep, Step } from '../../plan/plan.ts';
import { placeOf } from '../../plan/warrant.ts';
import type { JournalEntry } from '../journal.ts';
import type { KeptPlan } from './kept-plan.ts';

export class ItemsBegun {
  private readonly plan: KeptPlan;
  /** By the key of the list, and by the number of the item in it. */
  private readonly places = new Map<string, Map<string, number>>();

  constructor(plan: KeptPlan) {
    this.plan = plan;
  }

  /** Takes the entry at this place of the journal. */
  take(place: number, { kind, step: key = '' }: Pick<JournalEntry, 'kind' | 'step'>): void {
    if (kind !== 'step.started' && kind !== 'step.skipped') return;
    const at = placeOf(key);
    const step = at && this.plan.step(at.id);
    if (!step) return;
    // A list that is done again, or tried again, begins its items anew.
    if (step.kind === 'forEach') this.places.delete(key);
    for (const [depth, list] of listsAround(this.plan, step).entries()) {
      const listKey = list.id + at.items.slice(0, depth).join('');
      const begun = this.places.get(listKey) ?? new Map<string, number>();
      this.places.set(listKey, begun);
      const item = at.items[depth] ?? '';
      if (!begun.has(item)) begun.set(item, place);
    }
  }

  /** Of a step within the list, in the item that these numbers name. */
  placeOf(list: ForEachStep, depth: number, items: readonly string[]): number | undefined {
    return this.places.get(list.id + items.slice(0, depth).join(''))?.get(items[depth] ?? '');
  }
}

export function listsAround(plan: KeptPlan, step: Step): ForEachStep[] {
  const around = readsByStep(plan.plan).get(step.id)?.around ?? [];
  return around.map((id) => plan.step(id)).filter((each) => each?.kind === 'forEach');
}
