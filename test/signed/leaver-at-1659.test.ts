/** The leaver at 16:59: all that hands can do comes in the very moment in which access is to end. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Cast, type Played, play, type Shipped, shipped } from '../support/shipped.ts';

const hour = 3_600_000;
const [dana, kim, robin, morgan, sam] = [
  'dana.reyes',
  'kim.okafor',
  'robin.sato',
  'morgan.weiss',
  'sam.lindqvist',
].map((name) => `${name}@example.com`) as [string, string, string, string, string];
/** Berlin; the calendar of the tests is a Friday in March. */
const inputs = { lastMoment: '2026-03-20T17:00', timezone: 'Europe/Berlin' };
const five = Date.UTC(2026, 2, 20, 16);
const acts = ['disable', 'password', 'sessions', 'groups', 'forwarding', 'files', 'mailbox'];

describe('The leaver at 16:59', () => {
  let leaver: Shipped;
  /** As if its author had given no leave to change the last moment. */
  let strict: Shipped;
  beforeAll(() => {
    leaver = shipped('offboarding/leaver.yaml');
    strict = shipped('offboarding/leaver.yaml', (text) => text.replace('    amend: afterwards\n', ''));
  });

  /** Signed by dana; at the moment itself the ticket moves it, and the owner makes himself the one who gets mail and files. */
  async function attacked(cast: Cast): Promise<string[]> {
    // Asked for before the run's own timer, this comes first in that very instant, as messages do in a task of Temporal.
    const moment = cast.wait(five - cast.clock.now());
    await cast.at('signoff');
    const first = {
      step: 'signoff',
      decision: 'approve',
      hash: cast.run.state.gates.get('signoff')?.hash ?? '',
    };
    cast.tell('vote', dana, first);
    await cast.at('lastMoment', 'waiting');
    const refused: string[] = [];
    const tries = (does: () => unknown) => {
      try {
        does();
      } catch (error) {
        refused.push((error as Error).message);
      }
    };
    await moment;
    expect(cast.tell('amend', robin, { ticket: true, inputs: { lastMoment: '2027-01-15T17:00' } })).toEqual({
      applied: [],
      proposed: ['lastMoment'],
    });
    expect(cast.tell('amend', kim, { inputs: { manager: kim } })).toEqual({
      applied: [],
      proposed: ['manager'],
    });
    tries(() => cast.tell('vote', dana, first));
    await cast.until((run) => (run.state.gates.get('signoff')?.hash ?? '') !== '');
    tries(() => cast.tell('vote', dana, first));
    for (const person of [kim, robin]) tries(() => cast.vote('signoff', person));
    await cast.wait(hour);
    return refused;
  }

  async function toItsEnd(cast: Cast): Promise<void> {
    await cast.signs('second', morgan);
    await cast.at('collect');
    // Kim is among those who do tasks; that they are not signed for is not what this is about.
    cast.tell('complete', robin, { step: 'collect', output: { returned: true } });
  }

  function endedAsSigned(found: Played): void {
    expect(found.status).toBe('succeeded');
    for (const step of ['forwarding', 'files', 'mailbox'])
      expect(found.inputs(step)).toMatchObject([{ to: dana }]);
    expect(found.calls.filter(({ step }) => step.endsWith('.undo'))).toEqual([]);
    expect(found.kinds).not.toContain('run.undoing');
  }

  const asked = (found: Played, person: string) =>
    found.told.filter(({ to, subject }) => to.includes(person) && subject.startsWith('Please sign again'));

  it('asks those who signed once, about both, and does nothing that reads them meanwhile', async () => {
    let refused: string[] = [];
    let deadline: number | undefined;
    const found = await play(
      strict,
      async (cast) => {
        refused = await attacked(cast);
        const gate = cast.run.state.gates.get('signoff');
        expect(gate?.shown.proposed).toMatchObject([
          {
            by: robin,
            changes: [{ path: 'inputs.lastMoment', before: inputs.lastMoment, after: '2027-01-15T17:00' }],
          },
          { by: kim, changes: [{ path: 'inputs.manager', before: dana, after: kim }] },
        ]);
        expect(gate?.approvers).toEqual(expect.arrayContaining([dana, sam]));
        deadline = gate?.deadline;
        for (const step of acts) expect(cast.run.state.steps.get(step)?.startedAt).toBeUndefined();
        // A second edit of the ticket joins, and moves no deadline.
        cast.tell('amend', robin, { ticket: true, inputs: { lastMoment: '2027-02-15T17:00' } });
        await cast.until((run) => (run.state.gates.get('signoff')?.hash ?? '') !== '');
        expect(cast.run.state.gates.get('signoff')?.deadline).toBe(deadline);
        expect(deadline).toBeDefined();
        cast.vote('signoff', dana, 'reject');
        await toItsEnd(cast);
      },
      { inputs },
    );
    expect(refused).toEqual([
      expect.stringMatching(/has changed, and people are being asked/),
      expect.stringMatching(/is not what you were shown/),
      expect.stringMatching(/kim.okafor@example.com proposed this change/),
      expect.stringMatching(/robin.sato@example.com (asked for this run|proposed this change)/),
    ]);
    endedAsSigned(found);
    // At once with the refusal: within the second.
    const reject = found.journal.find(({ kind, data }) => kind === 'vote' && data?.decision === 'reject');
    const disabled = found.calls.find(({ step }) => step === 'disable');
    expect((disabled?.at ?? 0) - (reject?.at ?? 0)).toBeLessThan(1_000);
    const mails = asked(found, dana);
    expect(mails.length).toBeLessThanOrEqual(3);
    expect(new Set(mails.map((mail) => (mail as unknown as { id: string }).id)).size).toBe(mails.length);
  });

  it('lets access end by what was signed when nobody answers', async () => {
    const found = await play(
      strict,
      async (cast) => {
        await attacked(cast);
        await cast.at('disable', 'succeeded');
        await toItsEnd(cast);
      },
      { inputs },
    );
    endedAsSigned(found);
    expect(found.kinds.filter((kind) => kind === 'proposal.fell')).toHaveLength(2);
    // Whoever proposed it hears that it fell.
    expect(
      found.told.filter(({ subject, to }) => subject.startsWith('Not signed') && to.includes(kim)),
    ).toHaveLength(2);
  });

  it('ends access as HR signs it, whoever proposed it', async () => {
    const found = await play(
      strict,
      async (cast) => {
        await attacked(cast);
        cast.vote('signoff', sam);
        await cast.at('disable', 'succeeded');
        cast.tell('abort', kim);
      },
      { inputs },
    );
    expect(found.calls.find(({ step }) => step === 'disable')?.at).toBe(Date.UTC(2027, 0, 15, 16));
  });

  it('with leave to end access now it ends within a second, the signature is owed, and the run does not end before', async () => {
    const found = await play(
      leaver,
      async (cast) => {
        await cast.signs('signoff', dana);
        await cast.at('lastMoment', 'waiting');
        await cast.wait(five - hour - cast.clock.now());
        expect(cast.tell('amend', robin, { ticket: true, inputs: { lastMoment: '' } })).toEqual({
          applied: ['lastMoment'],
          proposed: [],
        });
        await cast.at('disable', 'succeeded');
        expect(cast.clock.now() - (five - hour)).toBeLessThan(1_000);
        await toItsEnd(cast);
        await cast.at('close', 'succeeded');
        await cast.wait(hour);
        expect(cast.run.state.endedAt).toBeUndefined();
        expect(() => cast.vote('signoff', robin)).toThrow(/robin.sato/);
        cast.vote('signoff', dana);
      },
      { inputs },
    );
    expect(found.status).toBe('succeeded');
  });
});
