import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { type Asset, findAsset, type Named, sameText } from './asset.ts';
import type { AssetsClient } from './client.ts';

const input = Type.Object(
  {
    serialNumber: Type.String({ minLength: 1, description: 'Serial number, by which a later try knows it.' }),
    model: Type.String({ minLength: 1, description: 'Name of the model, as Snipe-IT has it.' }),
    tag: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Asset tag. Without it, Snipe-IT gives the next one if it is set up to.',
      }),
    ),
    purchaseOrder: Type.Optional(
      Type.String({ minLength: 1, description: 'Number of the order by which it was bought.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  assetId: Type.Integer({ description: 'Number of the asset in Snipe-IT.' }),
  tag: Type.String({ description: 'Asset tag.' }),
  created: Type.Boolean({ description: 'True when this step added it, false when it was there already.' }),
});

export const create = defineAction({
  name: 'assets.create',
  title: 'Add an asset',
  description:
    'Adds an asset of a known model, ready to be checked out. One with that serial number is added once.',
  effect: 'write',
  source: 'Snipe-IT REST API: Hardware, create',
  input,
  output,
  examples: [
    {
      title: 'A laptop that was delivered',
      with: { serialNumber: 'SN-9001', model: 'Laptop 14 inch', purchaseOrder: 'CS-7H3K2M9Q' },
    },
  ],

  ...ensure<Static<typeof input>, AssetsClient, State, Static<typeof output>, Identity>({
    look: async ({ serialNumber, model }, { client }) => {
      const there = await findAsset(client, { serialNumber });
      return there ? { there } : { models: await client.list<Named>('/models', { search: model }) };
    },
    isDone: ({ there }) => there !== undefined,
    problem: ({ models = [] }, { model }) =>
      modelOf(models, model) ? undefined : unknownModel(model, models),
    change: async ({ models = [] }, { serialNumber, model, tag, purchaseOrder }, { client }) =>
      client.write<Identity>('/hardware', {
        serial: serialNumber,
        model_id: modelOf(models, model)?.id,
        status_id: await readyStatus(client),
        ...defined({ asset_tag: tag || undefined, order_number: purchaseOrder || undefined }),
      }),
    output: ({ did, now, changed }) => {
      const { id = 0, asset_tag: tag = '' } = changed ?? now.there ?? {};
      return { assetId: id, tag, created: did };
    },
    words: {
      done: ({ there }, { serialNumber }) => `${serialNumber} is there already, as ${there?.asset_tag}`,
      would: (_, { serialNumber, model }) => `would add ${model} ${serialNumber}`,
    },
  }),
});

type Identity = Pick<Asset, 'id' | 'asset_tag'>;

interface State {
  there?: Asset;
  /** Those with such a name, where it is not there. */
  models?: Named[];
}

function modelOf(models: readonly Named[], model: string): Named | undefined {
  return models.find(({ name }) => sameText(name, model));
}

function unknownModel(model: string, near: readonly Named[]): string {
  const names = near.slice(0, 5).map(({ name }) => name);
  const hint = names.length > 0 ? ` There is: ${names.join(', ')}.` : '';
  return `Snipe-IT has no model "${model}".${hint} Add it there, or correct \`model\`.`;
}

/** The status with which Snipe-IT lets an asset be checked out: its own "Ready to Deploy", unless somebody renamed it. */
async function readyStatus(client: AssetsClient): Promise<number> {
  const labels = await client.list<Named & { type?: string }>('/statuslabels', {});
  const ready = labels.filter(({ type }) => type === 'deployable');
  const chosen = ready.find(({ name }) => sameText(name, 'Ready to Deploy')) ?? ready[0];
  if (chosen) return chosen.id;
  throw new PermanentFailure(
    'Snipe-IT has no status label of the type deployable. Add one under Settings, Status Labels.',
  );
}
