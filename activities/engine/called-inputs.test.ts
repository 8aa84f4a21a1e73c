import { describe, expect, it } from '@jest/globals';
import { Calendars } from '../../organisation/calendars.ts';
import { Seal } from '../../vault/seal.ts';
import { engineActivities as names } from '../../workflows/engine-activities.ts';
import { engineActivities } from './activities.ts';
import { workflowIdOf } from './run-start.ts';

const seal = new Seal({ current: 'k', keys: { k: Buffer.alloc(32) } });
const activities = engineActivities({
  roles: () => ({}),
  calendars: () => new Calendars({ calendars: {}, timezone: 'UTC', read: () => '' }),
  tell: async () => {},
  seal,
});
const inputs = {
  size: { schema: { type: 'string', enum: ['small', 'large'] }, required: true },
  when: { schema: { type: 'string', format: 'date' }, required: false, default: '2026-01-31' },
  pin: { schema: { type: 'string' }, required: false, sensitive: true },
};
const check = async (given: object) =>
  (await activities[names.checkInputs]?.({ runbook: 'send', inputs, given } as never, {} as never)) as {
    inputs: Record<string, unknown>;
  };

describe('What a called runbook is given', () => {
  it('is filled in with its defaults, and sealed where it is sensitive', async () => {
    const { inputs: filled } = await check({ size: 'small', pin: '4471' });
    expect(filled).toMatchObject({ size: 'small', when: '2026-01-31', pin: { $sealed: expect.any(String) } });
    expect(JSON.stringify(filled)).not.toContain('4471');
  });

  it('is refused with all that is wrong, as at the door', async () => {
    await expect(check({ size: 'huge', when: 'soon' })).rejects.toThrow(
      /What "send" is given does not fit it\..*size.*when/s,
    );
  });

  it('is refused where all of it together is more than a run can take', async () => {
    await expect(check({ size: 'large', pin: 'x'.repeat(600 * 1024) })).rejects.toThrow(
      'Together the inputs have 601 KB, and a run can take 512 KB.',
    );
  });

  it('may be sealed already, and stays as it is', async () => {
    const sealed = { $sealed: seal.seal('4471') };
    expect((await check({ size: 'large', pin: sealed })).inputs.pin).toEqual(sealed);
  });

  it('gives a runbook with a `unique` key the id that a ticket or a person would start it under, sealed inputs too', async () => {
    const unique = { key: { $expr: 'inputs.size + inputs.pin' } };
    const called = (given: object) =>
      activities[names.checkInputs]?.(
        { runbook: 'send', inputs, given, unique } as never,
        {} as never,
      ) as Promise<{
        workflowId: string;
      }>;
    const expected = workflowIdOf(seal, 'send', 'small4471');
    expect((await called({ size: 'small', pin: '4471' })).workflowId).toBe(expected);
    expect((await called({ size: 'small', pin: { $sealed: seal.seal('4471') } })).workflowId).toBe(expected);
    expect((await called({ size: 'large', pin: '4471' })).workflowId).not.toBe(expected);
  });
});
