import { Type } from 'typebox';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ProcurementClient } from './client.ts';
import type { Status } from './cxml/envelope.ts';
import { cancellationDocument } from './cxml/order-request.ts';
import { sendRequest, statusWords } from './cxml/send.ts';
import { orderNumber, supplierName } from './items.ts';

const input = Type.Object({ supplier: supplierName, orderId: orderNumber }, { additionalProperties: false });

const output = Type.Object({
  cancelled: Type.Boolean({
    description:
      'True when the supplier has cancelled it, or was asked to by mail; false when they have no such order.',
  }),
});

type Context = ActionContext<ProcurementClient>;

export const cancelOrder = defineAction({
  name: 'procurement.cancelOrder',
  title: 'Cancel an order',
  description:
    'Asks the supplier to cancel an order, the way it was sent. By mail, a person there has to do it, and a mail whose answer is lost is sent once more with the same message id.',
  effect: 'write',
  delivery: 'at least once',
  source: 'cXML 1.2 Reference Guide: OrderRequest, type delete',
  input,
  output,
  examples: [
    {
      title: 'An order that is not needed any more',
      with: { supplier: 'example-hardware', orderId: 'CS-7H3K2M9Q' },
    },
  ],

  async run({ supplier: name, orderId }, { client, key }: Context) {
    const supplier = client.supplier(name);
    if (supplier.cxml) {
      const document = cancellationDocument(orderId, supplier.currency, client.buyer);
      const { result, status } = await sendRequest(
        client,
        { supplier, party: supplier.cxml },
        document,
        isGone,
      );
      return { cancelled: result === 'taken' || isCancelled(status) };
    }
    const { company, contact } = client.buyer;
    const text = [
      `Please cancel our purchase order ${orderId}. It is not needed any more.`,
      '',
      `If it was shipped already, or if there are costs, please tell ${contact}.`,
      '',
      company,
    ].join('\n');
    await client.send(supplier, key, { subject: `Please cancel our order ${orderId}`, text });
    return { cancelled: true };
  },

  async preview({ supplier, orderId }, { client }: Context) {
    const problems = client.problemsOf(supplier, 'any');
    const summary = `would cancel ${orderId} with ${problems.length > 0 ? supplier : client.supplier(supplier).title}`;
    return { summary, ...defined({ problems: unlessEmpty(problems) }) };
  },
});

/** The supplier has no such order: it never came through, or an earlier try cancelled it. */
function isGone(status: Status): boolean {
  return (
    status.code === 404 || isCancelled(status) || (status.code < 500 && unknown.test(statusWords(status)))
  );
}

function isCancelled(status: Status): boolean {
  return status.code < 500 && /\balready (been )?cancel+ed\b|duplicate/i.test(statusWords(status));
}

const unknown =
  /\b(no such|unknown) (order|purchase order)\b|\border\b.*\b(not found|unknown|does not exist)\b/i;
