/** What IT departments do every day in the shipped runbooks, and whether it asks those who signed again. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { play, type Shipped, shipped } from '../support/shipped.ts';

const hour = 3_600_000;
const day = 24 * hour;
const [dana, kim, robin, morgan, alex, sam] = [
  'dana.reyes',
  'kim.okafor',
  'robin.sato',
  'morgan.weiss',
  'alex.duarte',
  'sam.lindqvist',
].map((name) => `${name}@example.com`) as [string, string, string, string, string, string];
const fails = (message = 'no') => [{ fails: message }];

describe('New hire:', () => {
  let newHire: Shipped;
  beforeAll(() => {
    newHire = shipped('onboarding/new-hire.yaml');
  });

  it('a first day that the ticket moves, and a desk, are changed at once: the runbook gives leave', async () => {
    const found = await play(newHire, async (cast) => {
      await cast.signs('signoff', dana);
      await cast.at('firstDay', 'waiting');
      expect(
        cast.tell('amend', robin, { ticket: true, inputs: { startDate: '2026-02-09', desk: 'D-1' } }),
      ).toEqual({
        applied: ['startDate', 'desk'],
        proposed: [],
      });
    });
    expect(found.status).toBe('succeeded');
    expect(found.kinds).not.toContain('proposal.made');
    expect(found.inputs('pass')).toMatchObject([{ startsAt: '2026-02-09T06:00:00Z' }]);
  });

  it('serial numbers that the ship notice left out are said once by hand, every reader takes them, and they are marked', async () => {
    const found = await play(
      newHire,
      async (cast) => {
        await cast.signs('signoff', dana);
        const data = (serialNumbers: string[]) => ({
          name: 'order.shipped',
          key: 'CS-0001',
          data: { serialNumbers },
        });
        await cast.at('shipped', 'waiting');
        cast.run.commands.tell('event', { ...data([]), source: 'cxml: example-hardware' });
        await cast.wait(hour);
        await cast.at('shipped', 'waiting');
        cast.run.commands.tell('event', { ...data(['SN-7']), source: kim, roles: ['role:it-coordinators'] });
        await cast.at('asset', 'succeeded');
        expect(cast.run.state.hands).toMatchObject([
          { path: 'steps.shipped.output', by: kim, after: { serialNumbers: ['SN-7'] } },
          { path: 'steps.shipped.status', by: kim },
        ]);
      },
      { inputs: { laptop: 'standard' } },
    );
    expect(found.status).toBe('succeeded');
    expect(found.kinds).not.toContain('proposal.made');
    for (const step of ['assign', 'entered', 'asset'])
      expect(found.inputs(step)).toMatchObject([{ serialNumber: 'SN-7' }]);
  });

  it('a licence that is out of stock is tried again as it was, and nobody signs', async () => {
    const found = await play(
      newHire,
      async (cast) => {
        await cast.signs('signoff', dana);
        await cast.at('licence', 'parked');
        cast.tell('retry', kim, { step: 'licence' });
      },
      { actions: { licence: [{ fails: 'out of stock' }, { output: {} }] } },
    );
    expect(found.status).toBe('succeeded');
    expect(found.kinds).not.toContain('proposal.made');
  });

  it.each([
    ['licence', { user: '4711', license: 'SPE_E5' }],
    ['account', { userPrincipalName: 'boss@example.com', displayName: 'Zoë Lindström', usageLocation: 'DE' }],
  ])('another %s is signed first', async (step, edited) => {
    const found = await play(
      newHire,
      async (cast) => {
        await cast.signs('signoff', dana);
        await cast.at(step, 'parked');
        expect(cast.tell('retry', kim, { step, with: edited })).toEqual({ applied: [], proposed: [step] });
        await cast.signs('signoff', dana);
      },
      {
        actions: {
          [step]: [{ fails: 'no' }, { output: { id: '4711', userPrincipalName: 'zoe@example.com' } }],
        },
      },
    );
    expect(found.status).toBe('succeeded');
    expect(found.inputs(step).at(-1)).toEqual(edited);
  });

  it('a manager who was not found and is typed in does not sign: whom the runbook escalates to does', async () => {
    const typed = { id: '1', userPrincipalName: 'friend@example.com', displayName: 'A Friend' };
    const found = await play(
      newHire,
      async (cast) => {
        await cast.at('manager', 'parked');
        cast.tell('complete', kim, { step: 'manager', output: typed });
        await cast.at('signoff');
        const gate = cast.run.state.gates.get('signoff');
        expect(gate?.approvers).toEqual([alex]);
        expect(gate?.shown.byHand).toMatchObject([{ path: 'steps.manager.output', by: kim }]);
        expect(() => cast.vote('signoff', 'friend@example.com')).toThrow('was not asked');
        expect(() => cast.vote('signoff', kim)).toThrow('by hand');
        await cast.signs('signoff', alex);
      },
      { actions: { manager: fails('not found') } },
    );
    expect(found.status).toBe('succeeded');
  });

  it("the desk's dock in the form of its task changes nothing that was signed", async () => {
    const found = await play(
      newHire,
      async (cast) => {
        await cast.signs('signoff', dana);
        await cast.at('place');
        expect(cast.tell('complete', kim, { step: 'place', output: { dock: 'D-9' } })).toEqual({
          applied: ['place'],
          proposed: [],
        });
      },
      { inputs: { desk: 'D-204' } },
    );
    expect(found.status).toBe('succeeded');
    expect(found.kinds).not.toContain('proposal.made');
  });
});

describe('Leaver:', () => {
  let leaver: Shipped;
  /** As if its author had given no leave to change the last moment. */
  let strict: Shipped;
  beforeAll(() => {
    leaver = shipped('offboarding/leaver.yaml');
    strict = shipped('offboarding/leaver.yaml', (text) => text.replace('    amend: afterwards\n', ''));
  });
  const later = { lastMoment: '2026-03-20T17:00' };

  it('what came back of the equipment is reported by whoever was asked, in time or late, and nobody signs', async () => {
    for (const late of [false, true]) {
      const found = await play(
        leaver,
        async (cast) => {
          await cast.signs('signoff', sam);
          await cast.signs('second', morgan);
          await cast.at('collect');
          if (late) await cast.at('collect', 'parked');
          expect(cast.tell('complete', kim, { step: 'collect', output: { returned: true } })).toEqual({
            applied: ['collect'],
            proposed: [],
          });
        },
        { requester: 'somebody@example.com' },
      );
      expect(found.status).toBe('succeeded');
      expect(found.kinds).not.toContain('proposal.made');
      expect(found.inputs('back')).toHaveLength(1);
    }
  });

  it('a last moment that HR moves later takes effect at once, and one tap signs it', async () => {
    const found = await play(
      leaver,
      async (cast) => {
        await cast.signs('signoff', dana);
        await cast.at('lastMoment', 'waiting');
        expect(
          cast.tell('amend', robin, { ticket: true, inputs: { lastMoment: '2026-03-21T17:00' } }),
        ).toEqual({ applied: ['lastMoment'], proposed: [] });
        await cast.signs('signoff', dana);
        await cast.signs('second', morgan);
        await cast.at('collect');
        cast.tell('complete', kim, { step: 'collect', output: { returned: true } });
      },
      { inputs: later },
    );
    expect(found.status).toBe('succeeded');
    expect(found.kinds.filter((kind) => kind === 'gate.reopened')).toHaveLength(1);
    expect(found.calls.find(({ step }) => step === 'disable')?.at).toBe(Date.UTC(2026, 2, 21, 17));
  });

  it('without that leave the run holds, and the old moment stands if nobody signs', async () => {
    let made = 0;
    const found = await play(
      strict,
      async (cast) => {
        await cast.signs('signoff', dana);
        await cast.at('lastMoment', 'waiting');
        await cast.wait(3 * day);
        made = cast.clock.now();
        expect(
          cast.tell('amend', robin, { ticket: true, inputs: { lastMoment: '2026-12-24T17:00' } }),
        ).toEqual({ applied: [], proposed: ['lastMoment'] });
        await cast.until((run) => run.state.steps.get('disable')?.status === 'succeeded');
        cast.tell('abort', kim);
      },
      { inputs: later },
    );
    const at = found.calls.find(({ step }) => step === 'disable')?.at ?? 0;
    // By the moment that was signed, or once it is known that nobody signs another.
    expect(at).toBeGreaterThanOrEqual(Date.UTC(2026, 2, 20, 17));
    expect(at - made).toBeLessThan(7 * day);
    expect(found.kinds).toContain('proposal.fell');
  });

  it('a last moment that is emptied ends access within a second, and the signature is owed', async () => {
    let emptied = 0;
    const found = await play(
      leaver,
      async (cast) => {
        await cast.signs('signoff', dana);
        await cast.at('lastMoment', 'waiting');
        emptied = cast.clock.now();
        cast.tell('amend', kim, { inputs: { lastMoment: '' } });
        await cast.at('disable', 'succeeded');
        await cast.signs('second', morgan);
        await cast.at('collect');
        cast.tell('complete', kim, { step: 'collect', output: { returned: true } });
        await cast.at('close', 'succeeded');
        await cast.wait(hour);
        expect(cast.run.state.endedAt).toBeUndefined();
        cast.vote('signoff', sam);
      },
      { inputs: later },
    );
    expect(found.status).toBe('succeeded');
    expect((found.calls.find(({ step }) => step === 'disable')?.at ?? 0) - emptied).toBeLessThan(1_000);
  });

  it('steps of the mailbox that are completed by hand, and that nothing but their own undo reads, ask nobody and have no undo', async () => {
    const byHand = [
      'hide',
      'rules',
      'phones',
      'meetings',
      'away',
      'forwarding',
      'files',
      'mailbox',
      'convert',
    ];
    const found = await play(
      leaver,
      async (cast) => {
        await cast.signs('signoff', dana);
        for (const step of byHand) {
          await cast.at(step, 'parked');
          const { action = '' } = cast.run.state.steps.get(step) ?? {};
          expect({ action, receipt: cast.tell('complete', kim, { step, output: {} }) }).toEqual({
            action,
            receipt: { applied: [step], proposed: [] },
          });
        }
        await cast.at('second');
        cast.tell('abort', kim);
      },
      { actions: Object.fromEntries(byHand.map((step) => [step, fails()])) },
    );
    expect(found.kinds).not.toContain('proposal.made');
    const undone = found.calls.map(({ step }) => step).filter((step) => step.endsWith('.undo'));
    expect(undone.filter((step) => byHand.includes(step.replace('.undo', '')))).toEqual([]);
    expect(found.view.left?.map(({ step }) => step)).toEqual(
      expect.arrayContaining(['hide', 'away', 'forwarding', 'files', 'mailbox']),
    );
  });

  it('devices to wipe, amended before their own signature, are settled by that one alone', async () => {
    const found = await play(leaver, async (cast) => {
      await cast.signs('signoff', dana);
      await cast.at('disable', 'running', 'succeeded');
      expect(cast.tell('amend', robin, { inputs: { device: 'wipe' } })).toEqual({
        applied: ['device'],
        proposed: [],
      });
      await cast.at('second');
      const gate = cast.run.state.gates.get('second');
      expect(gate?.shown).toMatchObject({
        show: { companyDevices: 'wipe' },
        byHand: [{ path: 'inputs.device', by: robin, before: 'retire', after: 'wipe' }],
      });
      await cast.signs('second', morgan);
      await cast.at('collect');
      cast.tell('complete', kim, { step: 'collect', output: { returned: true } });
    });
    expect(found.status).toBe('succeeded');
    expect(found.kinds).not.toContain('gate.reopened');
    expect(found.inputs('wipe')).toHaveLength(1);
  });

  it('a conversion that takes too long is skipped, and nobody signs', async () => {
    const found = await play(
      leaver,
      async (cast) => {
        await cast.signs('signoff', dana);
        await cast.at('converted', 'parked');
        expect(cast.tell('skip', kim, { step: 'converted' })).toEqual({
          applied: ['converted'],
          proposed: [],
        });
        await cast.signs('second', morgan);
        await cast.at('collect');
        cast.tell('complete', kim, { step: 'collect', output: { returned: true } });
      },
      { actions: { mailboxNow: [{ output: { type: 'user' } }] } },
    );
    expect(found.status).toBe('succeeded');
    expect(found.kinds).not.toContain('proposal.made');
    expect(
      found.journal.find(({ kind, step }) => kind === 'step.skipped' && step === 'converted')?.data,
    ).toMatchObject({ by: kim });
  });
});

describe('Firewall:', () => {
  it('the implementer fills in how it went, and nobody signs', async () => {
    const found = await play(shipped('change/firewall-rule.yaml'), async (cast) => {
      await cast.signs('review', morgan);
      await cast.signs('board', morgan);
      cast.vote('board', sam);
      await cast.at('afterwards');
      expect(
        cast.tell('complete', kim, { step: 'afterwards', output: { outcome: 'successful', notes: 'Works' } }),
      ).toEqual({ applied: ['afterwards'], proposed: [] });
    });
    expect(found.status).toBe('succeeded');
    expect(found.kinds).not.toContain('proposal.made');
  });
});

describe('Patch ring:', () => {
  it.each(['approve', 'reject'] as const)(
    'a ring that is added in the night waits alone, and is patched only if that is signed: %s',
    async (decision) => {
      const found = await play(
        shipped('maintenance/patch-ring.yaml'),
        async (cast) => {
          await cast.signs('signoff', morgan);
          await cast.at('patch', 'running');
          expect(
            cast.tell('amend', kim, { inputs: { rings: ['Patch ring pilot', 'Patch ring broad'] } }),
          ).toEqual({ applied: [], proposed: ['rings'] });
          await cast.at('sync[0][0]', 'succeeded');
          await cast.wait(hour);
          expect(cast.run.state.steps.has('members[1]')).toBe(false);
          expect(cast.run.state.steps.get('members[0]')?.status).toBe('succeeded');
          cast.vote('signoff', alex, decision);
        },
        {
          inputs: { rings: ['Patch ring pilot'] },
          actions: { sync: [{ output: { requestedAt: '2026-03-21T21:00:00Z' }, takes: { ms: hour / 2 } }] },
        },
      );
      expect(found.status).toBe('succeeded');
      const patched = found.inputs('members').map(({ group }) => group);
      expect(patched).toEqual(
        decision === 'approve' ? ['Patch ring pilot', 'Patch ring broad'] : ['Patch ring pilot'],
      );
      expect(found.told.some(({ subject }) => subject.startsWith('Not signed'))).toBe(decision === 'reject');
    },
  );
});
