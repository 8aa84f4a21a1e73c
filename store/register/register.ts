/** The register of assets, vendors, contracts and orders, for those who keep none elsewhere. */
import type {
  AssetRegister,
  HistoryEntry,
  OrderQuery,
  PurchaseOrder,
  RegisterActor,
  SubjectKind,
} from '../../plan/register.ts';
import type { Database } from '../database.ts';
import { AssetFiles } from './asset-file.ts';
import { Assets } from './assets.ts';
import { historyOf } from './history.ts';
import { PurchaseOrders } from './purchase-orders.ts';
import { Contracts, Vendors } from './vendors.ts';

const subjects: Record<SubjectKind, { table: string; key: string }> = {
  asset: { table: 'assets', key: 'tag' },
  vendor: { table: 'vendors', key: 'name' },
  contract: { table: 'contracts', key: 'number' },
  order: { table: 'purchase_orders', key: 'number' },
};

export class Register implements AssetRegister {
  readonly files: AssetFiles;
  private readonly database: Database;
  private readonly assets: Assets;
  private readonly vendors: Vendors;
  private readonly contracts: Contracts;
  private readonly orders: PurchaseOrders;

  constructor(database: Database) {
    this.database = database;
    this.files = new AssetFiles(database);
    this.assets = new Assets(database);
    this.vendors = new Vendors(database);
    this.contracts = new Contracts(database);
    this.orders = new PurchaseOrders(database);
  }

  assetBy: AssetRegister['assetBy'] = (name) => this.assets.by(name);
  searchAssets: AssetRegister['searchAssets'] = (query) => this.assets.search(query);
  statuses: AssetRegister['statuses'] = () => this.assets.statuses();
  addAsset: AssetRegister['addAsset'] = (fields, actor) => this.assets.add(fields, actor);
  changeAsset: AssetRegister['changeAsset'] = (asset, fields, change) =>
    this.assets.change(asset, fields, change);

  vendorBy: AssetRegister['vendorBy'] = (name) => this.vendors.by(name);
  listVendors: AssetRegister['listVendors'] = (query) => this.vendors.list(query);
  putVendor: AssetRegister['putVendor'] = (vendor, actor) => this.vendors.put(vendor, actor);
  contractBy: AssetRegister['contractBy'] = (number) => this.contracts.by(number);
  listContracts: AssetRegister['listContracts'] = (query) => this.contracts.list(query);
  putContract: AssetRegister['putContract'] = (contract, actor) => this.contracts.put(contract, actor);
  putNotice: AssetRegister['putNotice'] = (number, notice, actor) =>
    this.contracts.putNotice(number, notice, actor);

  orderBy = (number: string) => this.orders.by(number);
  listOrders = (query: OrderQuery) => this.orders.list(query);
  putOrder = (order: PurchaseOrder, actor: RegisterActor) => this.orders.put(order, actor);
  putDelivered: AssetRegister['putDelivered'] = (number, delivered, actor) =>
    this.orders.putDelivered(number, delivered, actor);
  cancelOrder: AssetRegister['cancelOrder'] = (number, cancelled, actor) =>
    this.orders.cancel(number, cancelled, actor);

  async history(kind: SubjectKind, name: string): Promise<HistoryEntry[]> {
    const { table, key } = subjects[kind];
    const [row] = await this.database.query(
      `select id from ${table} where lower(${key}) collate "C" = lower($1) collate "C"`,
      [name],
    );
    return row ? historyOf((text, values) => this.database.query(text, values), kind, Number(row.id)) : [];
  }
}
