/** The same plans on a real Temporal server: called off during writes, their workers killed again and again, they must end alike. */
import { EngineStack } from '../../test/engine/engine-stack.ts';
import { compareAll } from '../../test/engine/two-ports-lanes.ts';
import { report } from '../report.ts';

/** Each lane waits for the server more than it computes. */
const atOnce = 12;
const restartEveryMs = 4_000;

export async function compareWithReal({
  count,
  first,
  failures,
}: {
  count: number;
  first: number;
  failures: number;
}): Promise<void> {
  const stack = await EngineStack.start('bench-simulate');
  const began = performance.now();
  try {
    const compared = await compareAll(stack, { first, count, atOnce, restartEveryMs });
    const { different, seen, restarts, abortedDuringWrites } = compared;
    for (const each of different.slice(0, failures)) console.log(`\n${each}`);
    const minutes = (performance.now() - began) / 60_000;
    console.log(
      `Seeds ${first} to ${first + count - 1} on Temporal: ${Math.round(count / minutes)} histories a minute, ${restarts} workers killed, ${abortedDuringWrites} called off during a write`,
    );
    console.log(`Seen: ${[...seen].map(([what, times]) => `${what} ${times}`).join(', ')}`);
    report('simulate', [
      {
        what: 'histories that end otherwise on Temporal',
        value: different.length,
        unit: 'histories',
        limit: 0,
        limitIs: 'at most',
      },
      { what: 'histories on Temporal', value: count, unit: 'histories', limit: count, limitIs: 'at least' },
    ]);
  } finally {
    await stack.stop();
  }
}
