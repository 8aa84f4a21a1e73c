import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from './clock.ts';
import { Past } from './past.ts';
import { VirtualPort } from './port.ts';

describe('A run that is called off in the moment in which what it waits for is so', () => {
  it('ends its waiting first, and does so again when it is begun anew', async () => {
    const clock = new VirtualClock(0);
    let reported = false;
    let ended: (how: string) => void = () => {};
    const end = new Promise<string>((resolve) => {
      ended = resolve;
    });
    // Another run, which wakes in the same moment and calls this one off.
    const caller = clock.until(() => reported).then(() => past.cancel());
    const past = new Past(clock);
    const begin = () => {
      reported = false;
      const port = new VirtualPort({ clock, answer: () => ({}) }, 'run', { past });
      const record = (kind: 'step.succeeded' | 'step.cancelled') => {
        port.record({ seq: 0, at: port.now(), kind }, () => {
          throw new Error('nobody asks');
        });
        ended(kind);
      };
      port
        .waitFor(() => reported)
        .then(
          () => record('step.succeeded'),
          () => record('step.cancelled'),
        );
    };
    begin();
    clock.after(1_000, () =>
      past.happens(() => {
        reported = true;
      }),
    );
    expect(await clock.runUntil(end)).toBe('step.succeeded');
    await clock.runUntil(caller);
    await clock.drain();
    expect(await past.replay(begin)).toEqual([]);
  });
});
