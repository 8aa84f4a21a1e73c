import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ProcurementClient } from './client.ts';
import { orderNumber, supplierName } from './items.ts';

const input = Type.Object(
  {
    supplier: supplierName,
    orderId: orderNumber,
    note: Type.Optional(Type.String({ minLength: 1, description: 'What else to say.' })),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  sentTo: Type.String({ description: 'E-mail address to which it was sent.' }),
});

type Context = ActionContext<ProcurementClient>;

export const chase = defineAction({
  name: 'procurement.chase',
  title: 'Ask where an order is',
  description:
    'Asks a supplier by mail where an order is. If the answer of the mail server is lost, the mail is sent once more with the same message id.',
  effect: 'write',
  delivery: 'at least once',
  source: 'RFC 5321: Simple Mail Transfer Protocol',
  input,
  output,
  examples: [
    { title: 'An order that is late', with: { supplier: 'example-hardware', orderId: 'CS-7H3K2M9Q' } },
  ],

  async run({ supplier: name, orderId, note }, { client, key }: Context) {
    const { company, contact } = client.buyer;
    const text = [
      `We are waiting for our order ${orderId}. Could you please tell us when it will arrive,`,
      'and the tracking number if it is on its way?',
      ...(note ? ['', note] : []),
      '',
      `Please answer to ${contact}. Thank you.`,
      '',
      company,
    ].join('\n');
    const subject = `Where is our order ${orderId}?`;
    return { sentTo: await client.send(client.supplier(name), key, { subject, text }) };
  },

  async preview({ supplier, orderId }, { client }: Context) {
    const problems = client.problemsOf(supplier, 'mail');
    if (problems.length > 0) return { summary: `would ask ${supplier} where ${orderId} is`, problems };
    const { title, email } = client.supplier(supplier);
    return { summary: `would ask ${title} (${email}) where ${orderId} is` };
  },
});
