import { type Static, Type } from 'typebox';
import { RegisterConflict, type RegisteredOrder } from '../../plan/register.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { actorOf, type RegisterClient } from './client.ts';
import { orderNumber } from './fields.ts';

const input = Type.Object({ number: orderNumber }, { additionalProperties: false });

const output = Type.Object({
  cancelled: Type.Boolean({ description: 'Whether this step did it, over all its attempts.' }),
});

export const cancelOrder = defineAction({
  name: 'register.cancelOrder',
  title: 'Record that an order was cancelled',
  description: 'Marks an order of the register as cancelled, so that nothing of it is outstanding any more.',
  effect: 'write',
  source: 'The register of Countersign',
  input,
  output,
  examples: [{ title: 'An order that was called off', with: { number: 'CS-7H3K2M9Q' } }],

  ...ensure<Static<typeof input>, RegisterClient, RegisteredOrder, Static<typeof output>>({
    look: ({ number }, { client }) => client.ask((register) => register.orderBy(number)),
    need: async ({ number }, { client }) =>
      client.ask(async (register) => (await register.orderBy(number)) ?? Promise.reject(noOrder(number))),
    isDone: ({ status }) => status === 'cancelled',
    change: (_, { number }, { client, run }) =>
      client.ask((register) => register.cancelOrder(number, true, actorOf(run))),
    output: ({ did }) => ({ cancelled: did }),
    words: {
      done: (_, { number }) => `${number} is cancelled`,
      would: (_, { number }) => `would record that ${number} is cancelled`,
      warnings: (state, { number }) => (state ? undefined : [noOrder(number).message]),
    },
  }),
});

export function noOrder(number: string): RegisterConflict {
  return new RegisterConflict(
    `The register has no order ${number}. Enter it by register.recordOrder in an earlier step, and retry.`,
  );
}
