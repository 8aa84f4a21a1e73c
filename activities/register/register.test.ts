import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '../../plan/plan.ts';
import { openStore, type Store } from '../../store/store.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { register } from './index.ts';

const database = await testDatabase();
const contract = {
  number: 'C-1',
  vendor: 'Example Software',
  what: 'CAD, 50 seats',
  noticeBy: '2027-03-31',
  yearly: 42000,
};
const order = {
  number: 'CS-1',
  vendor: 'Example Hardware',
  orderedOn: '2026-11-02',
  expectedOn: '2026-11-20',
  items: [
    { description: 'Laptop', quantity: 3 },
    { description: 'Dock', quantity: 1 },
  ],
};

type Written = 'putVendor' | 'putContract' | 'putNotice' | 'putOrder' | 'putDelivered' | 'cancelOrder';

describeWith(database)('The register of vendors, contracts and orders', () => {
  let store: Store;
  let attempts: Attempts;
  let step = 0;
  const call = (action: string, input: JsonObject) =>
    attempts.call(action, input, { step: `step ${++step}` });

  beforeAll(async () => {
    store = await openStore(database?.url ?? '');
    attempts = attemptsOf(register, {});
    attempts.services.register = store.register;
  });
  afterAll(async () => {
    await store.close();
    await database?.drop();
  });

  /** A database that does its work and whose answer is lost on the way. */
  const losing = (method: Written) => {
    const own = store.register;
    attempts.services.register = new Proxy(own, {
      get: (target, name) =>
        name === method
          ? async (...given: never[]) => {
              attempts.services.register = own;
              await (target[method] as (...all: never[]) => Promise<void>)(...given);
              throw new Error('Connection terminated unexpectedly');
            }
          : Reflect.get(target, name),
    });
  };

  it('does each once, says so once, and says it also when the answer was lost', async () => {
    const cases: [action: string, method: Written, input: JsonObject, did: string][] = [
      [
        'register.putVendor',
        'putVendor',
        { name: 'Example Software', email: 'sales@software.example.com' },
        'changed',
      ],
      ['register.putContract', 'putContract', contract, 'changed'],
      ['register.putContract', 'putContract', { ...contract, yearly: 45000 }, 'changed'],
      [
        'register.recordNotice',
        'putNotice',
        { number: 'C-1', on: '2027-02-10', reference: 'Contracts/C-1' },
        'recorded',
      ],
      ['register.withdrawNotice', 'putNotice', { number: 'C-1' }, 'withdrawn'],
      ['register.recordOrder', 'putOrder', order, 'recorded'],
      [
        'register.recordDelivery',
        'putDelivered',
        { number: 'CS-1', lines: [{ line: 1, delivered: 2 }] },
        'recorded',
      ],
      ['register.cancelOrder', 'cancelOrder', { number: 'CS-1' }, 'cancelled'],
    ];
    for (const [action, method, input, did] of cases) {
      // A client that was made keeps the register that it was made with.
      const lost = attemptsOf(register, {});
      losing(method);
      lost.services.register = attempts.services.register;
      const options = { step: `lost ${++step}` };
      expect((await lost.preview(action, input))?.nothingToDo).toBeUndefined();
      expect((await lost.fails(action, input, options)).nonRetryable).toBe(false);
      attempts.services.register = store.register;
      const again = await lost.call(action, input, options).catch(() => undefined);
      expect([action, again?.[did]]).toEqual([action, true]);
      expect([action, (await call(action, input))[did]]).toEqual([action, false]);
      expect([action, await attempts.verify(action, input)]).toEqual([action, true]);
      expect(await attempts.preview(action, input)).toMatchObject({ nothingToDo: true });
    }
    expect((await store.register.history('order', 'CS-1')).map(({ what, by }) => [what, by])).toEqual([
      ['cancelled', 'run run-1'],
      ['delivered', 'run run-1'],
      ['added', 'run run-1'],
    ]);
  });

  it('lists contracts by when notice is due, and forgets those of which it was given', async () => {
    const due = { noticeFrom: '2027-03-01', noticeBy: '2027-03-31' };
    expect(await call('register.listContracts', due)).toMatchObject({
      count: 1,
      contracts: [{ number: 'C-1', yearly: 45000, noticeDate: '2027-03-31', endDate: '', seats: 0 }],
    });
    await call('register.recordNotice', { number: 'C-1', on: '2027-02-10', reference: 'x' });
    expect(await call('register.listContracts', due)).toMatchObject({ count: 0 });
    expect(await call('register.listContracts', { ...due, withNoticeGiven: true })).toMatchObject({
      count: 1,
    });
    const other = await attempts.fails('register.recordNotice', {
      number: 'C-1',
      on: '2027-02-11',
      reference: 'y',
    });
    expect([other.nonRetryable, other.message]).toEqual([
      true,
      'Notice of C-1 was given on 2027-02-10 already (x). Withdraw that first if it is wrong.',
    ]);
  });

  it('counts what has come of an order line by line, and lists what is late until all has come', async () => {
    const input = { ...order, number: 'CS-2' };
    await call('register.recordOrder', input);
    expect(
      await call('register.recordDelivery', { number: 'CS-2', lines: [{ line: 1, delivered: 2 }] }),
    ).toEqual({
      recorded: true,
      outstanding: 2,
    });
    expect(await call('register.listOrders', { expectedBy: '2026-11-20' })).toMatchObject({
      count: 1,
      orders: [
        { number: 'CS-2', status: 'open', outstanding: 2, lines: [{ outstanding: 1 }, { outstanding: 1 }] },
      ],
    });
    expect(await call('register.recordDelivery', { number: 'CS-2', lines: [], all: true })).toMatchObject({
      outstanding: 0,
    });
    expect(await call('register.listOrders', { status: 'open' })).toMatchObject({ count: 0 });
    const unknown = await attempts.fails('register.recordDelivery', {
      number: 'CS-2',
      lines: [{ line: 9, delivered: 1 }],
    });
    expect(unknown.message).toBe('The order CS-2 has no line 9. It has: 1, 2.');
  });

  it('names what is not there, and says that it needs the database where there is none', async () => {
    const failure = await attempts.fails('register.cancelOrder', { number: 'CS-9' });
    expect([failure.nonRetryable, failure.message]).toEqual([
      true,
      'The register has no order CS-9. Enter it by register.recordOrder in an earlier step, and retry.',
    ]);
    const none = await attemptsOf(register, {}).fails('register.listOrders', {});
    expect(none.message).toBe('The register is kept in the database, and this process has none.');
  });
});
