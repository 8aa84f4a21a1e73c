import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@temporalio/worker';
import { onlyFaults } from './temporal-logging.ts';

function saying(now: () => number = () => 0) {
  const lines: string[] = [];
  const log = onlyFaults((line) => lines.push(line), now);
  const warn = (message: string, meta: Record<string, unknown>) =>
    log({ level: 'WARN', message, meta, timestampNanos: 0n } satisfies LogEntry);
  return { lines, warn };
}

describe('A worker’s log', () => {
  it('says that a run cannot go on, and why, though Temporal only warns of it', () => {
    const { lines, warn } = saying();
    warn('Workflow failed', { runId: 'r1', error: new TypeError('steps is not iterable') });
    warn('Failing workflow task', {
      runId: 'r2',
      failure:
        'Failure { failure: Some(Failure { message: "[TMPRL1100] No \\"timer\\" here", source: "" }) }',
    });
    expect(lines).toEqual([
      'Run r1 cannot go on: steps is not iterable. Temporal tries it again until it can.',
      'Run r2 cannot go on: [TMPRL1100] No "timer" here. Temporal tries it again until it can.',
    ]);
  });

  it('says the same of a run once an hour, however often it is tried', () => {
    let hours = 0;
    const { lines, warn } = saying(() => hours * 3_600_000);
    const failed = { runId: 'r1', error: new Error('no') };
    for (const at of [0, 0.1, 0.9, 1]) {
      hours = at;
      warn('Workflow failed', failed);
      warn('Failing workflow task', { runId: 'r1', failure: 'message: "no"' });
    }
    expect(lines).toHaveLength(2);
  });

  it('says nothing of what is usual', () => {
    const { lines, warn } = saying();
    warn('No workflows registered, not polling for workflow tasks', { taskQueue: 'countersign.test' });
    expect(lines).toEqual([]);
  });
});
