import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { skus } from './licenses.ts';

export const countLicenses = defineAction({
  name: 'entra.countLicenses',
  title: 'Count the licences',
  description: 'Says how many kinds of licence the organisation has.',
  effect: 'read',
  source: 'Microsoft Graph: List subscribedSkus',
  input: Type.Object({}, { additionalProperties: false }),
  output: Type.Object({ count: Type.Integer({ description: 'How many there are.' }) }),
  examples: [{ title: 'Before the yearly order', with: {} }],

  async run(_input, { client }: ActionContext<GraphClient>) {
    return { count: (await skus(client)).length };
  },
});
