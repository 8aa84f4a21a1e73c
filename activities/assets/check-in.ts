import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { type Asset, type AssetSystem, namedBy } from './system.ts';

const input = Type.Object(
  { ...namedBy, note: Type.Optional(Type.String({ description: 'Note for the history of the asset.' })) },
  { additionalProperties: false },
);

const output = Type.Object({
  assetId: Type.String({ description: 'What the system calls the asset.' }),
  checkedIn: Type.Boolean({
    description: 'True when this step checked it in, false when nobody had it any more.',
  }),
});

export const checkIn = defineAction({
  name: 'assets.checkIn',
  title: 'Check an asset in',
  description: 'Records that an asset has come back, so that somebody else can have it.',
  effect: 'write',
  source: 'Snipe-IT REST API: Hardware checkin; ServiceNow Table API: alm_hardware',
  input,
  output,
  examples: [
    { title: 'The laptop of a leaver', with: { serialNumber: 'SN-9001', note: 'Came back by post.' } },
  ],

  ...ensure<Static<typeof input>, AssetSystem, Asset, Static<typeof output>>({
    look: (input, { client }) => client.findAsset(input),
    need: (input, { client }) => client.assetOf(input),
    isDone: ({ holderId }) => holderId === undefined,
    change: (asset, { note }, { client, run }) => client.checkIn(asset, note, { run: run.id }),
    output: ({ did, now: { id } }) => ({ assetId: id, checkedIn: did }),
    words: {
      done: ({ tag }) => `nobody has ${tag}`,
      would: (asset, { tag, serialNumber }) =>
        asset
          ? `would check in ${asset.tag}, which ${asset.holder} has`
          : `would check in ${tag ?? serialNumber}`,
      warnings: (asset, input, { client }) => (asset ? undefined : [client.unknownAsset(input)]),
    },
  }),
});
