import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import type { RegisteredOrder } from '../../plan/register.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { RegisterClient } from './client.ts';
import { orderShown, shownOrder } from './fields.ts';

const input = Type.Object(
  {
    number: Type.Optional(Type.String({ minLength: 1, description: 'Only this one.' })),
    vendor: Type.Optional(Type.String({ minLength: 1, description: 'Only those to this vendor.' })),
    status: Type.Optional(
      Type.Enum(['open', 'complete', 'cancelled'], {
        description: 'Only these. An order is open while something of it is outstanding.',
      }),
    ),
    expectedBy: Type.Optional(
      Type.String({ format: 'date', description: 'Only open ones that should be there by this day.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  orders: Type.Array(shownOrder, { description: 'The orders, by their numbers.' }),
  count: Type.Integer({ description: 'How many there are.' }),
});

export const listOrders = defineAction({
  name: 'register.listOrders',
  title: 'List orders and what is outstanding',
  description:
    'Lists orders of the register with what of each line has come, such as the back-orders that are late.',
  effect: 'read',
  source: 'The register of Countersign',
  input,
  output,
  examples: [{ title: 'What is late', with: { expectedBy: '2026-11-30' } }],

  async run(query, { client }: ActionContext<RegisterClient>) {
    const found: RegisteredOrder[] = [];
    let after: string | undefined;
    do {
      const page = await client.ask((register) =>
        register.listOrders({ ...defined({ ...query, after }), limit: 200 }),
      );
      found.push(...page.orders);
      after = page.next;
    } while (after !== undefined);
    return { orders: found.map(orderShown), count: found.length };
  },
});
