import { type Static, Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ProcurementClient, Supplier } from './client.ts';
import type { Status } from './cxml/envelope.ts';
import { orderDocument } from './cxml/order-request.ts';
import { sendRequest, statusWords } from './cxml/send.ts';
import {
  addressLines,
  deliverTo,
  htmlTable,
  htmlText,
  money,
  neededBy,
  quantity,
  supplierName,
  tableOf,
  textTable,
  totalOf,
} from './items.ts';
import { purchaseOrderPdf } from './purchase-order.ts';
import { orderIdOf } from './reference.ts';

const input = Type.Object(
  {
    supplier: supplierName,
    items: Type.Array(
      Type.Object(
        {
          description: Type.String({ minLength: 1, description: 'What it is.' }),
          partNumber: Type.String({ minLength: 1, description: 'Part number of the supplier.' }),
          quantity,
          unitPrice: Type.Optional(
            Type.Number({
              minimum: 0,
              description: 'Price of one, without tax. Without it, what was agreed holds.',
            }),
          ),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, description: 'What is ordered.' },
    ),
    deliverTo,
    attention: Type.Optional(Type.String({ minLength: 1, description: 'Name of the person it is for.' })),
    neededBy: Type.Optional(neededBy),
    costCentre: Type.Optional(Type.String({ minLength: 1, description: 'Cost centre that pays.' })),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  orderId: Type.String({ description: 'Number of the order, the same at every try. Ship notices name it.' }),
  via: Type.Enum(['cxml', 'mail'], { description: 'How the order was sent.' }),
  sentTo: Type.String({ description: 'Address to which the order was sent.' }),
  lines: Type.Array(
    Type.Object({
      lineNumber: Type.Integer({ description: 'Number of the line, from 1, by which suppliers name it.' }),
      quantity: Type.Integer({ description: 'How many were ordered.' }),
    }),
    { description: 'What was ordered, by which it is known when all of it has been shipped.' },
  ),
});

type Input = Static<typeof input>;
type Context = ActionContext<ProcurementClient>;

export const order = defineAction({
  name: 'procurement.order',
  title: 'Order from a supplier',
  description:
    'Orders goods from a supplier, by cXML where the configuration says so, else by mail with a PDF. By cXML one order comes of it, however often it is tried; a mail whose answer is lost is sent once more, with the same order number and message id.',
  effect: 'write',
  // By mail. By cXML the supplier knows the order's number again.
  delivery: 'at least once',
  source: 'cXML 1.2 Reference Guide: OrderRequest',
  input,
  output,
  undo: 'procurement.cancelOrder',
  examples: [
    {
      title: 'A laptop for a new hire',
      with: {
        supplier: 'example-hardware',
        items: [{ description: 'Laptop 14 inch', partNumber: 'LT-14', quantity: 1, unitPrice: 1249 }],
        deliverTo: 'Reception',
        attention: 'Kim Okafor',
        costCentre: 'IT-100',
      },
    },
  ],

  async run(input, { client, key }: Context) {
    const supplier = client.supplier(input.supplier);
    const orderId = orderIdOf(key);
    const lines = input.items.map((item, index) => ({ lineNumber: index + 1, quantity: item.quantity }));
    if (!supplier.cxml)
      return {
        orderId,
        lines,
        via: 'mail' as const,
        sentTo: await byMail(input, supplier, { client, key }),
      };
    const document = orderDocument({ ...input, orderId, currency: supplier.currency }, client.buyer);
    // A refusal as a second copy tells that an earlier try came through, and only its answer was lost.
    const to = { supplier, party: supplier.cxml };
    await sendRequest(client, to, document, (status) => isSecondCopy(status, orderId));
    return { orderId, lines, via: 'cxml' as const, sentTo: supplier.cxml.url };
  },

  async preview(input, { client, key }: Context) {
    const problems = client.problemsOf(input.supplier, 'any');
    if (problems.length > 0) return { summary: `would order from ${input.supplier}`, problems };
    const { title, currency, cxml } = client.supplier(input.supplier);
    const goods = input.items.map((item) => `${item.quantity} × ${item.description}`).join(', ');
    const amount = totalOf(input.items);
    const price = amount > 0 ? ` for ${money(amount)} ${currency}` : '';
    return {
      summary: `would order ${goods} from ${title}${price}, as ${orderIdOf(key)} by ${cxml ? 'cXML' : 'mail'}`,
    };
  },
});

async function byMail(
  input: Input,
  supplier: Supplier,
  context: Pick<Context, 'client' | 'key'>,
): Promise<string> {
  const { client, key } = context;
  const { buyer } = client;
  const orderId = orderIdOf(key);
  const facts = { ...input, orderId, supplier: supplier.title, buyer, currency: supplier.currency };
  const table = tableOf(input.items, supplier.currency);
  const opening = `${buyer.company} orders the following. The purchase order ${orderId} is attached.`;
  const place = addressLines(input.deliverTo, buyer.company, buyer.address, input.attention);
  const closing = [
    ...(input.neededBy ? [`Needed by: ${input.neededBy}`] : []),
    ...(input.costCentre ? [`Cost centre: ${input.costCentre}`] : []),
    `Please confirm, naming ${orderId}, to ${buyer.contact}.`,
  ];
  return client.send(supplier, key, {
    subject: `Purchase order ${orderId} of ${buyer.company}`,
    text: [opening, '', textTable(table), '', 'Deliver to:', ...place, '', ...closing].join('\n'),
    html: [
      `<p>${htmlText(opening)}</p>`,
      htmlTable(table),
      `<p>Deliver to:<br>${htmlText(place.join('\n'))}</p>`,
      `<p>${htmlText(closing.join('\n'))}</p>`,
    ].join('\n'),
    attachments: [
      {
        filename: `${orderId}.pdf`,
        contentType: 'application/pdf',
        content: await purchaseOrderPdf(facts),
      },
    ],
  });
}

/** cXML has the status 409 for it, and suppliers their own words. A conflict of another kind is said in other words. */
function isSecondCopy(status: Status, orderId: string): boolean {
  const words = statusWords(status);
  if (/duplicate/i.test(words)) return status.code >= 400 && status.code < 500;
  return status.code === 409 && (/already|^(conflict)?$/i.test(words) || words.includes(orderId));
}
