import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { type Asset, assetOf, findAsset, holderOf, namedBy, unknownAsset } from './asset.ts';
import type { AssetsClient } from './client.ts';

const input = Type.Object(
  { ...namedBy, note: Type.Optional(Type.String({ description: 'Note for the history of the asset.' })) },
  { additionalProperties: false },
);

const output = Type.Object({
  assetId: Type.Integer({ description: 'Number of the asset in Snipe-IT.' }),
  checkedIn: Type.Boolean({
    description: 'True when this step checked it in, false when nobody had it any more.',
  }),
});

export const checkIn = defineAction({
  name: 'assets.checkIn',
  title: 'Check an asset in',
  description: 'Records that an asset has come back, so that somebody else can have it.',
  effect: 'write',
  source: 'Snipe-IT REST API: Hardware checkin',
  input,
  output,
  examples: [
    { title: 'The laptop of a leaver', with: { serialNumber: 'SN-9001', note: 'Came back by post.' } },
  ],

  ...ensure<Static<typeof input>, AssetsClient, Asset, Static<typeof output>>({
    look: (input, { client }) => findAsset(client, input),
    need: (input, { client }) => assetOf(client, input),
    isDone: ({ assigned_to: holder }) => !holder,
    change: async ({ id }, { note }, { client }) => {
      await client.write(`/hardware/${id}/checkin`, note ? { note } : {});
    },
    output: ({ did, now: { id } }) => ({ assetId: id, checkedIn: did }),
    words: {
      done: ({ asset_tag: tag }) => `nobody has ${tag}`,
      would: (asset, { tag, serialNumber }) =>
        asset
          ? `would check in ${asset.asset_tag}, which ${holderOf(asset)} has`
          : `would check in ${tag ?? serialNumber}`,
      warnings: (asset, input) => (asset ? undefined : [unknownAsset(input)]),
    },
  }),
});
