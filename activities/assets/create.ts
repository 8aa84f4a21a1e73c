import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
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

type Context = ActionContext<AssetsClient>;

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

  async run({ serialNumber, model, tag, purchaseOrder }, { client, rememberBeforeWrite }: Context) {
    const there = await findAsset(client, { serialNumber });
    const was = await rememberBeforeWrite(async () => there !== undefined);
    if (there) return { assetId: there.id, tag: there.asset_tag, created: !was };
    const { id } = await modelOf(client, model);
    const made = await client.write<Pick<Asset, 'id' | 'asset_tag'>>('/hardware', {
      serial: serialNumber,
      model_id: id,
      status_id: await readyStatus(client),
      ...defined({ asset_tag: tag || undefined, order_number: purchaseOrder || undefined }),
    });
    return { assetId: made.id, tag: made.asset_tag, created: !was };
  },

  async preview({ serialNumber, model }, { client }: Context) {
    const there = await findAsset(client, { serialNumber });
    if (there)
      return { summary: `${serialNumber} is there already, as ${there.asset_tag}`, nothingToDo: true };
    const models = await client.list<Named>('/models', { search: model });
    const known = models.some(({ name }) => sameText(name, model));
    const summary = `would add ${model} ${serialNumber}`;
    return known ? { summary } : { summary, problems: [unknownModel(model, models)] };
  },

  async verify({ serialNumber }, { client }: Context) {
    return (await findAsset(client, { serialNumber })) !== undefined;
  },
});

async function modelOf(client: AssetsClient, model: string): Promise<Named> {
  const models = await client.list<Named>('/models', { search: model });
  const found = models.find(({ name }) => sameText(name, model));
  if (found) return found;
  throw new PermanentFailure(unknownModel(model, models));
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
