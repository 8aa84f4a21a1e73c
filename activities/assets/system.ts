/** What every system that keeps assets can do, in one form: an asset, a person, and what is done with them. */
import { Type } from 'typebox';
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';

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

/** Texts that nobody has written are empty. Days are `2027-01-31`. */
export interface Asset {
  /** What the system itself calls it. */
  id: string;
  tag: string;
  serialNumber: string;
  model: string;
  name: string;
  status: string;
  notes: string;
  warrantyEnds: string;
  lifeEnds: string;
  /** Whom or what it is checked out to: an e-mail address where there is one. */
  holder?: string;
  holderId?: string;
  /** Why it is given to nobody as it is. */
  withheld?: string;
  /** Counts its changes, where the system does. */
  revision?: number;
}

export interface Person {
  /** As `holderId` has it. */
  id: string;
  email: string;
}

export interface CheckOut {
  note?: string;
  expectedBack?: string;
}

export interface NewAsset {
  serialNumber: string;
  model: string;
  tag?: string;
  purchaseOrder?: string;
}

export interface Details {
  name?: string;
  notes?: string;
}

export interface Ending {
  /** The last day that counts. */
  by: string;
  what: 'warranty' | 'life';
}

/** A status as the system has it, or why it has none of that name. */
export interface Changed {
  status?: string;
  value?: number | string;
  problem?: string;
}

/** Who does it, for the history of the asset. */
export interface Doer {
  run: string;
}

export abstract class AssetSystem extends AttemptClient {
  /** As people call it, to begin a sentence with. */
  abstract readonly title: string;

  /** That it answers to us with what it should, by reading a little. */
  abstract check(): Promise<void>;
  /** Those with this tag, or else with this serial number. */
  protected abstract named(name: AssetName): Promise<Asset[]>;
  abstract findPerson(email: string): Promise<Person | undefined>;
  abstract heldBy(person: Person): Promise<Asset[]>;
  abstract ending(ending: Ending): Promise<Asset[]>;
  abstract checkOut(asset: Asset, person: Person, how: CheckOut, doer: Doer): Promise<void>;
  abstract checkIn(asset: Asset, note: string | undefined, doer: Doer): Promise<void>;
  /** Why an asset of that model cannot be added. */
  abstract modelProblem(model: string): Promise<string | undefined>;
  abstract add(asset: NewAsset, doer: Doer): Promise<Pick<Asset, 'id' | 'tag'>>;
  abstract setDetails(asset: Asset, details: Details, doer: Doer): Promise<void>;
  /** Why these details cannot be set there. */
  detailsProblem(_details: Details): string | undefined {
    return undefined;
  }
  abstract statusNamed(name: string): Promise<Changed>;
  abstract setStatus(asset: Asset, status: Changed, doer: Doer): Promise<void>;

  async findAsset(name: AssetName): Promise<Asset | undefined> {
    const { serialNumber, tag } = name;
    if (tag === undefined && serialNumber === undefined)
      throw new PermanentFailure('Say which asset: by `serialNumber` or by `tag`.');
    const found = await this.named(name);
    if (tag !== undefined) {
      const [asset] = found;
      if (asset && serialNumber !== undefined && !sameText(asset.serialNumber, serialNumber))
        throw new PermanentFailure(
          `The asset with the tag ${tag} has the serial number ${asset.serialNumber || 'none'}, not ${serialNumber}. Give one of the two.`,
        );
      return asset;
    }
    // Serial numbers need not be unique everywhere.
    const [first, second] = found.filter((asset) => sameText(asset.serialNumber, serialNumber));
    if (second)
      throw new PermanentFailure(
        `Several assets have the serial number ${serialNumber}, such as ${first?.tag} and ${second.tag}. Name it by \`tag\`.`,
      );
    return first;
  }

  /** Fails when there is none, saying what to do. */
  async assetOf(name: AssetName): Promise<Asset> {
    const found = await this.findAsset(name);
    if (found) return found;
    throw new PermanentFailure(this.unknownAsset(name));
  }

  unknownAsset({ serialNumber, tag }: AssetName): string {
    const what = tag === undefined ? `the serial number ${serialNumber}` : `the tag ${tag}`;
    return `${this.title} has no asset with ${what}. Add it there, or by assets.create in an earlier step, and retry.`;
  }

  async personOf(email: string): Promise<Person> {
    const found = await this.findPerson(email);
    if (found) return found;
    // Its directory sync may not have seen somebody yet who was created moments ago.
    throw new RetryableFailure(this.unknownPerson(email));
  }

  unknownPerson(email: string): string {
    return `${this.title} has no user with the e-mail address ${email}. Add them there, or let its directory sync do so, and retry.`;
  }
}

export function isHeldBy({ holderId }: Asset, { id }: Person): boolean {
  return holderId !== undefined && holderId === id;
}

export function sameText(a: string | null | undefined, b: string | undefined): boolean {
  return (a ?? '').trim().toLowerCase() === (b ?? '').trim().toLowerCase();
}
