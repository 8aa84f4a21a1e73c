/** The register that Countersign itself keeps, for those without another. Everybody with an e-mail address may have something. */
import { errorText } from '../../plan/error-text.ts';
import {
  type AssetFieldName,
  type AssetRegister,
  type HistoryEntry,
  isWithheld,
  RegisterConflict,
  type RegisteredAsset,
  readyStatus,
} from '../../plan/register.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import {
  type Asset,
  type AssetName,
  AssetSystem,
  type Changed,
  type CheckOut,
  type Details,
  type Doer,
  type Ending,
  type NewAsset,
  type Person,
  sameText,
} from './system.ts';

/** Assets of one page. */
const pageSize = 500;

export class OwnRegister extends AssetSystem {
  readonly title = 'The asset register';
  private readonly own: AssetRegister | undefined;

  /** Without one it can be looked at from outside, and do nothing. */
  constructor(register: AssetRegister | undefined) {
    super();
    this.own = register;
  }

  private get register(): AssetRegister {
    if (this.own) return this.own;
    throw new RegisterConflict('The asset register is kept in the database, and this process has none.');
  }

  /** The database has a check of its own. */
  async check(): Promise<void> {
    if (this.own) await settled(() => this.register.searchAssets({ limit: 1 }));
  }

  protected async named({ serialNumber, tag }: AssetName): Promise<Asset[]> {
    const name = tag === undefined ? { serialNumber: serialNumber ?? '' } : { tag };
    const found = await settled(() => this.register.assetBy(name));
    return found ? [assetOf(found)] : [];
  }

  async findPerson(email: string): Promise<Person> {
    return { id: email.trim().toLowerCase(), email };
  }

  heldBy({ email }: Person): Promise<Asset[]> {
    return this.all({ person: email });
  }

  ending({ by, what }: Ending): Promise<Asset[]> {
    return this.all(what === 'warranty' ? { warrantyEndsBy: by } : { lifeEndsBy: by });
  }

  async checkOut(asset: Asset, { email }: Person, how: CheckOut, doer: Doer): Promise<void> {
    const fields = { assignedTo: email, expectedBack: how.expectedBack || null };
    await this.change(asset, fields, { what: 'checked out', note: how.note }, doer);
  }

  async checkIn(asset: Asset, note: string | undefined, doer: Doer): Promise<void> {
    await this.change(asset, { assignedTo: null, expectedBack: null }, { what: 'checked in', note }, doer);
  }

  async modelProblem(): Promise<undefined> {
    return undefined;
  }

  async add(asset: NewAsset, { run }: Doer): Promise<Pick<Asset, 'id' | 'tag'>> {
    const made = await settled(() =>
      this.register.addAsset({ ...asset, status: readyStatus }, { by: `run ${run}` }),
    );
    return { id: String(made.id), tag: made.tag };
  }

  async setDetails(asset: Asset, { name, notes }: Details, doer: Doer): Promise<void> {
    const fields = {
      ...(name === undefined ? {} : { name: name || null }),
      ...(notes === undefined ? {} : { notes: notes || null }),
    };
    await this.change(asset, fields, { what: 'changed' }, doer);
  }

  async statusNamed(name: string): Promise<Changed> {
    const known = await settled(() => this.register.statuses());
    const found = known.find((status) => sameText(status, name));
    if (found !== undefined) return { status: found };
    return { problem: `The asset register has no status ${name}. There is: ${known.join(', ')}.` };
  }

  async setStatus(asset: Asset, { status = '' }: Changed, doer: Doer): Promise<void> {
    await this.change(asset, { status }, { what: 'changed' }, doer);
  }

  private async all(query: Parameters<AssetRegister['searchAssets']>[0]): Promise<Asset[]> {
    const assets: Asset[] = [];
    let after: string | undefined;
    do {
      this.signal.throwIfAborted();
      const from = after === undefined ? {} : { after };
      const page = await settled(() => this.register.searchAssets({ ...query, ...from, limit: pageSize }));
      assets.push(...page.assets.map(assetOf));
      after = page.next;
    } while (after !== undefined);
    return assets;
  }

  private async change(
    { id, revision = 0, tag }: Asset,
    fields: Partial<Record<AssetFieldName, string | null>>,
    { what, note }: { what: HistoryEntry['what']; note?: string | undefined },
    { run }: Doer,
  ): Promise<void> {
    const change = { by: `run ${run}`, what, ...(note ? { note } : {}) };
    const changed = await settled(() =>
      this.register.changeAsset({ id: Number(id), revision }, fields, change),
    );
    if (!changed) throw new RetryableFailure(`${tag} was changed meanwhile. It is looked at again.`);
  }
}

function assetOf(asset: RegisteredAsset): Asset {
  const { id, revision, tag, model, status, assignedTo } = asset;
  return {
    id: String(id),
    revision,
    tag,
    model,
    status,
    serialNumber: asset.serialNumber ?? '',
    name: asset.name ?? '',
    notes: asset.notes ?? '',
    warrantyEnds: asset.warrantyEnds ?? '',
    lifeEnds: asset.lifeEnds ?? '',
    ...(assignedTo === undefined ? {} : { holder: assignedTo, holderId: assignedTo.trim().toLowerCase() }),
    ...(assignedTo === undefined && isWithheld(status)
      ? {
          withheld: `${tag} is "${status}", and is given to nobody so. Set another status first, such as "${readyStatus}".`,
        }
      : {}),
  };
}

/** What the database cannot do now may work later; what stands in the way a person must settle. */
async function settled<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RegisterConflict) throw new PermanentFailure(error.message, { cause: error });
    throw new RetryableFailure(`The asset register could not be asked. ${errorText(error)}`, {
      cause: error,
    });
  }
}
