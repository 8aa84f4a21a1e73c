import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { AssetSystem } from './system.ts';

const input = Type.Object(
  {
    by: Type.String({ format: 'date', description: 'The last day that counts.' }),
    what: Type.Optional(
      Type.Enum(['warranty', 'life'], {
        default: 'warranty',
        description: 'Whether the warranty ends then or the life of the asset.',
      }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  assets: Type.Array(
    Type.Object({
      id: Type.String({ description: 'What the system calls the asset.' }),
      tag: Type.String({ description: 'Asset tag.' }),
      serialNumber: Type.String({ description: 'Serial number, empty when none is recorded.' }),
      name: Type.String({ description: 'Its name, empty when it has none.' }),
      model: Type.String({ description: 'Name of the model.' }),
      status: Type.String({ description: 'Name of its status.' }),
      assignedTo: Type.String({
        description: 'Whom it is checked out to, an e-mail address where there is one; empty for nobody.',
      }),
      warrantyEnds: Type.String({ description: 'Last day of its warranty, empty when none is recorded.' }),
      lifeEnds: Type.String({ description: 'Last day of its life, empty when none is recorded.' }),
    }),
    { description: 'The assets.' },
  ),
  count: Type.Integer({ description: 'How many there are.' }),
});

export const listExpiring = defineAction({
  name: 'assets.listExpiring',
  title: 'List assets that come to their end',
  description: 'Lists the assets whose warranty or life ends by a day, such as to replace them in time.',
  effect: 'read',
  source: 'Snipe-IT REST API: Hardware, list; ServiceNow Table API: alm_hardware',
  input,
  output,
  examples: [{ title: 'To be replaced next year', with: { by: '2026-12-31', what: 'life' } }],

  async run({ by, what = 'warranty' }, { client }: ActionContext<AssetSystem>) {
    const found = await client.ending({ by, what });
    const assets = found.map((asset) => ({
      id: asset.id,
      tag: asset.tag,
      serialNumber: asset.serialNumber,
      name: asset.name,
      model: asset.model,
      status: asset.status,
      assignedTo: asset.holder ?? '',
      warrantyEnds: asset.warrantyEnds,
      lifeEnds: asset.lifeEnds,
    }));
    return { assets, count: assets.length };
  },
});
