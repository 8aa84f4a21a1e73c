/**
 * Loaded into every thread of the bench's worker (`--import`): collects garbage when asked, and says how much of the
 * thread's heap is committed and free. What the process occupies less that is what its runs really hold: V8 keeps
 * some ten MiB of free pages or not, as it happens to have collected last.
 */

import { getHeapStatistics } from 'node:v8';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

const asks = 'bench-scale-collect';
const answers = 'bench-scale-collected';

export function freeHeap(): number {
  global.gc?.();
  const { total_heap_size: total, used_heap_size: used } = getHeapStatistics();
  return total - used;
}

/** Of all other threads of this process that answer within two seconds. */
export async function freeHeapElsewhere(): Promise<number[]> {
  const [ask, answer] = [new BroadcastChannel(asks), new BroadcastChannel(answers)];
  const found: number[] = [];
  answer.onmessage = (event) => found.push((event as { data: number }).data);
  ask.postMessage('collect');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  ask.close();
  answer.close();
  return found;
}

if (!isMainThread) {
  const [ask, answer] = [new BroadcastChannel(asks), new BroadcastChannel(answers)];
  ask.onmessage = () => answer.postMessage(freeHeap());
  for (const channel of [ask, answer]) channel.unref();
}
