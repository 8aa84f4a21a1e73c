import { setTimeout as sleep } from 'node:timers/promises';

/** Waits; rejects with the signal's reason as soon as it is aborted. */
export async function delay(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** How long to wait before each new look for something that a service has created and does not show yet. */
export const patience: readonly number[] = [1_000, 2_000, 4_000, 8_000, 16_000];

/** Looks until something is there, waiting longer each time. Undefined when it has not appeared in the end. */
export async function lookPatiently<T>(
  look: () => Promise<T | undefined>,
  signal: AbortSignal,
  waits: readonly number[] = patience,
): Promise<T | undefined> {
  for (const wait of waits) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(wait, signal);
  }
  return look();
}
