import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { assets } from './index.ts';

let sandbox: Sandbox;
let attempts: Attempts;

beforeAll(async () => {
  sandbox = await startSandbox();
  attempts = attemptsOf(assets, sandbox.connectors.assets ?? {}, ['apiToken']);
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const kim = 'kim.okafor@example.com';
const lou = 'lou.maier@example.com';
const effects = (effect: string) => sandbox.effects.list({ system: 'assets', effect });

describe('Finding an asset', () => {
  it('finds it by serial number and by tag, and says who has it', async () => {
    const found = await attempts.call('assets.find', { serialNumber: 'sn-lou-1' });
    expect(found).toEqual({
      id: '1',
      tag: 'EX-1001',
      serialNumber: 'SN-LOU-1',
      model: 'Laptop 14 inch',
      assignedTo: lou,
      status: 'Ready to Deploy',
      warrantyEnds: '',
      lifeEnds: '',
    });
    expect(await attempts.call('assets.find', { tag: 'EX-1001' })).toEqual(found);
    expect(await attempts.call('assets.find', { serialNumber: 'SN-8001' })).not.toHaveProperty('assignedTo');
  });

  it('names what is not there, and the way out', async () => {
    const failure = await attempts.fails('assets.find', { serialNumber: 'SN-0/0' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toBe(
      'Snipe-IT has no asset with the serial number SN-0/0. Add it there, or by assets.create in an earlier step, and retry.',
    );
    const neither = await attempts.fails('assets.find', {});
    expect(neither.message).toBe('Say which asset: by `serialNumber` or by `tag`.');
    const both = await attempts.fails('assets.find', { tag: 'EX-1001', serialNumber: 'SN-8001' });
    expect(both.message).toContain('has the serial number SN-LOU-1, not SN-8001');
  });
});

describe('Checking an asset out', () => {
  const input = { serialNumber: 'SN-8001', to: kim, note: 'Day one', expectedBack: '2027-01-31' };

  it('gives it to the person once, however often it is tried', async () => {
    expect(await attempts.verify('assets.checkOut', input)).toBe(false);
    const first = await attempts.call('assets.checkOut', input);
    expect(first).toMatchObject({ tag: 'EX-1003', checkedOut: true });
    expect(await attempts.call('assets.checkOut', input)).toEqual({ ...first, checkedOut: false });
    expect(effects('asset.checkedOut')).toMatchObject([
      { subject: 'SN-8001', detail: { to: kim, expectedBack: '2027-01-31', note: 'Day one' } },
    ]);
    expect(await attempts.verify('assets.checkOut', input)).toBe(true);
  });

  it('gives it once when the answer was lost', async () => {
    sandbox.faults.add({ system: 'assets', method: 'POST', times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails('assets.checkOut', input)).nonRetryable).toBe(false);
    expect(await attempts.call('assets.checkOut', input)).toMatchObject({ checkedOut: true });
    expect(effects('asset.checkedOut')).toHaveLength(1);
  });

  it('takes it from nobody, and needs a person who is known', async () => {
    const taken = await attempts.fails('assets.checkOut', { tag: 'EX-1001', to: kim });
    expect(taken.message).toBe(
      `EX-1001 is checked out to ${lou}. Check it in first, by hand or by assets.checkIn, and retry.`,
    );
    const stranger = await attempts.fails('assets.checkOut', { ...input, to: 'nobody@example.com' });
    expect(stranger.message).toContain('Snipe-IT has no user with the e-mail address nobody@example.com.');
    expect([taken.nonRetryable, stranger.nonRetryable]).toEqual([true, false]);
    expect(effects('asset.checkedOut')).toHaveLength(0);
  });

  it('fails for good where Snipe-IT refuses it with the status 200, in its own words', async () => {
    expect(await attempts.preview('assets.checkOut', { serialNumber: 'SN-OLD-1', to: kim })).toMatchObject({
      problems: [expect.stringMatching(/is archived \(Archived\), and Snipe-IT would not check it out/)],
    });
    const failure = await attempts.fails('assets.checkOut', { serialNumber: 'SN-OLD-1', to: kim });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toBe('Snipe-IT refused it: That asset is not available for checkout!');
  });

  it('previews whom it would go to, that there is nothing to do, and what would stop it', async () => {
    expect(await attempts.preview('assets.checkOut', input)).toEqual({
      summary: `would check out Laptop 14 inch EX-1003 to ${kim}`,
    });
    expect(await attempts.preview('assets.checkOut', { tag: 'EX-1001', to: lou })).toMatchObject({
      nothingToDo: true,
    });
    const unknown = await attempts.preview('assets.checkOut', { serialNumber: 'SN-0', to: 'x@example.com' });
    expect(unknown?.problems).toHaveLength(2);
    expect(effects('asset.checkedOut')).toHaveLength(0);
  });
});

describe('Checking an asset in', () => {
  it('takes it back once, and says when nobody has it', async () => {
    const input = { serialNumber: 'SN-LOU-1', note: 'Came by post' };
    expect(await attempts.preview('assets.checkIn', input)).toEqual({
      summary: `would check in EX-1001, which ${lou} has`,
    });
    expect(await attempts.call('assets.checkIn', input)).toEqual({ assetId: '1', checkedIn: true });
    expect(await attempts.call('assets.checkIn', input)).toEqual({ assetId: '1', checkedIn: false });
    expect(effects('asset.checkedIn')).toHaveLength(1);
    expect(await attempts.verify('assets.checkIn', input)).toBe(true);
    expect(await attempts.preview('assets.checkIn', input)).toMatchObject({ nothingToDo: true });
  });

  it('takes it back once when the answer was lost', async () => {
    sandbox.faults.add({ system: 'assets', method: 'POST', times: 1, kind: 'lostAnswer' });
    await attempts.fails('assets.checkIn', { tag: 'EX-1001' });
    expect(await attempts.call('assets.checkIn', { tag: 'EX-1001' })).toMatchObject({ checkedIn: true });
    expect(effects('asset.checkedIn')).toHaveLength(1);
  });
});

describe('What a person has', () => {
  it('is listed to the last page', async () => {
    expect(await attempts.call('assets.listOf', { user: lou })).toEqual({
      assets: [{ tag: 'EX-1001', serialNumber: 'SN-LOU-1', model: 'Laptop 14 inch' }],
      count: 1,
    });
    const token = { authorization: 'Bearer sandbox-snipe-it-token', 'content-type': 'application/json' };
    const post = (path: string, body: object) =>
      fetch(`${sandbox.url}/snipe-it/api/v1${path}`, {
        method: 'POST',
        headers: token,
        body: JSON.stringify(body),
      });
    for (let number = 1; number <= 105; number++) {
      const made = await post('/hardware', { serial: `SN-M${number}`, model_id: 3, status_id: 2 });
      const { payload } = (await made.json()) as { payload: { id: number } };
      await post(`/hardware/${payload.id}/checkout`, { checkout_to_type: 'user', assigned_user: 1 });
    }
    const { count, assets: listed } = await attempts.call('assets.listOf', { user: lou });
    expect([count, (listed as unknown[]).length]).toEqual([106, 106]);
  });
});

describe('Adding an asset', () => {
  const input = { serialNumber: 'SN-NEW-1', model: 'laptop 16 inch', purchaseOrder: 'CS-7H3K2M9Q' };

  it('adds it once, also when the answer was lost', async () => {
    sandbox.faults.add({ system: 'assets', method: 'POST', times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails('assets.create', input)).nonRetryable).toBe(false);
    const output = await attempts.call('assets.create', input);
    expect(output).toMatchObject({ created: true });
    expect(effects('asset.created')).toMatchObject([
      {
        subject: 'SN-NEW-1',
        detail: { asset: { tag: output.tag, orderNumber: 'CS-7H3K2M9Q', statusId: 2 } },
      },
    ]);
    expect(await attempts.verify('assets.create', input)).toBe(true);
    const other = await attempts.call('assets.create', { ...input, serialNumber: 'SN-NEW-2', tag: 'OWN-7' });
    expect(other).toMatchObject({ tag: 'OWN-7', created: true });
  });

  it('finds a model whose name Snipe-IT escapes, and gives it back as it was written', async () => {
    const model = 'Screen 32" & stand';
    await attempts.call('assets.create', { serialNumber: 'SN-NEW-3', model });
    expect(await attempts.call('assets.find', { serialNumber: 'SN-NEW-3' })).toMatchObject({ model });
  });

  it('refuses a tag that is taken in Snipe-IT’s words, and a model that is not there naming those that are', async () => {
    const taken = await attempts.fails('assets.create', { ...input, tag: 'EX-1001' });
    expect(taken.message).toBe('Snipe-IT refused it: The asset tag must be unique.');
    const unknown = await attempts.fails('assets.create', { ...input, model: 'Laptop' });
    expect(unknown.message).toContain('no model "Laptop". There is: Laptop 14 inch, Laptop 16 inch.');
    expect((await attempts.preview('assets.create', { ...input, model: 'Laptop' }))?.problems).toHaveLength(
      1,
    );
    expect(await attempts.preview('assets.create', input)).toEqual({
      summary: 'would add laptop 16 inch SN-NEW-1',
    });
    expect(effects('asset.created')).toHaveLength(0);
  });
});

describe('Snipe-IT', () => {
  it('that is asked too often is waited for as long as it says', async () => {
    sandbox.faults.add({ system: 'assets', times: 1, kind: 'status', status: 429, retryAfter: 9 });
    const failure = await attempts.fails('assets.find', { tag: 'EX-1001' });
    expect(failure).toMatchObject({ type: 'RateLimited', nextRetryDelay: 9_000 });
    expect(failure.message).toContain('Too Many Attempts.');
  });

  it('that is away may come back; a wrong token must be corrected, and is not told', async () => {
    sandbox.faults.add({ system: 'assets', times: 1, kind: 'status', status: 503 });
    expect((await attempts.fails('assets.find', { tag: 'EX-1001' })).nonRetryable).toBe(false);
    const stranger = attemptsOf(assets, { ...sandbox.connectors.assets, apiToken: 'canary-token' }, [
      'apiToken',
    ]);
    const failure = await stranger.fails('assets.find', { tag: 'EX-1001' });
    expect(failure.message).toContain('refused the credentials (401): Unauthenticated.');
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).not.toContain('canary');
  });
});
