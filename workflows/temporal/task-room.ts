/**
 * How much one workflow task may begin: Temporal takes no more than 4 MB at once, and fails a task that holds more again and again.
 * What does not fit is begun in the next task. A module of the workflow, so what it holds belongs to one run.
 */
import { CancellationScope, patched, sleep } from '@temporalio/workflow';

/** Characters of JSON, at up to three bytes each. */
const mostInOneTask = 1024 * 1024;

let begun = 0;
let nextTask: Promise<void> | undefined;

export function endTask(): void {
  begun = 0;
}

/** Undefined where there is room at once, which is nearly always: in a workflow every promise is paid for. */
export function roomFor(characters: number): Promise<void> | undefined {
  if (fits(characters) || !patched('room-in-task')) {
    begun += characters;
    return undefined;
  }
  return inALaterTask(characters);
}

async function inALaterTask(characters: number): Promise<void> {
  while (!fits(characters)) {
    // One timer for all who wait.
    nextTask ??= CancellationScope.nonCancellable(() => sleep(1)).finally(() => {
      nextTask = undefined;
    });
    await nextTask;
  }
  begun += characters;
}

/** What is larger than a task alone is begun alone. */
function fits(characters: number): boolean {
  return begun === 0 || begun + characters <= mostInOneTask;
}
