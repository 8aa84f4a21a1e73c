import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type AssetFields, RegisterConflict } from '../../plan/register.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { openStore, type Store } from '../store.ts';

const database = await testDatabase();
const actor = { by: 'robin.sato@example.com' };
const file = { by: actor.by, file: 'assets.csv', sha256: 'a'.repeat(64) };
const laptop = (tag: string, more: Partial<AssetFields> = {}): AssetFields => ({
  tag,
  model: 'Laptop 14 inch',
  status: 'Ready to Deploy',
  ...more,
});

describeWith(database)('The register', () => {
  let store: Store;
  const register = () => store.register;
  const tags = async (query: Parameters<Store['register']['searchAssets']>[0]) =>
    (await register().searchAssets(query)).assets.map(({ tag }) => tag);

  beforeAll(async () => {
    store = await openStore(database?.url ?? '');
  });
  afterAll(async () => {
    await store.close();
    await database?.drop();
  });

  describe('of assets', () => {
    it('finds one by tag and by serial number, whatever their case, and none by a part of them', async () => {
      const made = await register().addAsset(
        laptop('EX-1', { serialNumber: 'SN/1', warrantyEnds: '2027-01-31', price: 1249.5 }),
        actor,
      );
      expect(made).toMatchObject({ tag: 'EX-1', revision: 1, warrantyEnds: '2027-01-31', price: 1249.5 });
      expect(await register().assetBy({ tag: 'ex-1' })).toEqual(made);
      expect(await register().assetBy({ serialNumber: 'sn/1' })).toEqual(made);
      expect(await register().assetBy({ tag: 'EX' })).toBeUndefined();
      expect(await register().assetBy({ serialNumber: 'SN%' })).toBeUndefined();
    });

    it('gives each a tag and a serial number of its own, and the next free tag to one without', async () => {
      await expect(register().addAsset(laptop('ex-1'), actor)).rejects.toThrow(RegisterConflict);
      await expect(register().addAsset(laptop('EX-2', { serialNumber: 'sn/1' }), actor)).rejects.toThrow(
        'Another asset has the serial number sn/1.',
      );
      await register().addAsset(laptop('A-00001'), actor);
      const { model, status } = laptop('');
      const made = await register().addAsset({ model, status }, actor);
      expect(made.tag).toBe('A-00002');
    });

    it('is searched by how words begin, by person, model, status and days, and gives it page by page', async () => {
      const person = "pat.o'hara@example.com";
      await register().addAsset(
        laptop('M-7/a', {
          model: 'Monitor 27 inch "Wide"',
          assignedTo: person,
          status: 'In Repair',
          lifeEnds: '2026-06-30',
          location: 'Berlin, 3rd floor',
        }),
        actor,
      );
      for (const text of ['m-7', 'MON ber', '27 wide', "pat.o'ha", 'hara', 'M-7/A', "o'hara"])
        expect([text, await tags({ text })]).toEqual([text, ['M-7/a']]);
      for (const text of ['onitor', "x') | ('m", 'm-7 laptop', '\\', "'"])
        expect([text, await tags({ text })]).toEqual([text, []]);
      expect(await tags({ person: person.toUpperCase() })).toEqual(['M-7/a']);
      expect(await tags({ person: 'pat' })).toEqual([]);
      expect(await tags({ status: 'in repair' })).toEqual(['M-7/a']);
      expect(await tags({ model: 'laptop', tag: 'a-' })).toEqual(['A-00001', 'A-00002']);
      expect(await tags({ lifeEndsBy: '2026-06-29' })).toEqual([]);
      expect(await tags({ lifeEndsBy: '2026-06-30' })).toEqual(['M-7/a']);
      expect(await tags({ warrantyEndsBy: '2027-01-31' })).toEqual(['EX-1']);
      const first = await register().searchAssets({ limit: 3 });
      expect(first.next).toBe('EX-1');
      const second = await register().searchAssets({ limit: 3, after: first.next as string });
      expect(second.assets.map(({ tag }) => tag)).toEqual(['M-7/a']);
      expect(second).not.toHaveProperty('next');
    });

    it('lets nobody overwrite what has changed since they looked, and keeps who changed what for good', async () => {
      const looked = await register().assetBy({ tag: 'EX-1' });
      const given = { assignedTo: 'kim.okafor@example.com', expectedBack: '2027-05-01' };
      const out = await register().changeAsset(looked ?? { id: 0, revision: 0 }, given, {
        ...actor,
        what: 'checked out',
        note: 'Day one',
      });
      expect(out).toMatchObject({ ...given, revision: 2 });
      const late = { assignedTo: 'dana.reyes@example.com' };
      expect(
        await register().changeAsset(looked ?? { id: 0, revision: 0 }, late, { ...actor, what: 'changed' }),
      ).toBeUndefined();
      const back = await register().changeAsset(
        out ?? { id: 0, revision: 0 },
        { assignedTo: null, expectedBack: null },
        {
          by: 'run 7',
          what: 'checked in',
        },
      );
      expect(back).not.toHaveProperty('assignedTo');
      const same = await register().changeAsset(
        back ?? { id: 0, revision: 0 },
        { assignedTo: null },
        { ...actor, what: 'changed' },
      );
      expect(same?.revision).toBe(3);
      expect(await register().history('asset', 'ex-1')).toMatchObject([
        { what: 'checked in', by: 'run 7', before: given, after: { assignedTo: null, expectedBack: null } },
        { what: 'checked out', note: 'Day one', after: given },
        { what: 'added', by: actor.by },
      ]);
      const client = new pg.Client({ connectionString: database?.url });
      await client.connect();
      try {
        for (const statement of [
          'update register_history set by = $$x$$',
          'delete from register_history',
          'truncate register_history',
        ])
          await expect(client.query(statement)).rejects.toThrow('never changed or removed');
      } finally {
        await client.end();
      }
    });

    it('knows the statuses that every register has, and those that its assets have', async () => {
      await register().addAsset(laptop('S-1', { status: 'On loan' }), actor);
      await register().addAsset(laptop('S-2', { status: 'archived' }), actor);
      expect(await register().statuses()).toEqual([
        'Ready to Deploy',
        'Pending',
        'In Repair',
        'Lost',
        'Archived',
        'On loan',
      ]);
    });
  });

  describe('of a file', () => {
    const columns = ['tag', 'model', 'status', 'serialNumber', 'warrantyEnds', 'assignedTo'] as const;
    const rows = [
      laptop('F-1', { serialNumber: 'F1' }),
      laptop('F-2', { serialNumber: 'F2', warrantyEnds: '2027-06-30' }),
    ];

    it('says what is new, changed field by field, unchanged and missing, and changes nothing by that', async () => {
      const first = await register().files.differences(rows, columns);
      expect(first).toMatchObject({ added: rows, changed: [], unchanged: 0, conflicts: [] });
      expect(first.missing).toContain('EX-1');
      expect(await tags({ tag: 'F-' })).toEqual([]);
      await register().files.apply(rows, columns, file, first.digest);
      expect(await register().files.differences(rows, columns)).toMatchObject({
        added: [],
        changed: [],
        unchanged: 2,
      });
    });

    it('changes only what the file has columns for, moves serial numbers between assets, and keeps each difference', async () => {
      const held = await register().assetBy({ tag: 'F-1' });
      await register().changeAsset(
        held ?? { id: 0, revision: 0 },
        { notes: 'Scratched' },
        { ...actor, what: 'changed' },
      );
      const swapped = [
        laptop('f-1', { serialNumber: 'F2' }),
        laptop('F-2', { serialNumber: 'F1', warrantyEnds: '2028-06-30' }),
        laptop('F-3', { serialNumber: 'F3' }),
      ];
      const shown = await register().files.differences(swapped, columns);
      expect(shown.changed).toEqual([
        { tag: 'F-1', before: { serialNumber: 'F1' }, after: { serialNumber: 'F2' } },
        {
          tag: 'F-2',
          before: { serialNumber: 'F2', warrantyEnds: '2027-06-30' },
          after: { serialNumber: 'F1', warrantyEnds: '2028-06-30' },
        },
      ]);
      await register().files.apply(swapped, columns, file, shown.digest);
      expect(await register().assetBy({ serialNumber: 'F2' })).toMatchObject({
        tag: 'F-1',
        notes: 'Scratched',
      });
      expect((await register().history('asset', 'F-2'))[0]).toMatchObject({
        what: 'changed',
        by: actor.by,
        before: { warrantyEnds: '2027-06-30' },
        after: { warrantyEnds: '2028-06-30' },
      });
      expect((await register().history('asset', 'F-3'))[0]).toMatchObject({
        what: 'added',
        after: { tag: 'F-3' },
      });
    });

    it('does nothing where the register has changed since, or where another asset has the serial number', async () => {
      const more = [...rows, laptop('F-4')];
      const shown = await register().files.differences(more, columns);
      const held = await register().assetBy({ tag: 'F-1' });
      await register().changeAsset(
        held ?? { id: 0, revision: 0 },
        { status: 'Lost' },
        { ...actor, what: 'changed' },
      );
      await expect(register().files.apply(more, columns, file, shown.digest)).rejects.toThrow(
        'has changed since',
      );
      const taken = [laptop('F-5', { serialNumber: 'sn/1' })];
      const { conflicts } = await register().files.differences(taken, columns);
      expect(conflicts).toEqual(['F-5 has the serial number sn/1, which EX-1 has in the register.']);
      await expect(register().files.apply(taken, columns, file)).rejects.toThrow(RegisterConflict);
      expect(await tags({ tag: 'F-5' })).toEqual([]);
      expect(await tags({ tag: 'F-4' })).toEqual([]);
    });
  });

  describe('of vendors and contracts', () => {
    const contract = {
      number: 'C-1',
      vendor: 'Example Software',
      kind: 'subscription' as const,
      what: 'CAD, 50 seats',
      endsOn: '2027-06-30',
      noticeBy: '2027-03-31',
      yearly: 42000,
    };

    it('changes what is given and leaves the rest, with its history', async () => {
      await register().putVendor({ name: 'Example Software', email: 'sales@software.example.com' }, actor);
      await register().putVendor({ name: 'example software', phone: '+49 30 1' }, actor);
      expect(await register().vendorBy('EXAMPLE SOFTWARE')).toEqual({
        name: 'Example Software',
        email: 'sales@software.example.com',
        phone: '+49 30 1',
      });
      await register().putContract(contract, actor);
      await register().putContract({ ...contract, yearly: 45000 }, actor);
      await register().putContract({ ...contract, yearly: 45000 }, actor);
      expect(await register().history('contract', 'c-1')).toMatchObject([
        { what: 'changed', before: { yearly: 42000 }, after: { yearly: 45000 } },
        { what: 'added' },
      ]);
    });

    it('lists those whose notice is due in a time, without those of which it was given, until that is taken back', async () => {
      await register().putContract({ ...contract, number: 'C-2', noticeBy: '2027-04-01' }, actor);
      const due = async () =>
        (await register().listContracts({ noticeFrom: '2027-03-01', noticeBy: '2027-03-31' })).contracts.map(
          ({ number }) => number,
        );
      expect(await due()).toEqual(['C-1']);
      await register().putNotice('c-1', { on: '2027-02-10', reference: 'Contracts/C-1' }, actor);
      expect(await due()).toEqual([]);
      expect(await register().contractBy('C-1')).toMatchObject({
        noticeGivenOn: '2027-02-10',
        noticeReference: 'Contracts/C-1',
      });
      await register().putNotice('C-1', null, actor);
      expect(await due()).toEqual(['C-1']);
      await expect(register().putNotice('C-9', null, actor)).rejects.toThrow(
        'The register has no contract C-9.',
      );
    });
  });

  describe('of orders', () => {
    const order = {
      number: 'CS-1',
      vendor: 'Example Hardware',
      orderedOn: '2026-11-01',
      expectedOn: '2026-11-15',
      lines: [
        { line: 1, description: 'Laptop', quantity: 3, unitPrice: 1100 },
        { line: 2, description: 'Dock', quantity: 2 },
      ],
    };

    it('is open until the last part has come, and says what is outstanding on each line', async () => {
      await register().putOrder(order, actor);
      await register().putOrder({ ...order, lines: [] }, actor);
      await register().putDelivered('cs-1', [{ line: 1, delivered: 2 }], actor);
      expect(await register().orderBy('CS-1')).toMatchObject({
        status: 'open',
        lines: [
          { line: 1, delivered: 2, outstanding: 1 },
          { line: 2, delivered: 0, outstanding: 2 },
        ],
      });
      const late = await register().listOrders({ expectedBy: '2026-11-15' });
      expect(late.orders.map(({ number }) => number)).toEqual(['CS-1']);
      await register().putDelivered(
        'CS-1',
        [
          { line: 1, delivered: 3 },
          { line: 2, delivered: 2 },
        ],
        actor,
      );
      expect(await register().orderBy('CS-1')).toMatchObject({ status: 'complete' });
      expect((await register().listOrders({ status: 'open' })).orders).toEqual([]);
      await expect(register().putDelivered('CS-1', [{ line: 3, delivered: 1 }], actor)).rejects.toThrow(
        'The order CS-1 has no line 3. It has: 1, 2.',
      );
      await register().cancelOrder('CS-1', true, actor);
      expect(await register().orderBy('CS-1')).toMatchObject({ status: 'cancelled' });
      expect((await register().history('order', 'CS-1')).map(({ what }) => what)).toEqual([
        'cancelled',
        'delivered',
        'delivered',
        'added',
      ]);
    });
  });
});
