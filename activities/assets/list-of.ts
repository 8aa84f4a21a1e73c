import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { AssetSystem } from './system.ts';

const input = Type.Object(
  { user: Type.String({ format: 'email', description: 'E-mail address of the person.' }) },
  { additionalProperties: false },
);

const output = Type.Object({
  assets: Type.Array(
    Type.Object({
      tag: Type.String({ description: 'Asset tag.' }),
      serialNumber: Type.String({ description: 'Serial number, empty when none is recorded.' }),
      model: Type.String({ description: 'Name of the model.' }),
    }),
    { description: 'What the person has.' },
  ),
  count: Type.Integer({ description: 'How many that are.' }),
});

export const listOf = defineAction({
  name: 'assets.listOf',
  title: 'List what a person has',
  description: 'Lists all assets that are checked out to a person.',
  effect: 'read',
  source: 'Snipe-IT REST API: Users, assets; ServiceNow Table API: alm_hardware',
  input,
  output,
  examples: [{ title: 'What a leaver has to give back', with: { user: 'lou.maier@example.com' } }],

  async run({ user }, { client }: ActionContext<AssetSystem>) {
    const held = await client.heldBy(await client.personOf(user));
    const assets = held.map(({ tag, serialNumber, model }) => ({ tag, serialNumber, model }));
    return { assets, count: assets.length };
  },
});
