/** Assets and people as Snipe-IT has them, and how a runbook names an asset. */
import { Type } from 'typebox';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import type { AssetsClient, Page } from './client.ts';

/** An asset is named by one of the two. */
export const namedBy = {
  serialNumber: Type.Optional(
    Type.String({ minLength: 1, description: 'Serial number. Give this or the tag.' }),
  ),
  tag: Type.Optional(
    Type.String({ minLength: 1, description: 'Asset tag. Give this or the serial number.' }),
  ),
};

export interface AssetName {
  serialNumber?: string;
  tag?: string;
}

export interface Named {
  id: number;
  name: string;
}

export interface Asset {
  id: number;
  asset_tag: string;
  serial: string | null;
  model: Named | null;
  status_label: (Named & { status_meta?: string }) | null;
  assigned_to: { id: number; type?: string; name?: string; username?: string; email?: string | null } | null;
}

export interface Person {
  id: number;
  name: string;
  email: string | null;
}

/** Fails when there is none, saying what to do. */
export async function assetOf(client: AssetsClient, name: AssetName): Promise<Asset> {
  const found = await findAsset(client, name);
  if (found) return found;
  throw new PermanentFailure(unknownAsset(name));
}

/** Snipe-IT API: Get asset by tag, Get asset by serial. */
export async function findAsset(
  client: AssetsClient,
  { serialNumber, tag }: AssetName,
): Promise<Asset | undefined> {
  if (tag === undefined && serialNumber === undefined)
    throw new PermanentFailure('Say which asset: by `serialNumber` or by `tag`.');
  if (tag !== undefined) {
    const found = await client.find<Asset>(`/hardware/bytag/${encodeURIComponent(tag)}`);
    if (found && serialNumber !== undefined && !sameText(found.serial, serialNumber))
      throw new PermanentFailure(
        `The asset with the tag ${tag} has the serial number ${found.serial || 'none'}, not ${serialNumber}. Give one of the two.`,
      );
    return found;
  }
  const page = await client.find<Page<Asset>>(`/hardware/byserial/${encodeURIComponent(serialNumber ?? '')}`);
  // Serial numbers need not be unique there.
  const [first, second] = page?.rows.filter((asset) => sameText(asset.serial, serialNumber)) ?? [];
  if (second)
    throw new PermanentFailure(
      `Several assets have the serial number ${serialNumber}, such as ${first?.asset_tag} and ${second.asset_tag}. Name it by \`tag\`.`,
    );
  return first;
}

export function unknownAsset({ serialNumber, tag }: AssetName): string {
  const what = tag === undefined ? `the serial number ${serialNumber}` : `the tag ${tag}`;
  return `Snipe-IT has no asset with ${what}. Add it there, or by assets.create in an earlier step, and retry.`;
}

/** Snipe-IT API: List users, by e-mail address. */
export async function personOf(client: AssetsClient, email: string): Promise<Person> {
  const found = await findPerson(client, email);
  if (found) return found;
  // Its directory sync may not have seen somebody yet who was created moments ago.
  throw new RetryableFailure(unknownPerson(email));
}

export async function findPerson(client: AssetsClient, email: string): Promise<Person | undefined> {
  const people = await client.list<Person>('/users', { email });
  return people.find((person) => sameText(person.email, email));
}

export function unknownPerson(email: string): string {
  return `Snipe-IT has no user with the e-mail address ${email}. Add them there, or let its directory sync do so, and retry.`;
}

export function isHeldBy({ assigned_to: holder }: Asset, person: Person): boolean {
  return holder?.id === person.id && (holder.type ?? 'user') === 'user';
}

/** Whom or what it is checked out to. */
export function holderOf({ assigned_to: holder }: Asset): string | undefined {
  return holder ? holder.email || holder.username || holder.name || String(holder.id) : undefined;
}

export function sameText(a: string | null | undefined, b: string | undefined): boolean {
  return (a ?? '').trim().toLowerCase() === (b ?? '').trim().toLowerCase();
}

/** Snipe-IT checks out only what has a status for it: nothing that is archived, pending or out of use. */
export function unavailable({
  asset_tag,
  assigned_to: holder,
  status_label: status,
}: Asset): string | undefined {
  if (holder || !status?.status_meta || ['deployable', 'deployed'].includes(status.status_meta))
    return undefined;
  return `${asset_tag} is ${status.status_meta} (${status.name}), and Snipe-IT would not check it out. Give it a deployable status there first.`;
}
