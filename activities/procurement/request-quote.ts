import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ProcurementClient } from './client.ts';
import {
  addressLines,
  deliverTo,
  htmlTable,
  htmlText,
  neededBy,
  quantity,
  supplierName,
  tableOf,
  textTable,
} from './items.ts';
import { quoteReferenceOf } from './reference.ts';

const input = Type.Object(
  {
    supplier: supplierName,
    items: Type.Array(
      Type.Object(
        {
          description: Type.String({ minLength: 1, description: 'What it is.' }),
          partNumber: Type.Optional(
            Type.String({ minLength: 1, description: 'Part number of the supplier, if known.' }),
          ),
          quantity,
        },
        { additionalProperties: false },
      ),
      { minItems: 1, description: 'What is to be offered.' },
    ),
    neededBy: Type.Optional(neededBy),
    deliverTo,
    note: Type.Optional(Type.String({ minLength: 1, description: 'What else to say.' })),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  supplier: Type.String({ description: 'The supplier who was asked, as runbooks name it.' }),
  reference: Type.String({ description: 'Reference number of the request, the same at every try.' }),
  sentTo: Type.String({ description: 'E-mail address to which it was sent.' }),
});

type Context = ActionContext<ProcurementClient>;

export const requestQuote = defineAction({
  name: 'procurement.requestQuote',
  title: 'Ask for a quote',
  description:
    'Asks a supplier by mail what goods would cost. If the answer of the mail server is lost, the mail is sent once more with the same message id.',
  effect: 'write',
  delivery: 'at least once',
  source: 'RFC 5321: Simple Mail Transfer Protocol',
  input,
  output,
  examples: [
    {
      title: 'Two screens',
      with: {
        supplier: 'example-hardware',
        items: [{ description: 'Screen 27 inch', quantity: 2 }],
        deliverTo: 'Reception',
        neededBy: '2026-11-30',
      },
    },
  ],

  async run(input, { client, key }: Context) {
    const supplier = client.supplier(input.supplier);
    const { buyer } = client;
    const reference = quoteReferenceOf(key);
    const table = tableOf(input.items);
    const opening = `${buyer.company} asks for your offer. Our reference is ${reference}.`;
    const place = addressLines(input.deliverTo, buyer.company, buyer.address);
    const closing = [
      ...(input.neededBy ? [`Needed by: ${input.neededBy}`] : []),
      ...(input.note ? [input.note] : []),
      `Please answer, naming ${reference}, to ${buyer.contact}.`,
    ];
    const mail = {
      subject: `Request for a quote ${reference} of ${buyer.company}`,
      text: [opening, '', textTable(table), '', 'To be delivered to:', ...place, '', ...closing].join('\n'),
      html: [
        `<p>${htmlText(opening)}</p>`,
        htmlTable(table),
        `<p>To be delivered to:<br>${htmlText(place.join('\n'))}</p>`,
        `<p>${htmlText(closing.join('\n'))}</p>`,
      ].join('\n'),
    };
    return { supplier: input.supplier, reference, sentTo: await client.send(supplier, key, mail) };
  },

  async preview({ supplier, items }, { client, key }: Context) {
    const problems = client.problemsOf(supplier, 'mail');
    if (problems.length > 0) return { summary: `would ask ${supplier} for a quote`, problems };
    const { title, email } = client.supplier(supplier);
    const goods = items.map((item) => `${item.quantity} × ${item.description}`).join(', ');
    return { summary: `would ask ${title} (${email}) for a quote of ${goods}, as ${quoteReferenceOf(key)}` };
  },
});
