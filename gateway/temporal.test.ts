import { describe, expect, it } from '@jest/globals';
import { type Client, ServiceError } from '@temporalio/client';
import type { Sealing } from './sealing.ts';
import { RunService } from './temporal.ts';

describe('A run that is looked at', () => {
  it('while no worker is there is said to be out of reach for now, and not to be broken', async () => {
    const runs = new RunService(
      temporalThatSays(9, 'no poller seen for task queue recently, worker may be down'),
      'countersign',
      {} as Sealing,
    );
    await expect(runs.view('w', 'r')).rejects.toMatchObject({
      status: 503,
      title: 'No worker',
      retryAfter: 5,
    });
  });

  it('while Temporal is away says so', async () => {
    const runs = new RunService(temporalThatSays(14, 'connection lost'), 'countersign', {} as Sealing);
    await expect(runs.view('w', 'r')).rejects.toMatchObject({ status: 503, title: 'Temporal is away' });
  });
});

function temporalThatSays(code: number, details: string): Client {
  const cause = Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
  const query = () => Promise.reject(new ServiceError('Failed to query Workflow', { cause }));
  return {
    workflow: { getHandle: () => ({ query }) },
    withDeadline: (_: number, work: () => unknown) => work(),
  } as unknown as Client;
}
