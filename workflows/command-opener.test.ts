import { describe, expect, it } from '@jest/globals';
import type { OpenedCommand } from '../plan/sealed.ts';
import { CommandOpener } from './command-opener.ts';
import { planOf, startOf } from './testing.ts';

const start = startOf(planOf([]));
const minute = 60_000;
const now = 1_000 * minute;

function opener() {
  const refused: string[] = [];
  return {
    refused,
    opener: new CommandOpener(
      start,
      'run-1',
      () => now,
      (_, why) => refused.push(why),
    ),
  };
}

const command = (more: Partial<OpenedCommand> = {}) => ({
  $opened: {
    run: 'run-1',
    planHash: start.plan.hash,
    command: 'vote',
    step: 'sign',
    occasion: 'sign',
    person: 'dana@example.com',
    at: now,
    number: 'one',
    request: { decision: 'approve' },
    ...more,
  } as OpenedCommand,
});

describe('A command that comes to a run', () => {
  it('is believed when a gateway signed it for this run, and told as it was given', () => {
    const { opener: opens, refused } = opener();
    expect(opens.look('vote', command())).toMatchObject({ person: 'dana@example.com' });
    expect(opens.take('vote', command())).toEqual({ decision: 'approve' });
    expect(refused).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ['in plain text', { step: 'sign', decision: 'approve' }, /no gateway has signed it/],
    ['for another run', command({ run: 'run-2' }), /signed for the run run-2/],
    ['for another plan', command({ planHash: 'other' }), /signed for another plan/],
    ['as another command', command({ command: 'retry' }), /signed as retry, not as vote/],
    ['sixteen minutes ago', command({ at: now - 16 * minute }), /more than 15 minutes before or after now/],
  ])('is not believed when it was written %s, and that is told for the record', (_, argument, why) => {
    const { opener: opens, refused } = opener();
    expect(() => opens.look('vote', argument)).toThrow(why);
    expect(refused).toEqual([expect.stringMatching(why)]);
  });

  it('is taken once, and no vote that its author has changed since', () => {
    const { opener: opens } = opener();
    opens.take('vote', command());
    expect(() => opens.look('vote', command())).toThrow(/it was taken before/);
    opens.take('vote', command({ number: 'two', at: now + 1, request: { decision: 'reject' } }));
    expect(() => opens.look('vote', command({ number: 'three', at: now }))).toThrow(
      /dana@example.com has voted again since/,
    );
    // Of another occasion it says nothing.
    expect(() => opens.look('vote', command({ number: 'four', at: now, occasion: 'sign.2' }))).not.toThrow();
  });
});
