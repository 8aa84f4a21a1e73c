import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { type Asset, type AssetSystem, isHeldBy, namedBy, type Person } from './system.ts';

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
  assetId: Type.String({ description: 'What the system calls the asset.' }),
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
  source: 'Snipe-IT REST API: Hardware checkout; ServiceNow Table API: alm_hardware',
  input,
  output,
  undo: 'assets.checkIn',
  examples: [
    { title: 'The laptop that came', with: { serialNumber: 'SN-9001', to: 'kim.okafor@example.com' } },
  ],

  ...ensure<Input, AssetSystem, State, Static<typeof output>>({
    look: async (input, { client }) =>
      defined({ asset: await client.findAsset(input), person: await client.findPerson(input.to) }),
    need: async (input, { client }) => ({
      asset: await client.assetOf(input),
      person: await client.personOf(input.to),
    }),
    isDone: ({ asset, person }) => asset !== undefined && person !== undefined && isHeldBy(asset, person),
    problem: ({ asset }) => (asset?.holderId === undefined ? undefined : heldByAnother(asset)),
    change: async ({ asset, person }, { note, expectedBack }, { client, run }) => {
      if (asset && person)
        await client.checkOut(asset, person, defined({ note, expectedBack }), { run: run.id });
    },
    output: ({ did, now: { asset } }) => ({
      assetId: asset?.id ?? '',
      tag: asset?.tag ?? '',
      checkedOut: did,
    }),
    words: {
      done: ({ asset }, { to }) => `${to} has ${asset?.tag} already`,
      would: (state, { to, tag, serialNumber }) => {
        const asset = state?.asset;
        const what = asset ? `${asset.model || 'asset'} ${asset.tag}` : (tag ?? serialNumber);
        return `would check out ${what} to ${to}`;
      },
      warnings: (state, input, { client }) => [
        ...(state?.asset ? [] : [client.unknownAsset(input)]),
        ...(state?.person ? [] : [client.unknownPerson(input.to)]),
        ...[state?.asset?.withheld].filter((problem) => problem !== undefined),
      ],
    },
  }),
});

interface State {
  asset?: Asset;
  person?: Person;
}

function heldByAnother(asset: Asset): string {
  return `${asset.tag} is checked out to ${asset.holder}. Check it in first, by hand or by assets.checkIn, and retry.`;
}
