import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import type { RegisteredOrder } from '../../plan/register.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { actorOf, type RegisterClient } from './client.ts';
import { orderNumber, vendorName } from './fields.ts';

const input = Type.Object(
  {
    number: orderNumber,
    vendor: vendorName,
    orderedOn: Type.String({ format: 'date', description: 'Day on which it was ordered.' }),
    expectedOn: Type.Optional(
      Type.String({ format: 'date', description: 'Day on which all of it should be there.' }),
    ),
    items: Type.Array(
      Type.Object(
        {
          description: Type.String({ minLength: 1, description: 'What it is.' }),
          partNumber: Type.Optional(Type.String({ description: 'Part number of the supplier.' })),
          quantity: Type.Integer({ minimum: 1, description: 'How many.' }),
          unitPrice: Type.Optional(Type.Number({ minimum: 0, description: 'Price of one, without tax.' })),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, description: 'What was ordered, line by line.' },
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  recorded: Type.Boolean({ description: 'Whether this step did it, over all its attempts.' }),
});

interface State {
  there: RegisteredOrder | null;
}

export const recordOrder = defineAction({
  name: 'register.recordOrder',
  title: 'Record an order',
  description: 'Enters an order in the register, where what has come of it is counted line by line.',
  effect: 'write',
  source: 'The register of Countersign',
  input,
  output,
  undo: 'register.cancelOrder',
  examples: [
    {
      title: 'Three laptops',
      with: {
        number: 'CS-7H3K2M9Q',
        vendor: 'Example Hardware',
        orderedOn: '2026-11-02',
        expectedOn: '2026-11-20',
        items: [{ description: 'Laptop 14 inch', partNumber: 'LT-14', quantity: 3, unitPrice: 1100 }],
      },
    },
  ],

  ...ensure<Static<typeof input>, RegisterClient, State, Static<typeof output>>({
    look: async ({ number }, { client }) => ({
      there: (await client.ask((register) => register.orderBy(number))) ?? null,
    }),
    isDone: ({ there }) => there !== null && there.status !== 'cancelled',
    problem: ({ there }) =>
      there?.status === 'cancelled'
        ? `The order ${there.number} is cancelled in the register. Give another number.`
        : undefined,
    change: (_, { items, ...order }, { client, run }) => {
      const lines = items.map((item, index) => ({ line: index + 1, ...defined(item) }));
      return client.ask((register) => register.putOrder({ ...order, lines }, actorOf(run)));
    },
    output: ({ did }) => ({ recorded: did }),
    words: {
      done: (_, { number }) => `the order ${number} is recorded`,
      would: (_, { number, vendor }) => `would record the order ${number} to ${vendor}`,
    },
  }),
});
