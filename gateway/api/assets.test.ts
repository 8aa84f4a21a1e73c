import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '../../plan/plan.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();
const coordinator = 'c.kim@example.com';
const manager = 'm.roth@example.com';
const stranger = 'nobody@example.com';

const hand = `runbook: by-hand
title: By hand
kind: other
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
steps:
  - id: look
    uses: entra.getUser
    with: { user: a@example.com }
`;

describeWith(database)('The asset register in the API', () => {
  let gateway: TestGateway;
  const csv = 'tag,serialNumber,model,assignedTo\nEX-1,S1,Laptop,kim@example.com\nEX-2,S2,Dock,\n';
  const send = async (person: string, path: string, body: JsonObject) => {
    const response = await gateway.as(person, 'POST', path, body);
    return { status: response.statusCode, body: response.json() };
  };
  const get = async (person: string, path: string) => (await gateway.as(person, 'GET', path)).json();

  beforeAll(async () => {
    gateway = await TestGateway.start({ database: database?.url ?? '', runbooks: [hand] });
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  it('says what a file would change, changes nothing by that, and does it by the digest of what was shown', async () => {
    const shown = await send(coordinator, '/assets/import', { csv });
    expect(shown).toMatchObject({
      status: 200,
      body: { added: [{ tag: 'EX-1' }, { tag: 'EX-2' }], changed: [], applied: false },
    });
    expect((await get(coordinator, '/assets')).assets).toEqual([]);
    const { digest } = shown.body;
    const done = await send(coordinator, '/assets/import', { csv, file: 'a.csv', apply: true, digest });
    expect(done).toMatchObject({ status: 200, body: { applied: true } });
    const again = await send(coordinator, '/assets/import', { csv, apply: true, digest });
    expect(again).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('has changed since') },
    });
    const { asset, history } = await get(coordinator, '/assets/ex-1');
    expect(asset).toMatchObject({ serialNumber: 'S1', assignedTo: 'kim@example.com' });
    expect(history).toMatchObject([{ what: 'added', by: coordinator }]);
  });

  it('refuses a file that is not certain, and names the line', async () => {
    const refused = await send(coordinator, '/assets/import', {
      csv: 'tag,model\nA,B\na,B\n',
      file: 'twice.csv',
    });
    expect(refused.status).toBe(422);
    expect(refused.body.detail).toBe(
      'twice.csv cannot be imported. Line 3: the tag a stands in line 2 already. Each asset has one of its own.',
    );
  });

  it('finds assets by words, people and days, page by page', async () => {
    expect((await get(manager, '/assets?text=lap')).assets).toMatchObject([{ tag: 'EX-1' }]);
    expect((await get(manager, '/assets?person=Kim@example.com')).assets).toHaveLength(1);
    const first = await get(manager, '/assets?limit=1');
    expect(first.next).toBe('EX-1');
    expect((await get(manager, `/assets?limit=1&after=${first.next}`)).assets).toMatchObject([
      { tag: 'EX-2' },
    ]);
    expect((await gateway.as(manager, 'GET', '/assets/none')).statusCode).toBe(404);
  });

  it('compares it with a list of another system, by serial number, else by tag', async () => {
    const list = 'Device name,Serial number,Primary user UPN\nPC1,s1,dana@example.com\nPC2,S9,\nPC3,,\n';
    const { body } = await send(manager, '/assets/reconcile', { csv: list });
    expect(body).toEqual({
      compared: ['serialNumber', 'assignedTo'],
      onlyThere: ['S9'],
      onlyHere: ['EX-2'],
      differing: [{ tag: 'EX-1', field: 'assignedTo', here: 'kim@example.com', there: 'dana@example.com' }],
      same: 0,
      unnamed: 1,
    });
    expect((await send(manager, '/assets/reconcile', { csv: 'a,b\n1,2\n' })).status).toBe(422);
  });

  it('lists the contracts whose notice is due', async () => {
    await gateway.store.register.putContract(
      { number: 'C-1', vendor: 'V', kind: 'lease', what: 'Printers', noticeBy: '2027-01-31' },
      { by: coordinator },
    );
    expect((await get(manager, '/contracts?noticeBy=2027-01-31')).contracts).toMatchObject([
      { number: 'C-1' },
    ]);
    expect((await get(manager, '/contracts?noticeBy=2027-01-30')).contracts).toEqual([]);
  });

  it('shows nothing to those without a role, and is changed only by those who operate runbooks', async () => {
    for (const path of ['/assets', '/assets/EX-1', '/contracts'])
      expect((await gateway.as(stranger, 'GET', path)).statusCode).toBe(403);
    expect((await send(stranger, '/assets/reconcile', { csv })).status).toBe(403);
    expect((await send(manager, '/assets/import', { csv, apply: true })).status).toBe(403);
  });

  it('finds vendors, contracts and orders by a part of what they are called, each with its history', async () => {
    const { register } = gateway.store;
    const by = { by: coordinator };
    await register.putVendor({ name: 'Ärger & 100% Söhne', email: 'a@vendor.example.com' }, by);
    await register.putVendor({ name: 'Zulu', email: 'z@vendor.example.com' }, by);
    for (const [number, vendor] of [
      ['X-101', 'Zulu'],
      ['X-102', 'Ärger & 100% Söhne'],
    ] as const)
      await register.putContract({ number, vendor, kind: 'contract', what: `Line of ${vendor}` }, by);
    const lines = [{ line: 1, description: 'Dock_2', quantity: 2 }];
    await register.putOrder({ number: 'O-1', vendor: 'Zulu', orderedOn: '2026-03-01', lines }, by);
    const names = async (path: string, list: string, key: string) =>
      ((await get(coordinator, path))[list] as JsonObject[]).map((each) => each[key]);
    expect(await names('/vendors?text=100%25', 'vendors', 'name')).toEqual(['Ärger & 100% Söhne']);
    expect(await names('/vendors?text=%25', 'vendors', 'name')).toEqual(['Ärger & 100% Söhne']);
    expect(await names('/contracts?text=zul', 'contracts', 'number')).toEqual(['X-101']);
    expect(await names('/orders?text=dock_2', 'orders', 'number')).toEqual(['O-1']);
    expect(await names('/orders?text=dockx2', 'orders', 'number')).toEqual([]);
    const first = await get(coordinator, '/vendors?limit=1');
    expect(first).toMatchObject({ vendors: [{ name: 'Zulu' }], next: 'Zulu' });
    expect(await names(`/vendors?after=${first.next}`, 'vendors', 'name')).toEqual(['Ärger & 100% Söhne']);
    expect(await get(coordinator, '/contracts/x-101')).toMatchObject({
      contract: { vendor: 'Zulu' },
      history: [{ what: 'added', by: coordinator }],
    });
    expect((await gateway.as(coordinator, 'GET', '/orders/O-9')).statusCode).toBe(404);
    expect((await gateway.as(stranger, 'GET', '/vendors')).statusCode).toBe(403);
    expect((await gateway.as(stranger, 'GET', '/orders/O-1')).statusCode).toBe(403);
  });
});
