import { type Static, Type } from 'typebox';
import type { RegisteredOrder } from '../../plan/register.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { noOrder } from './cancel-order.ts';
import { actorOf, type RegisterClient } from './client.ts';
import { orderNumber } from './fields.ts';

const input = Type.Object(
  {
    number: orderNumber,
    lines: Type.Array(
      Type.Object(
        {
          line: Type.Integer({ minimum: 1, description: 'Number of the line.' }),
          delivered: Type.Integer({ minimum: 0, description: 'How many of it have come in all.' }),
        },
        { additionalProperties: false },
      ),
      { description: 'Lines of which something has come; others stay as they are.' },
    ),
    all: Type.Optional(
      Type.Boolean({ default: false, description: 'Everything has come, whatever the lines say.' }),
    ),
    note: Type.Optional(Type.String({ description: 'Note for the history of the order.' })),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  recorded: Type.Boolean({ description: 'Whether this step did it, over all its attempts.' }),
  outstanding: Type.Integer({ description: 'How many pieces have not come.' }),
});

type Input = Static<typeof input>;

export const recordDelivery = defineAction({
  name: 'register.recordDelivery',
  title: 'Record what has come of an order',
  description: 'Enters how much of each line of an order has come, and says how much is outstanding.',
  effect: 'write',
  source: 'The register of Countersign',
  input,
  output,
  examples: [
    { title: 'Two of three', with: { number: 'CS-7H3K2M9Q', lines: [{ line: 1, delivered: 2 }] } },
    { title: 'All of it', with: { number: 'CS-7H3K2M9Q', lines: [], all: true } },
  ],

  ...ensure<Input, RegisterClient, RegisteredOrder, Static<typeof output>>({
    look: ({ number }, { client }) => client.ask((register) => register.orderBy(number)),
    need: async ({ number }, { client }) =>
      client.ask(async (register) => (await register.orderBy(number)) ?? Promise.reject(noOrder(number))),
    isDone: (order, input) => newsOf(order, input).length === 0,
    change: (order, input, { client, run }) => {
      const actor = { ...actorOf(run), ...(input.note ? { note: input.note } : {}) };
      return client.ask((register) => register.putDelivered(input.number, newsOf(order, input), actor));
    },
    output: ({ did, now }, input) => {
      const wanted = new Map(wantedOf(now, input).map(({ line, delivered }) => [line, delivered]));
      const open = now.lines.map((each) =>
        Math.max(0, each.quantity - (wanted.get(each.line) ?? each.delivered)),
      );
      return { recorded: did, outstanding: open.reduce((sum, each) => sum + each, 0) };
    },
    words: {
      done: (_, { number }) => `what has come of ${number} is recorded`,
      would: (_, { number }) => `would record what has come of ${number}`,
      warnings: (state, { number }) => (state ? undefined : [noOrder(number).message]),
    },
  }),
});

function wantedOf(order: RegisteredOrder, { lines, all }: Input): Input['lines'] {
  return all ? order.lines.map(({ line, quantity }) => ({ line, delivered: quantity })) : lines;
}

/** What is not so yet; of a line that is not there, too, so that it is refused. */
function newsOf(order: RegisteredOrder, input: Input): Input['lines'] {
  const there = new Map(order.lines.map(({ line, delivered }) => [line, delivered]));
  return wantedOf(order, input).filter(({ line, delivered }) => there.get(line) !== delivered);
}
