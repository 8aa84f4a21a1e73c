import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { skuOf, skus, unitsOf } from './licenses.ts';

const input = Type.Object(
  {
    license: Type.String({
      minLength: 1,
      description: 'Licence to look up: its product code (such as SPE_E3) or the id of the product.',
    }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  license: Type.String({ description: 'Product code of the licence.' }),
  skuId: Type.String({ description: 'Id of the product.' }),
  total: Type.Integer({ description: 'Units that the organisation has.' }),
  used: Type.Integer({ description: 'Units that are assigned.' }),
  free: Type.Integer({ description: 'Units that can still be assigned.' }),
});

export const getLicense = defineAction({
  name: 'entra.getLicense',
  title: 'Look up a licence',
  description: 'Says how many units of a licence the organisation has, and how many of them are free.',
  effect: 'read',
  source: 'Microsoft Graph: List subscribedSkus',
  input,
  output,
  examples: [{ title: 'Before anybody is asked to sign', with: { license: 'SPE_E3' } }],

  async run({ license }, { client }: ActionContext<GraphClient>) {
    const sku = skuOf(await skus(client), license);
    return { license: sku.skuPartNumber, skuId: sku.skuId, ...unitsOf(sku) };
  },
});
