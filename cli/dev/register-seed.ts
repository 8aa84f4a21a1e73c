/** What the register of a stack with stand-ins begins with, so that there is something to look at. Nothing here is anybody's. */
import type { AssetFields, Contract, PurchaseOrder, Vendor } from '../../plan/register.ts';
import { Database } from '../../store/database.ts';
import { Register } from '../../store/register/register.ts';

const by = { by: 'countersign dev' };
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const vendors: Vendor[] = [
  { name: 'Example Hardware', email: 'orders@hardware.example.com', accountNumber: '4711' },
  { name: 'Example CAD', email: 'sales@cad.example.com', website: 'https://cad.example.com' },
  { name: 'Example Telecom', email: 'business@telecom.example.com', phone: '+49 30 0000000' },
];

const contracts = (): Contract[] => [
  {
    number: 'C-014',
    vendor: 'Example Hardware',
    kind: 'maintenance',
    what: 'Warranty of the laptops',
    owner: 'kim.okafor@example.com',
    contact: 'contracts@hardware.example.com',
    endsOn: inDays(110),
    noticeBy: inDays(20),
    renews: true,
    yearly: 18_000,
    currency: 'EUR',
  },
  {
    number: 'C-021',
    vendor: 'Example CAD',
    kind: 'subscription',
    what: 'Fifty seats of the drawing program',
    owner: 'noor.haddad@example.com',
    contact: 'sales@cad.example.com',
    endsOn: '2027-06-30',
    noticeBy: '2027-03-31',
    renews: true,
    yearly: 42_000,
    currency: 'EUR',
    seats: 50,
  },
  {
    number: 'C-033',
    vendor: 'Example Telecom',
    kind: 'contract',
    what: 'The line of the plant',
    owner: 'jo.nakamura@example.com',
    contact: 'business@telecom.example.com',
    endsOn: inDays(400),
    noticeBy: inDays(310),
    renews: true,
    yearly: 9600,
    currency: 'EUR',
  },
];

const holders = ['kim.okafor', 'robin.sato', 'morgan.weiss', 'alex.duarte', 'sam.lindqvist', 'noor.haddad'];

const assets = (): AssetFields[] => [
  ...holders.map((holder, index) => ({
    tag: `EX-${2001 + index}`,
    serialNumber: `SN-R-${2001 + index}`,
    model: index % 2 === 0 ? 'Laptop 14 inch' : 'Laptop 16 inch',
    status: 'Ready to Deploy',
    assignedTo: `${holder}@example.com`,
    warrantyEnds: inDays(40 + index * 90),
    lifeEnds: inDays(500 + index * 90),
    boughtOn: inDays(-1000 + index * 90),
    price: 1150,
    vendor: 'Example Hardware',
    location: 'Berlin',
  })),
  { tag: 'EX-2010', serialNumber: 'SN-R-2010', model: 'Screen 27 inch', status: 'Ready to Deploy' },
  { tag: 'EX-2011', serialNumber: 'SN-R-2011', model: 'Laptop 14 inch', status: 'In Repair' },
];

const orders = (): PurchaseOrder[] => [
  {
    number: 'CS-R1001',
    vendor: 'Example Hardware',
    orderedOn: inDays(-20),
    expectedOn: inDays(-3),
    currency: 'EUR',
    lines: [
      { line: 1, description: 'Screen 27 inch', partNumber: 'MON-27', quantity: 4, unitPrice: 240 },
      { line: 2, description: 'Dock', partNumber: 'DOCK-2', quantity: 4, unitPrice: 130 },
    ],
  },
];

/** Does nothing where the register has anything already. */
export async function seedRegister(databaseUrl: string): Promise<void> {
  const database = new Database(databaseUrl);
  try {
    const register = new Register(database);
    const [{ vendors: known }, { assets: there }] = await Promise.all([
      register.listVendors({ limit: 1 }),
      register.searchAssets({ limit: 1 }),
    ]);
    if (known.length + there.length > 0) return;
    for (const asset of assets()) await register.addAsset(asset, by);
    for (const vendor of vendors) await register.putVendor(vendor, by);
    for (const contract of contracts()) await register.putContract(contract, by);
    for (const order of orders()) await register.putOrder(order, by);
    await register.putDelivered('CS-R1001', [{ line: 1, delivered: 4 }], by);
  } finally {
    await database.close();
  }
}
