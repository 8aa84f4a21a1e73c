import { Type } from 'typebox';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import {
  type Asset,
  assetOf,
  findAsset,
  findPerson,
  holderOf,
  isHeldBy,
  namedBy,
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

type Context = ActionContext<AssetsClient>;

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

  async run({ to, note, expectedBack, ...name }, { client, rememberBeforeWrite }: Context) {
    const asset = await assetOf(client, name);
    const person = await personOf(client, to);
    const known = { assetId: asset.id, tag: asset.asset_tag };
    const had = await rememberBeforeWrite(async () => isHeldBy(asset, person));
    if (isHeldBy(asset, person)) return { ...known, checkedOut: !had };
    if (asset.assigned_to) throw new PermanentFailure(heldByAnother(asset));
    await client.write(`/hardware/${asset.id}/checkout`, {
      checkout_to_type: 'user',
      assigned_user: person.id,
      ...defined({ note: note || undefined, expected_checkin: expectedBack || undefined }),
    });
    return { ...known, checkedOut: !had };
  },

  async preview({ to, ...name }, { client }: Context) {
    const asset = await findAsset(client, name);
    const person = await findPerson(client, to);
    if (asset && person && isHeldBy(asset, person))
      return { summary: `${to} has ${asset.asset_tag} already`, nothingToDo: true };
    const problems = [
      ...(asset ? [] : [unknownAsset(name)]),
      ...(person ? [] : [unknownPerson(to)]),
      ...(asset?.assigned_to ? [heldByAnother(asset)] : []),
      ...[asset && unavailable(asset)].filter((problem) => problem !== undefined),
    ];
    const what = asset
      ? `${asset.model?.name ?? 'asset'} ${asset.asset_tag}`
      : (name.tag ?? name.serialNumber);
    return { summary: `would check out ${what} to ${to}`, ...defined({ problems: unlessEmpty(problems) }) };
  },

  async verify({ to, ...name }, { client }: Context) {
    const asset = await findAsset(client, name);
    const person = await findPerson(client, to);
    return asset !== undefined && person !== undefined && isHeldBy(asset, person);
  },
});

function heldByAnother(asset: Asset): string {
  return `${asset.asset_tag} is checked out to ${holderOf(asset)}. Check it in first, by hand or by assets.checkIn, and retry.`;
}
