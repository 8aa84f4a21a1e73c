import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import {
  type Asset,
  assetOf,
  findAsset,
  findPerson,
  holderOf,
  isHeldBy,
  namedBy,
  type Person,
  personOf,
  unavailable,
  unknownAsset,
  unknownPerson,
} from './asset.ts';
import type { AssetsClient } from './client.ts';

const input = Type.Object(
  {
    ...namedBy,
    to: Type.String({ format: 'email', description: 'E-mail address of the person who gets it.' }),
    note: Type.Optional(Type.String({ description: 'Note for the history of the asset.' })),
    expectedBack: Type.Optional(Type.String({ format: 'date', description: 'Day on which it comes back.' })),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  assetId: Type.Integer({ description: 'Number of the asset in Snipe-IT.' }),
  tag: Type.String({ description: 'Asset tag.' }),
  checkedOut: Type.Boolean({
    description: 'True when this step checked it out, false when the person had it already.',
  }),
});

type Input = Static<typeof input>;

export const checkOut = defineAction({
  name: 'assets.checkOut',
  title: 'Check an asset out to a person',
  description: 'Records that a person has an asset. One that somebody else has must be checked in first.',
  effect: 'write',
  source: 'Snipe-IT REST API: Hardware checkout',
  input,
  output,
  undo: 'assets.checkIn',
  examples: [
    { title: 'The laptop that came', with: { serialNumber: 'SN-9001', to: 'kim.okafor@example.com' } },
  ],

  ...ensure<Input, AssetsClient, State, Static<typeof output>>({
    look: async (input, { client }) =>
      defined({ asset: await findAsset(client, input), person: await findPerson(client, input.to) }),
    need: async (input, { client }) => ({
      asset: await assetOf(client, input),
      person: await personOf(client, input.to),
    }),
    isDone: ({ asset, person }) => asset !== undefined && person !== undefined && isHeldBy(asset, person),
    problem: ({ asset }) => (asset?.assigned_to ? heldByAnother(asset) : undefined),
    change: async ({ asset, person }, { note, expectedBack }, { client }) => {
      await client.write(`/hardware/${asset?.id}/checkout`, {
        checkout_to_type: 'user',
        assigned_user: person?.id,
        ...defined({ note: note || undefined, expected_checkin: expectedBack || undefined }),
      });
    },
    output: ({ did, now: { asset } }) => ({
      assetId: asset?.id ?? 0,
      tag: asset?.asset_tag ?? '',
      checkedOut: did,
    }),
    words: {
      done: ({ asset }, { to }) => `${to} has ${asset?.asset_tag} already`,
      would: (state, { to, tag, serialNumber }) => {
        const asset = state?.asset;
        const what = asset ? `${asset.model?.name ?? 'asset'} ${asset.asset_tag}` : (tag ?? serialNumber);
        return `would check out ${what} to ${to}`;
      },
      warnings: (state, input) => [
        ...(state?.asset ? [] : [unknownAsset(input)]),
        ...(state?.person ? [] : [unknownPerson(input.to)]),
        ...[state?.asset && unavailable(state.asset)].filter((problem) => problem !== undefined),
      ],
    },
  }),
});

interface State {
  asset?: Asset;
  person?: Person;
}

function heldByAnother(asset: Asset): string {
  return `${asset.asset_tag} is checked out to ${holderOf(asset)}. Check it in first, by hand or by assets.checkIn, and retry.`;
}
