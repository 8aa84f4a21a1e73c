import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { type Asset, type AssetSystem, type Details, namedBy } from './system.ts';

const input = Type.Object(
  {
    ...namedBy,
    name: Type.Optional(Type.String({ description: 'Its name.' })),
    notes: Type.Optional(Type.String({ description: 'Notes about it.' })),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  changed: Type.Boolean({ description: 'Whether this step did it, over all its attempts.' }),
  before: Type.Object(
    {
      name: Type.String({ description: 'Its name.' }),
      notes: Type.String({ description: 'Notes about it.' }),
    },
    { description: 'Name and notes as they were.' },
  ),
});

type Input = Static<typeof input>;

export const setDetails = defineAction({
  name: 'assets.setDetails',
  title: 'Change details of an asset',
  description: 'Sets the name or the notes. What is not given stays.',
  effect: 'write',
  source: 'Snipe-IT REST API: Hardware, update; ServiceNow Table API: alm_hardware',
  input,
  output,
  undo: 'assets.setDetails',
  examples: [{ title: 'What is broken', with: { serialNumber: 'SN-9001', notes: 'The lid is broken.' } }],

  ...ensure<Input, AssetSystem, State, Static<typeof output>>({
    look: async (input, { client }) => {
      const asset = await client.findAsset(input);
      return asset && stateOf(asset, input, client);
    },
    need: async (input, { client }) => stateOf(await client.assetOf(input), input, client),
    isDone: (state, input) => Object.keys(differing(state.asset, input)).length === 0,
    problem: ({ problem }) => problem,
    change: ({ asset }, input, { client, run }) =>
      client.setDetails(asset, differing(asset, input), { run: run.id }),
    output: ({ did, before: { asset } }) => ({
      changed: did,
      before: { name: asset.name, notes: asset.notes },
    }),
    words: {
      done: ({ asset }) => `${asset.tag} is as wanted`,
      would: (state, input) => {
        const names = Object.keys(state ? differing(state.asset, input) : detailsOf(input));
        return `would change the ${names.join(' and the ')} of ${state?.asset.tag ?? input.tag ?? input.serialNumber}`;
      },
      warnings: (state, input, { client }) => (state ? undefined : [client.unknownAsset(input)]),
    },
  }),
});

interface State {
  asset: Asset;
  problem?: string;
}

function stateOf(asset: Asset, input: Input, client: AssetSystem): State {
  return defined({ asset, problem: client.detailsProblem(differing(asset, input)) });
}

function detailsOf({ name, notes }: Input): Details {
  return defined({ name, notes });
}

function differing(asset: Asset, { name, notes }: Input): Details {
  return defined({
    name: name === asset.name ? undefined : name,
    notes: notes === asset.notes ? undefined : notes,
  });
}
