import { describe, expect, it } from '@jest/globals';
import type { Notice } from '../activities/engine/services.ts';
import type { DueNotice } from '../store/notices.ts';
import { sendDue } from './requester-notices.ts';

const ticket = { system: 'jira', key: 'HR-7', id: '7', url: 'https://example.com/HR-7', summary: 'New' };

async function send(due: Partial<DueNotice>[], fails?: string) {
  const told: Notice[] = [];
  const sent: string[] = [];
  const log: string[] = [];
  await sendDue({
    claim: async () =>
      due.map((each, index) => ({
        runId: `r${index}`,
        kind: 'run.ended',
        title: 'New hire',
        requester: 'hr@example.com',
        status: 'succeeded',
        ...each,
      })),
    sent: async ({ runId }) => void sent.push(runId),
    tell: async (notice) => {
      if (notice.id.startsWith(fails ?? 'none')) throw new Error('no mail server');
      told.push(notice);
    },
    log: (line) => log.push(line),
  });
  return { told, sent, log };
}

describe('Whoever asked for a run', () => {
  it('is told that it has begun and how it ended, with the ticket and the reason', async () => {
    const { told } = await send([
      { kind: 'run.started', ticket },
      { status: 'rejected', reason: '"Sign" was refused by m@example.com', ticket },
    ]);
    expect(told.map(({ subject }) => subject)).toEqual([
      'Started: New hire (HR-7)',
      'Refused: New hire (HR-7)',
    ]);
    expect(told[1]?.text).toContain('"Sign" was refused by m@example.com');
    expect(told[1]?.text).toContain('https://example.com/HR-7');
  });

  it('is told again later when it could not be sent, and the others are told all the same', async () => {
    const { told, sent, log } = await send([{}, {}], 'r0');
    expect(told.map(({ id }) => id)).toEqual(['r1.ended']);
    expect(sent).toEqual(['r1']);
    expect(log[0]).toContain('hr@example.com could not be told of run r0 yet');
  });

  it('is nobody to be told where a schedule asked', async () => {
    expect(await send([{ requester: 'schedule' }])).toMatchObject({ told: [], sent: ['r0'] });
  });
});
