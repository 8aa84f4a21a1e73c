/** The assets and people behind the Snipe-IT stand-in. Every change is an effect first, and is made from that effect alone. */
import type { Effect, Effects } from '../effects.ts';
import type { Directory } from '../graph/directory.ts';

export interface AssetRecord {
  id: number;
  tag: string;
  serial: string;
  modelId: number;
  statusId: number;
  orderNumber: string | null;
  /** Number of the user who has it. */
  holder: number | null;
  expectedBack: string | null;
  /** Last day of its life. */
  endOfLife: string | null;
  warrantyEnds: string | null;
  name: string;
  notes: string | null;
}

export interface PersonRecord {
  id: number;
  name: string;
  email: string;
}

export const models = [
  { id: 1, name: 'Laptop 14 inch', number: 'LT-14' },
  { id: 2, name: 'Laptop 16 inch', number: 'LT-16' },
  { id: 3, name: 'Screen 27 inch', number: 'SC-27' },
  { id: 4, name: 'Screen 32" & stand', number: 'SC-32' },
];

export const statuses = [
  { id: 1, name: 'Pending', type: 'pending' },
  { id: 2, name: 'Ready to Deploy', type: 'deployable' },
  { id: 3, name: 'Archived', type: 'archived' },
  { id: 4, name: 'Lost', type: 'undeployable' },
];

const ready = 2;
const archived = 3;
const names = [
  'Lou Maier',
  'Dana Reyes',
  'Kim Okafor',
  'Robin Sato',
  'Morgan Weiss',
  'Alex Duarte',
  'Sam Lindqvist',
  'Piet Vermeer',
  'Noor Haddad',
];

/** On the shelf. What a supplier ships is not here before somebody enters it. */
const stock = Array.from({ length: 20 }, (_, index) => `SN-${8001 + index}`);

export class Inventory {
  private readonly seeded: PersonRecord[] = names.map((name, index) => ({
    id: index + 1,
    name,
    email: `${name.toLowerCase().replace(' ', '.')}@example.com`,
  }));
  private assets: AssetRecord[] = [];
  private readonly effects: Effects;
  private readonly directory: Directory;

  constructor(effects: Effects, directory: Directory) {
    this.effects = effects;
    this.directory = directory;
    this.reset();
    for (const effect of effects.list({ system: 'assets' })) this.apply(effect);
  }

  reset(): void {
    this.assets = [];
    const lou = this.seeded[0]?.id ?? null;
    this.seed({ serial: 'SN-LOU-1', holder: lou });
    this.seed({ serial: 'SN-OLD-1', statusId: archived, endOfLife: '2024-06-30' });
    for (const serial of stock) this.seed({ serial, warrantyEnds: '2028-12-31' });
    this.seed({
      serial: 'SN-77',
      endOfLife: '2026-06-30',
      holder: this.seeded.find(({ name }) => name === 'Noor Haddad')?.id ?? null,
    });
  }

  /** Its own, and those that its sync has taken over from the directory, which it does at once here. */
  people(): PersonRecord[] {
    const own = new Set(this.seeded.map(({ email }) => email));
    const synced = this.directory
      .visibleUsers()
      .filter((user) => !own.has(user.userPrincipalName.toLowerCase()));
    return [
      ...this.seeded,
      ...synced.map(({ id, displayName, userPrincipalName }) => ({
        // A number that stays the same, made from the directory's id.
        id: Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16),
        name: displayName,
        email: userPrincipalName.toLowerCase(),
      })),
    ];
  }

  list(): AssetRecord[] {
    return this.assets;
  }

  byId(id: number): AssetRecord | undefined {
    return this.assets.find((asset) => asset.id === id);
  }

  isDeployable({ statusId }: AssetRecord): boolean {
    return statuses.some(({ id, type }) => id === statusId && type === 'deployable');
  }

  checkOut(asset: AssetRecord, holder: PersonRecord, expectedBack: string | null, note: string): void {
    this.change('asset.checkedOut', asset.serial, {
      id: asset.id,
      holder: holder.id,
      to: holder.email,
      expectedBack,
      note,
    });
  }

  checkIn(asset: AssetRecord, note: string): void {
    this.change('asset.checkedIn', asset.serial, { id: asset.id, note });
  }

  update(
    asset: AssetRecord,
    changes: Partial<Pick<AssetRecord, 'statusId' | 'name'>> & { note?: string },
  ): void {
    this.change('asset.updated', asset.serial, { id: asset.id, ...changes });
  }

  create(
    asset: Pick<AssetRecord, 'serial' | 'modelId' | 'statusId' | 'orderNumber'> & { tag?: string },
  ): AssetRecord {
    const id = this.assets.length + 1;
    this.change('asset.created', asset.serial, { asset: { ...asset, id, tag: asset.tag ?? this.nextTag() } });
    return this.byId(id) ?? this.seed(asset);
  }

  private change(effect: string, subject: string, detail: Record<string, unknown>): void {
    this.apply(this.effects.add('assets', effect, subject, detail));
  }

  private apply({ effect, detail = {} }: Effect): void {
    if (effect === 'asset.created') {
      this.seed(detail.asset as Partial<AssetRecord> & { serial: string });
      return;
    }
    const asset = this.byId(Number(detail.id));
    if (!asset) return;
    if (effect === 'asset.updated') {
      // What is said at a check-out or check-in stands in the log alone.
      if (detail.note !== undefined) asset.notes = String(detail.note) || null;
      asset.statusId = Number(detail.statusId ?? asset.statusId);
      asset.name = String(detail.name ?? asset.name);
      return;
    }
    asset.holder = effect === 'asset.checkedOut' ? Number(detail.holder) : null;
    asset.expectedBack =
      effect === 'asset.checkedOut' ? ((detail.expectedBack as string | null) ?? null) : null;
  }

  private seed(asset: Partial<AssetRecord> & { serial: string }): AssetRecord {
    const record: AssetRecord = {
      id: this.assets.length + 1,
      tag: this.nextTag(),
      modelId: 1,
      statusId: ready,
      orderNumber: null,
      holder: null,
      expectedBack: null,
      endOfLife: null,
      warrantyEnds: null,
      name: '',
      notes: null,
      ...asset,
    };
    this.assets.push(record);
    return record;
  }

  private nextTag(): string {
    return `EX-${1001 + this.assets.length}`;
  }
}
