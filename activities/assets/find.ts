import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { assetOf, holderOf, namedBy } from './asset.ts';
import type { AssetsClient } from './client.ts';

const input = Type.Object(namedBy, { additionalProperties: false });

const output = Type.Object({
  id: Type.Integer({ description: 'Number of the asset in Snipe-IT.' }),
  tag: Type.String({ description: 'Asset tag.' }),
  serialNumber: Type.String({ description: 'Serial number, empty when none is recorded.' }),
  model: Type.String({ description: 'Name of the model.' }),
  assignedTo: Type.Optional(
    Type.String({ description: 'Whom it is checked out to: an e-mail address where there is one.' }),
  ),
  status: Type.String({ description: 'Name of its status, such as Ready to Deploy.' }),
});

export const find = defineAction({
  name: 'assets.find',
  title: 'Find an asset',
  description: 'Looks an asset up by its serial number or its tag.',
  effect: 'read',
  source: 'Snipe-IT REST API: Hardware, by serial and by tag',
  input,
  output,
  examples: [{ title: 'A laptop by its serial number', with: { serialNumber: 'SN-9001' } }],

  async run(name, { client }: ActionContext<AssetsClient>) {
    const asset = await assetOf(client, name);
    const assignedTo = holderOf(asset);
    return {
      id: asset.id,
      tag: asset.asset_tag,
      serialNumber: asset.serial ?? '',
      model: asset.model?.name ?? '',
      ...defined({ assignedTo: assignedTo || undefined }),
      status: asset.status_label?.name ?? '',
    };
  },
});
