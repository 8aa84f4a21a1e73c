import { describe, expect, it } from '@jest/globals';
import { completed, type Told } from './completeness.ts';

const ordered = [
  { lineNumber: 1, quantity: 2 },
  { lineNumber: 2, quantity: 1 },
];
const shipped = (shipmentId: string, items: [line: number, quantity: number][], more = {}): Told => ({
  name: 'order.shipped',
  data: {
    shipmentId,
    serialNumbers: [`SN-${shipmentId}`],
    items: items.map(([lineNumber, quantity]) => ({ lineNumber, quantity })),
    ...more,
  },
});
const confirmed = (
  items: [line: number, quantity: number][],
  rejected: [line: number, quantity: number][] = [],
): Told => ({
  name: 'order.confirmed',
  data: {
    items: items.map(([lineNumber, quantity]) => ({ lineNumber, quantity })),
    rejected: rejected.map(([lineNumber, quantity]) => ({ lineNumber, quantity })),
  },
});

describe('An order is complete', () => {
  it('once its parts together come to what was ordered, and not before', () => {
    const told = [shipped('a', [[1, 1]]), shipped('b', [[1, 1]])];
    expect(completed(ordered, told)).toBeUndefined();
    expect(completed(ordered, [...told, shipped('c', [[2, 1]])])).toMatchObject({
      shipments: 3,
      serialNumbers: ['SN-a', 'SN-b', 'SN-c'],
      items: [
        { lineNumber: 1, quantity: 2 },
        { lineNumber: 2, quantity: 1 },
      ],
    });
  });

  it('when its supplier says so', () => {
    expect(completed(undefined, [shipped('a', [[1, 1]], { complete: true })])).toMatchObject({
      shipments: 1,
    });
    expect(completed(undefined, [shipped('a', [[1, 1]])])).toBeUndefined();
  });

  it('without the lines that were refused, by what was said of them last', () => {
    const told = [confirmed([[2, 1]], [[2, 1]]), shipped('a', [[1, 2]])];
    expect(completed(ordered, told)).toMatchObject({ rejected: [{ lineNumber: 2, quantity: 1 }] });
    expect(completed(ordered, [...told.slice(0, 1), confirmed([[2, 1]]), ...told.slice(1)])).toBeUndefined();
  });

  it('by what its supplier repeats of the order, where nobody else knows', () => {
    const told = [confirmed([[1, 2]]), shipped('a', [[1, 1]])];
    expect(completed(undefined, told)).toBeUndefined();
    expect(completed(undefined, [...told, shipped('b', [[1, 1]])])).toBeDefined();
  });

  it('without shipments that were withdrawn, and with those told anew counted once', () => {
    const one = [{ lineNumber: 1, quantity: 2 }];
    const again = [shipped('a', [[1, 1]]), shipped('a', [[1, 1]], { operation: 'update' })];
    expect(completed(one, again)).toBeUndefined();
    const withdrawn: Told = { name: 'order.shipmentWithdrawn', data: { shipmentId: 'a' } };
    expect(completed(one, [shipped('a', [[1, 2]]), withdrawn])).toBeUndefined();
  });

  it('never while nothing has been shipped', () => {
    expect(
      completed(ordered, [
        confirmed(
          [],
          [
            [1, 2],
            [2, 1],
          ],
        ),
      ]),
    ).toBeUndefined();
  });
});
