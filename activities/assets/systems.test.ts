/** One set of actions over three systems: the same names, the same inputs and the same outputs, whichever keeps the assets. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { openStore, type Store } from '../../store/store.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { assets } from './index.ts';

const database = await testDatabase();
const kim = 'kim.okafor@example.com';
const lou = 'lou.maier@example.com';
const systems = ['snipe-it', 'servicenow', 'register'] as const;

describeWith(database)('Whichever system keeps the assets,', () => {
  let sandbox: Sandbox;
  let store: Store;
  beforeAll(async () => {
    sandbox = await startSandbox();
    store = await openStore(database?.url ?? '');
    const actor = { by: 'robin.sato@example.com' };
    const model = 'Laptop 14 inch';
    const { register } = store;
    await register.addAsset(
      {
        tag: 'EX-1001',
        serialNumber: 'SN-LOU-1',
        model,
        status: 'Ready to Deploy',
        assignedTo: lou,
        lifeEnds: '2026-06-30',
      },
      actor,
    );
    await register.addAsset({ tag: 'EX-1002', serialNumber: 'SN-OLD-1', model, status: 'Archived' }, actor);
    await register.addAsset(
      {
        tag: 'EX-1003',
        serialNumber: 'SN-8001',
        model,
        status: 'Ready to Deploy',
        warrantyEnds: '2027-01-31',
      },
      actor,
    );
  });
  afterAll(async () => {
    await sandbox.close();
    await store.close();
    await database?.drop();
  });

  const settingsOf = (system: (typeof systems)[number]): JsonObject => {
    if (system === 'register') return { system };
    if (system === 'servicenow') return { system, ...sandbox.connectors.servicenow } as JsonObject;
    return { ...sandbox.connectors.assets } as JsonObject;
  };

  describe.each(systems)('in %s,', (system) => {
    let attempts: Attempts;
    let step = 0;
    beforeAll(() => {
      const secrets = system === 'register' ? [] : system === 'servicenow' ? ['password'] : ['apiToken'];
      attempts = attemptsOf(assets, settingsOf(system), secrets);
      attempts.services.register = store.register;
    });
    beforeEach(() => {
      step++;
    });
    const call = (action: string, input: Json) =>
      attempts.call(`assets.${action}`, input, { step: `${system} ${step}` });

    it('an asset is found, given, taken back, noted and put into a status once, and each says what it did', async () => {
      const found = await call('find', { serialNumber: 'sn-8001' });
      expect(found).toMatchObject({ tag: 'EX-1003', model: 'Laptop 14 inch', status: 'Ready to Deploy' });
      expect(await call('find', { tag: 'EX-1001' })).toMatchObject({
        serialNumber: 'SN-LOU-1',
        assignedTo: lou,
      });
      const out = { serialNumber: 'SN-8001', to: kim, note: 'Day one', expectedBack: '2027-05-01' };
      expect(await attempts.preview('assets.checkOut', out)).toEqual({
        summary: `would check out Laptop 14 inch EX-1003 to ${kim}`,
      });
      expect(await attempts.verify('assets.checkOut', out)).toBe(false);
      const given = await call('checkOut', out);
      expect(given).toEqual({ assetId: found.id, tag: 'EX-1003', checkedOut: true });
      expect(await call('checkOut', out)).toMatchObject({ checkedOut: false });
      expect(await attempts.verify('assets.checkOut', out)).toBe(true);
      expect(await call('listOf', { user: kim })).toEqual({
        assets: [{ tag: 'EX-1003', serialNumber: 'SN-8001', model: 'Laptop 14 inch' }],
        count: 1,
      });
      const taken = await attempts.fails('assets.checkOut', { tag: 'EX-1001', to: kim });
      expect(taken.message).toContain(`EX-1001 is checked out to ${lou}.`);
      expect(await call('checkIn', { tag: 'EX-1003', note: 'Came by post' })).toEqual({
        assetId: found.id,
        checkedIn: true,
      });
      expect(await call('checkIn', { tag: 'EX-1003' })).toMatchObject({ checkedIn: false });
      expect(await call('find', { tag: 'EX-1003' })).toEqual(found);
      const noted = await call('setDetails', { tag: 'EX-1003', notes: 'The lid is broken' });
      expect(noted).toMatchObject({ changed: true, before: { notes: '' } });
      expect(await call('setDetails', { tag: 'EX-1003', notes: 'The lid is broken' })).toMatchObject({
        changed: false,
      });
      expect(await call('setStatus', { tag: 'EX-1003', status: 'lost' })).toEqual({
        changed: true,
        before: { status: 'Ready to Deploy' },
      });
      expect(await call('find', { tag: 'EX-1003' })).toMatchObject({ status: 'Lost' });
      const back = { tag: 'EX-1003', status: 'Ready to Deploy' };
      expect(await call('setStatus', back)).toMatchObject({ changed: true, before: { status: 'Lost' } });
      expect(await attempts.verify('assets.setStatus', back)).toBe(true);
    });

    it('one is added once, by its serial number', async () => {
      const input = {
        serialNumber: 'SN-NEW-1',
        model: 'laptop 16 inch',
        tag: 'NEW-1',
        purchaseOrder: 'CS-1',
      };
      const made = await call('create', input);
      expect(made).toMatchObject({ tag: 'NEW-1', created: true });
      expect(await call('create', input)).toEqual({ ...made, created: false });
      expect(await attempts.verify('assets.create', input)).toBe(true);
      const other = await attempts.fails('assets.create', { ...input, serialNumber: 'SN-NEW-2' });
      expect([other.nonRetryable, other.message]).toEqual([true, expect.stringMatching(/tag/i)]);
    });

    it('what comes to its end is listed with who has it', async () => {
      const { assets: listed } = await call('listExpiring', { by: '2026-06-30', what: 'life' });
      expect((listed as JsonObject[])[0]).toHaveProperty('assignedTo');
      expect((listed as JsonObject[]).every(({ lifeEnds }) => String(lifeEnds) <= '2026-06-30')).toBe(true);
      expect((listed as JsonObject[]).map(({ lifeEnds }) => lifeEnds)).toContain('2026-06-30');
      expect(await call('listExpiring', { by: '2020-01-01' })).toEqual({ assets: [], count: 0 });
    });

    it('what is not there is named with the way out, and what is out of use is given to nobody without a warning', async () => {
      const failure = await attempts.fails('assets.find', { tag: 'A^NONE' });
      expect([failure.nonRetryable, failure.message]).toEqual([
        true,
        expect.stringContaining('has no asset with the tag A^NONE. Add it there'),
      ]);
      const status = await attempts.fails('assets.setStatus', { tag: 'EX-1003', status: 'Lended' });
      expect(status.message).toMatch(/has no status Lended.*There is: .*Ready to Deploy/);
      const preview = await attempts.preview('assets.checkOut', { serialNumber: 'SN-OLD-1', to: kim });
      expect(preview?.problems).toHaveLength(1);
    });
  });

  it('what an attempt did whose answer was lost is not done again, and is said by the next', async () => {
    const attempts = attemptsOf(assets, settingsOf('servicenow'), ['password']);
    for (const [action, input, did] of [
      ['assets.checkOut', { tag: 'EX-1003', to: kim }, 'checkedOut'],
      ['assets.checkIn', { tag: 'EX-1003' }, 'checkedIn'],
      ['assets.setStatus', { tag: 'EX-1003', status: 'In Repair' }, 'changed'],
    ] as const) {
      sandbox.faults.add({ system: 'servicenow', method: 'PATCH', times: 1, kind: 'lostAnswer' });
      const before = sandbox.effects.list({ system: 'servicenow' }).length;
      expect((await attempts.fails(action, input)).nonRetryable).toBe(false);
      expect(await attempts.call(action, input)).toMatchObject({ [did]: true });
      expect(sandbox.effects.list({ system: 'servicenow' })).toHaveLength(before + 1);
    }
  });

  it('who had it and when stands in the history of the register, by the run that did it', async () => {
    const entries = await store.register.history('asset', 'EX-1003');
    expect(entries.at(-2)).toMatchObject({
      what: 'checked out',
      by: 'run run-1',
      note: 'Day one',
      after: { assignedTo: kim },
    });
    expect(entries.at(-3)).toMatchObject({
      what: 'checked in',
      note: 'Came by post',
      before: { assignedTo: kim },
    });
  });

  it('settings that lack what the system needs say which, and the way to need none', async () => {
    const failure = await attemptsOf(assets, { system: 'servicenow', user: 'x' }).fails('assets.find', {
      tag: 'A',
    });
    expect(failure.message).toContain('has no baseUrl and no password, which servicenow needs.');
    expect(failure.message).toContain('`system: register` needs nothing');
  });
});
