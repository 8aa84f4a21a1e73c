import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { type Asset, type AssetSystem, type Changed, namedBy, sameText } from './system.ts';

const input = Type.Object(
  {
    ...namedBy,
    status: Type.String({
      minLength: 1,
      description:
        'Name of the status. "Ready to Deploy", "Pending", "In Repair", "Lost" and "Archived" are understood in ServiceNow too, under its own names.',
    }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  changed: Type.Boolean({ description: 'Whether this step did it, over all its attempts.' }),
  before: Type.Object(
    { status: Type.String({ description: 'Name of the status.' }) },
    { description: 'The status before.' },
  ),
});

export const setStatus = defineAction({
  name: 'assets.setStatus',
  title: 'Set the status of an asset',
  description: 'Puts an asset into a status, such as Archived or Lost.',
  effect: 'write',
  source: 'Snipe-IT REST API: Hardware, update; ServiceNow Table API: alm_hardware',
  input,
  output,
  undo: 'assets.setStatus',
  examples: [{ title: 'It was lost', with: { serialNumber: 'SN-9001', status: 'Lost' } }],

  ...ensure<Static<typeof input>, AssetSystem, State, Static<typeof output>>({
    look: async (input, { client }) => {
      const asset = await client.findAsset(input);
      return asset && { asset, wanted: await client.statusNamed(input.status) };
    },
    need: async (input, { client }) => ({
      asset: await client.assetOf(input),
      wanted: await client.statusNamed(input.status),
    }),
    isDone: ({ asset, wanted }) => wanted.status !== undefined && sameText(asset.status, wanted.status),
    problem: ({ wanted }) => wanted.problem,
    change: ({ asset, wanted }, _, { client, run }) => client.setStatus(asset, wanted, { run: run.id }),
    output: ({ did, before: { asset } }) => ({ changed: did, before: { status: asset.status } }),
    words: {
      done: ({ asset }) => `${asset.tag} is ${asset.status}`,
      would: (state, { status, tag, serialNumber }) =>
        `would put ${state?.asset.tag ?? tag ?? serialNumber} into ${status}`,
      warnings: (state, input, { client }) => (state ? undefined : [client.unknownAsset(input)]),
    },
  }),
});

interface State {
  asset: Asset;
  wanted: Changed;
}
