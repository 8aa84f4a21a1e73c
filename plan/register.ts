/** What the asset register holds, as the database, the actions, the API and the command line speak of it. Absent is what nobody has said. */

/** What people and runs may say of an asset. Days are `2027-01-31`. */
export interface AssetFields {
  tag: string;
  serialNumber?: string;
  model: string;
  name?: string;
  status: string;
  /** E-mail address of whom it is checked out to. */
  assignedTo?: string;
  expectedBack?: string;
  warrantyEnds?: string;
  lifeEnds?: string;
  boughtOn?: string;
  price?: number;
  vendor?: string;
  purchaseOrder?: string;
  location?: string;
  notes?: string;
}

export interface RegisteredAsset extends AssetFields {
  id: number;
  /** Counts its changes, from 1. */
  revision: number;
}

/** In this order they are shown, exported and expected in a file. */
export const assetFieldNames = [
  'tag',
  'serialNumber',
  'model',
  'name',
  'status',
  'assignedTo',
  'expectedBack',
  'warrantyEnds',
  'lifeEnds',
  'boughtOn',
  'price',
  'vendor',
  'purchaseOrder',
  'location',
  'notes',
] as const satisfies readonly (keyof AssetFields)[];

export type AssetFieldName = (typeof assetFieldNames)[number];

export const assetDayNames = ['expectedBack', 'warrantyEnds', 'lifeEnds', 'boughtOn'] as const;

/** Statuses that every register knows; others come with the files that are imported. */
export const readyStatus = 'Ready to Deploy';
export const knownStatuses = [readyStatus, 'Pending', 'In Repair', 'Lost', 'Archived'] as const;

/** An asset with one of these is given to nobody. */
const withheld = new Set([
  'pending',
  'in repair',
  'out for repair',
  'out for diagnostics',
  'broken - not fixable',
  'lost',
  'lost/stolen',
  'stolen',
  'missing',
  'archived',
  'retired',
  'disposed',
]);

export function isWithheld(status: string): boolean {
  return withheld.has(status.trim().toLowerCase());
}

/** Without a condition, all. Texts are found by how they begin, whatever their case. */
export interface AssetQuery {
  /** Words that the tag, serial number, model, name, person, vendor or location begin with, all of them. */
  text?: string;
  tag?: string;
  serialNumber?: string;
  /** E-mail address, in full. */
  person?: string;
  model?: string;
  status?: string;
  /** Last day that counts. */
  warrantyEndsBy?: string;
  lifeEndsBy?: string;
  /** `next` of the page before. */
  after?: string;
  /** At most 500; 50 unless said. */
  limit?: number;
}

export interface AssetPage {
  assets: RegisteredAsset[];
  /** Absent on the last page. */
  next?: string;
}

/** What rows of a file would change in the register. */
export interface AssetDifferences {
  added: AssetFields[];
  /** The fields that change: what they are, and what they become; null is nothing. */
  changed: { tag: string; before: Record<string, unknown>; after: Record<string, unknown> }[];
  /** How many are in both and the same. */
  unchanged: number;
  /** Tags that the register has and the file has not. They stay. */
  missing: string[];
  /** What must be settled before any of it can be done, a sentence each. */
  conflicts: string[];
  /** Of all that would be done: the same as long as it is the same. */
  digest: string;
}

/** Who did something to the register. */
export interface RegisterActor {
  /** E-mail address of a person, or `run RUN`. */
  by: string;
  note?: string;
}

export type SubjectKind = 'asset' | 'vendor' | 'contract' | 'order';

export interface HistoryEntry {
  at: string;
  by: string;
  what: 'added' | 'changed' | 'checked out' | 'checked in' | 'notice given' | 'delivered' | 'cancelled';
  /** The fields that changed: what they were, and what they became. */
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  note?: string;
}

export interface Vendor {
  name: string;
  email?: string;
  phone?: string;
  website?: string;
  /** Our number there. */
  accountNumber?: string;
  notes?: string;
}

export const contractKinds = ['contract', 'subscription', 'licence', 'maintenance', 'lease'] as const;

export interface Contract {
  number: string;
  vendor: string;
  kind: (typeof contractKinds)[number];
  /** What it is about. */
  what: string;
  /** E-mail address of who answers for it. */
  owner?: string;
  /** Where notices and questions go. */
  contact?: string;
  startsOn?: string;
  endsOn?: string;
  /** Last day on which notice may arrive. */
  noticeBy?: string;
  /** Goes on by itself when nobody gives notice. */
  renews?: boolean;
  yearly?: number;
  currency?: string;
  seats?: number;
  notes?: string;
}

export interface RegisteredContract extends Contract {
  noticeGivenOn?: string;
  /** Where the proof of it is filed. */
  noticeReference?: string;
}

export interface VendorQuery {
  /** A part of its name, whatever its case. */
  text?: string;
  after?: string;
  limit?: number;
}

export interface ContractQuery {
  /** A part of the number, the vendor's name, what it is about or its owner, whatever its case. */
  text?: string;
  number?: string;
  vendor?: string;
  kind?: Contract['kind'];
  /** Those whose notice must arrive from one day to another, both included. */
  noticeFrom?: string;
  noticeBy?: string;
  endsFrom?: string;
  endsBy?: string;
  /** Also those of which notice was given. */
  withNoticeGiven?: boolean;
  after?: string;
  limit?: number;
}

export interface OrderLine {
  line: number;
  description: string;
  partNumber?: string;
  quantity: number;
  unitPrice?: number;
}

export interface PurchaseOrder {
  number: string;
  vendor: string;
  orderedOn: string;
  /** Day on which all of it should be there. */
  expectedOn?: string;
  currency?: string;
  lines: OrderLine[];
}

export interface RegisteredOrder extends Omit<PurchaseOrder, 'lines'> {
  status: 'open' | 'complete' | 'cancelled';
  lines: (OrderLine & { delivered: number; outstanding: number })[];
}

export interface OrderQuery {
  /** A part of the number, of the vendor's name or of what was ordered, whatever its case. */
  text?: string;
  number?: string;
  vendor?: string;
  status?: RegisteredOrder['status'];
  /** Open ones that should be there by this day. */
  expectedBy?: string;
  after?: string;
  limit?: number;
}

/** The register as actions use it. */
export interface AssetRegister {
  /** The one with this tag or this serial number, each in full and whatever its case. */
  assetBy(name: { tag?: string; serialNumber?: string }): Promise<RegisteredAsset | undefined>;
  searchAssets(query: AssetQuery): Promise<AssetPage>;
  /** The newest first. */
  history(kind: SubjectKind, name: string): Promise<HistoryEntry[]>;
  statuses(): Promise<string[]>;
  /** Without a tag, with the next that is free. Rejects with `RegisterConflict` where tag or serial number is taken. */
  addAsset(
    fields: Omit<AssetFields, 'tag'> & { tag?: string },
    actor: RegisterActor,
  ): Promise<RegisteredAsset>;
  /** What is null is taken away. Undefined when it has changed since that revision. */
  changeAsset(
    asset: { id: number; revision: number },
    fields: Partial<Record<AssetFieldName, string | number | null>>,
    change: RegisterActor & { what: HistoryEntry['what'] },
  ): Promise<RegisteredAsset | undefined>;

  vendorBy(name: string): Promise<Vendor | undefined>;
  listVendors(query: VendorQuery): Promise<{ vendors: Vendor[]; next?: string }>;
  putVendor(vendor: Vendor, actor: RegisterActor): Promise<void>;
  contractBy(number: string): Promise<RegisteredContract | undefined>;
  listContracts(query: ContractQuery): Promise<{ contracts: RegisteredContract[]; next?: string }>;
  putContract(contract: Contract, actor: RegisterActor): Promise<void>;
  /** Null takes the notice back. */
  putNotice(
    number: string,
    notice: { on: string; reference: string } | null,
    actor: RegisterActor,
  ): Promise<void>;
  orderBy(number: string): Promise<RegisteredOrder | undefined>;
  listOrders(query: OrderQuery): Promise<{ orders: RegisteredOrder[]; next?: string }>;
  putOrder(order: PurchaseOrder, actor: RegisterActor): Promise<void>;
  /** How much of each line has come in all; what is not named stays. */
  putDelivered(
    number: string,
    delivered: readonly { line: number; delivered: number }[],
    actor: RegisterActor,
  ): Promise<void>;
  cancelOrder(number: string, cancelled: boolean, actor: RegisterActor): Promise<void>;
}

/** Something in the register stands in the way, which a person must settle. */
export class RegisterConflict extends Error {
  override readonly name = 'RegisterConflict';
}

/** The register beside the list of another system. */
export interface Reconciliation {
  /** What is compared: the columns of the file that were understood. */
  compared: string[];
  /** Named by what the file has of them. */
  onlyThere: string[];
  /** Tags. */
  onlyHere: string[];
  differing: { tag: string; field: string; here: string; there: string }[];
  same: number;
  /** Rows that have neither a serial number nor a tag. */
  unnamed: number;
}
