/** Reads items of a list that is kept beside the run, where they are about to be done. */
import type { ListReference } from '../../plan/kept-list.ts';
import type { ForEachStep, Json } from '../../plan/plan.ts';
import { engineActivities, type ReadListInput, type ReadListResult } from '../engine-activities.ts';
import { type Occasion, stepKey } from '../occasion.ts';
import { defaultRetry, defaultTimeoutMs } from './action.ts';
import type { Item } from './list-now.ts';
import { charactersOf } from './size.ts';

/** What one history takes of a list; what is left is done in another. */
const mostRead = 2 * 1024 * 1024;

/** The first of these items with their values: all, unless they are very large. */
export async function readItems(
  step: ForEachStep,
  list: ListReference,
  items: readonly Item[],
  occasion: Occasion,
): Promise<Item[]> {
  const read: Item[] = [];
  let characters = 0;
  while (read.length < items.length && characters < mostRead) {
    const left = items.slice(read.length).map(({ index }) => index);
    const input: ReadListInput = { list, items: left };
    const answer = await occasion.port.call(engineActivities.readList, input as unknown as Json, {
      step: stepKey(step, occasion),
      summary: 'Read its items',
      timeoutMs: defaultTimeoutMs,
      retry: defaultRetry,
      read: true,
    });
    const { items: values } = answer as unknown as ReadListResult;
    for (const [at, value] of values.entries()) {
      const index = left[at];
      if (index !== undefined) read.push({ index, value });
    }
    characters += charactersOf(answer);
  }
  return read;
}
