import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { assetOf, findAsset, holderOf, namedBy, unknownAsset } from './asset.ts';
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

type Context = ActionContext<AssetsClient>;

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

  async run({ note, ...name }, { client, rememberBeforeWrite }: Context) {
    const asset = await assetOf(client, name);
    const wasOut = await rememberBeforeWrite(async () => Boolean(asset.assigned_to));
    if (!asset.assigned_to) return { assetId: asset.id, checkedIn: wasOut };
    await client.write(`/hardware/${asset.id}/checkin`, note ? { note } : {});
    return { assetId: asset.id, checkedIn: wasOut };
  },

  async preview({ note: _, ...name }, { client }: Context) {
    const asset = await findAsset(client, name);
    if (!asset)
      return { summary: `would check in ${name.tag ?? name.serialNumber}`, problems: [unknownAsset(name)] };
    const holder = holderOf(asset);
    return holder
      ? { summary: `would check in ${asset.asset_tag}, which ${holder} has` }
      : { summary: `nobody has ${asset.asset_tag}`, nothingToDo: true };
  },

  async verify({ note: _, ...name }, { client }: Context) {
    const asset = await findAsset(client, name);
    return asset !== undefined && !asset.assigned_to;
  },
});
