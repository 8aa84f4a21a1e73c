import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { type AssetSystem, namedBy } from './system.ts';

const input = Type.Object(namedBy, { additionalProperties: false });

const output = Type.Object({
  id: Type.String({ description: 'What the system calls the asset.' }),
  tag: Type.String({ description: 'Asset tag.' }),
  serialNumber: Type.String({ description: 'Serial number, empty when none is recorded.' }),
  model: Type.String({ description: 'Name of the model.' }),
  assignedTo: Type.Optional(
    Type.String({ description: 'Whom it is checked out to: an e-mail address where there is one.' }),
  ),
  status: Type.String({ description: 'Name of its status, such as Ready to Deploy.' }),
  warrantyEnds: Type.String({ description: 'Last day of its warranty, empty when none is recorded.' }),
  lifeEnds: Type.String({ description: 'Last day of its life, empty when none is recorded.' }),
});

export const find = defineAction({
  name: 'assets.find',
  title: 'Find an asset',
  description: 'Looks an asset up by its serial number or its tag.',
  effect: 'read',
  source: 'Snipe-IT REST API: Hardware, by serial and by tag; ServiceNow Table API: alm_hardware',
  input,
  output,
  examples: [{ title: 'A laptop by its serial number', with: { serialNumber: 'SN-9001' } }],

  async run(name, { client }: ActionContext<AssetSystem>) {
    const { id, tag, serialNumber, model, status, holder, warrantyEnds, lifeEnds } =
      await client.assetOf(name);
    return {
      ...{ id, tag, serialNumber, model, status, warrantyEnds, lifeEnds },
      ...defined({ assignedTo: holder || undefined }),
    };
  },
});
