/** Of a list that is kept beside its run each item is done with what stands at its place, whichever part of the run read it. */
import { type Effect, keptItem } from '../world.ts';
import type { History } from './observed.ts';
import { itemsOf, standings } from './places.ts';

export function checkKeptLists({ world, plans }: History): string[] {
  return world.effects.flatMap((effect) => {
    const plan = plans.get(effect.run);
    const standing = plan && standings(plan).get(effect.step);
    if (standing?.step.kind !== 'action') return [];
    const lists = standing.around.filter((each) => each.kind === 'forEach');
    return lists.flatMap((list, depth) => {
      if (list.kind !== 'forEach' || !list.items.startsWith('steps.')) return [];
      const expected = keptItem(Number(itemsOf(effect.item)[depth]?.slice(1, -1)));
      return itemsGiven(effect, list.as, (standing.step as { with?: unknown }).with)
        .filter((given) => given !== expected)
        .map((given) => `${effect.step}${effect.item} was done for ${given}, and there stands ${expected}`);
    });
  });
}

/** Where the item itself is handed on; what an operator typed instead is theirs. */
function itemsGiven({ input }: Effect, name: string, template: unknown): string[] {
  return Object.entries(template as Record<string, { $expr?: string }>).flatMap(([field, { $expr }]) => {
    const given = (input as Record<string, unknown>)[field];
    return $expr === name && typeof given === 'string' && /^i\d+$/.test(given) ? [given] : [];
  });
}
