import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import type { Asset, AssetSystem } from './system.ts';

const input = Type.Object(
  {
    serialNumber: Type.String({ minLength: 1, description: 'Serial number, by which a later try knows it.' }),
    model: Type.String({
      minLength: 1,
      description: 'Name of the model, as the system has it. The register takes any.',
    }),
    tag: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Asset tag. Without it, the system gives the next one if it is set up to.',
      }),
    ),
    purchaseOrder: Type.Optional(
      Type.String({ minLength: 1, description: 'Number of the order by which it was bought.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  assetId: Type.String({ description: 'What the system calls the asset.' }),
  tag: Type.String({ description: 'Asset tag.' }),
  created: Type.Boolean({ description: 'True when this step added it, false when it was there already.' }),
});

export const create = defineAction({
  name: 'assets.create',
  title: 'Add an asset',
  description:
    'Adds an asset of a known model, ready to be checked out. One with that serial number is added once.',
  effect: 'write',
  source: 'Snipe-IT REST API: Hardware, create; ServiceNow Table API: alm_hardware',
  input,
  output,
  examples: [
    {
      title: 'A laptop that was delivered',
      with: { serialNumber: 'SN-9001', model: 'Laptop 14 inch', purchaseOrder: 'CS-7H3K2M9Q' },
    },
  ],

  ...ensure<Static<typeof input>, AssetSystem, State, Static<typeof output>, Identity>({
    look: async ({ serialNumber, model }, { client }) => {
      const there = await client.findAsset({ serialNumber });
      return defined({ there, problem: there ? undefined : await client.modelProblem(model) });
    },
    isDone: ({ there }) => there !== undefined,
    problem: ({ problem }) => problem,
    change: (_, input, { client, run }) => client.add(input, { run: run.id }),
    output: ({ did, now, changed }) => {
      const { id = '', tag = '' } = changed ?? now.there ?? {};
      return { assetId: id, tag, created: did };
    },
    words: {
      done: ({ there }, { serialNumber }) => `${serialNumber} is there already, as ${there?.tag}`,
      would: (_, { serialNumber, model }) => `would add ${model} ${serialNumber}`,
    },
  }),
});

type Identity = Pick<Asset, 'id' | 'tag'>;

interface State {
  there?: Asset;
  /** Why it cannot be added, where it is not there. */
  problem?: string;
}
