/** Whether the gateway answers, and the word to look again once it does. */
import { useSyncExternalStore } from 'react';

let lostAt: number | undefined;
const listeners = new Set<() => void>();

export function sawAnswer(answered: boolean): void {
  if (answered === (lostAt === undefined)) return;
  lostAt = answered ? undefined : Date.now();
  for (const tell of listeners) tell();
  if (answered) dispatchEvent(new Event(lookAgain));
}

/** Since when nothing was heard of the gateway; undefined while it answers. */
export function useLostSince(): number | undefined {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => lostAt,
  );
}

/** Dispatched on the window when what is shown may be old. */
export const lookAgain = 'countersign:look-again';
