/** Vendors, and what is agreed with them: contracts and subscriptions, with the day on which notice is due and the notice that was given. */
import { defined } from '../../plan/defined.ts';
import {
  type Contract,
  type ContractQuery,
  type RegisterActor,
  RegisterConflict,
  type RegisteredContract,
  type Vendor,
  type VendorQuery,
} from '../../plan/register.ts';
import { type Database, type Query, type Row, storable } from '../database.ts';
import { columnOf, partOf, present, selected } from './columns.ts';
import { differenceOf, writeHistory } from './history.ts';

const vendorFields = ['name', 'email', 'phone', 'website', 'accountNumber', 'notes'] as const;
const contractFields = [
  'number',
  'vendor',
  'kind',
  'what',
  'owner',
  'contact',
  'startsOn',
  'endsOn',
  'noticeBy',
  'renews',
  'yearly',
  'currency',
  'seats',
  'notes',
] as const;
const noticeFields = ['noticeGivenOn', 'noticeReference'] as const;
const contractColumns = selected([...contractFields, ...noticeFields]);

/** Contracts, or vendors, of one page. */
const mostContracts = 500;
const contractsUnlessSaid = 100;

export class Vendors {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async by(name: string): Promise<Vendor | undefined> {
    const [row] = await this.database.query(
      `select ${selected(vendorFields)} from vendors where lower(name) collate "C" = lower($1) collate "C"`,
      [name],
    );
    return row && present<Vendor>(row);
  }

  async list({ text, after, limit: asked }: VendorQuery): Promise<{ vendors: Vendor[]; next?: string }> {
    const values: unknown[] = [];
    const conditions = [
      ...(text ? [`name ilike $${values.push(partOf(text))}`] : []),
      ...(after === undefined ? [] : [`name collate "C" > $${values.push(after)}`]),
    ];
    const limit = Math.min(Math.max(1, asked ?? contractsUnlessSaid), mostContracts);
    const rows = await this.database.query(
      `select ${selected(vendorFields)} from vendors
       ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''} order by name collate "C" limit ${limit + 1}`,
      values,
    );
    const vendors = rows.slice(0, limit).map((row) => present<Vendor>(row));
    return { vendors, ...defined({ next: rows.length > limit ? vendors.at(-1)?.name : undefined }) };
  }

  put(vendor: Vendor, actor: RegisterActor): Promise<void> {
    const table = { kind: 'vendor', table: 'vendors', key: 'name', fields: vendorFields } as const;
    return this.database.transaction((query) => putRow(query, table, { ...vendor }, actor));
  }
}

export class Contracts {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async by(number: string): Promise<RegisteredContract | undefined> {
    const { contracts } = await this.list({ number, withNoticeGiven: true, limit: 1 });
    return contracts[0];
  }

  async list(query: ContractQuery): Promise<{ contracts: RegisteredContract[]; next?: string }> {
    const values: unknown[] = [];
    const when = (value: unknown, condition: (parameter: string) => string) =>
      value === undefined ? [] : [condition(`$${values.push(value)}`)];
    const same = (column: string) => (parameter: string) =>
      `lower(${column}) collate "C" = lower(${parameter}) collate "C"`;
    const conditions = [
      ...when(query.text ? partOf(query.text) : undefined, (part) =>
        ['number', 'vendor', 'what', 'owner'].map((column) => `${column} ilike ${part}`).join(' or '),
      ).map((any) => `(${any})`),
      ...when(query.number, same('number')),
      ...when(query.vendor, same('vendor')),
      ...when(query.kind, (kind) => `kind = ${kind}`),
      ...when(query.noticeFrom, (day) => `notice_by >= ${day}::date`),
      ...when(query.noticeBy, (day) => `notice_by <= ${day}::date`),
      ...when(query.endsFrom, (day) => `ends_on >= ${day}::date`),
      ...when(query.endsBy, (day) => `ends_on <= ${day}::date`),
      ...(query.withNoticeGiven ? [] : ['notice_given_on is null']),
      ...when(query.after, (number) => `number collate "C" > ${number}`),
    ];
    const limit = Math.min(Math.max(1, query.limit ?? contractsUnlessSaid), mostContracts);
    const rows = await this.database.query(
      `select ${contractColumns} from contracts ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
       order by number collate "C" limit ${limit + 1}`,
      values,
    );
    const contracts = rows.slice(0, limit).map((row) => present<RegisteredContract>(row));
    return { contracts, ...defined({ next: rows.length > limit ? contracts.at(-1)?.number : undefined }) };
  }

  put(contract: Contract, actor: RegisterActor): Promise<void> {
    const table = { kind: 'contract', table: 'contracts', key: 'number', fields: contractFields } as const;
    return this.database.transaction((query) => putRow(query, table, { ...contract }, actor));
  }

  /** Null takes it back. */
  putNotice(
    number: string,
    notice: { on: string; reference: string } | null,
    actor: RegisterActor,
  ): Promise<void> {
    return this.database.transaction(async (query) => {
      const [row] = await query(
        `select id, ${contractColumns} from contracts where lower(number) collate "C" = lower($1) collate "C" for update`,
        [number],
      );
      if (!row) throw new RegisterConflict(`The register has no contract ${number}.`);
      const wanted = { noticeGivenOn: notice?.on ?? null, noticeReference: notice?.reference ?? null };
      const difference = differenceOf(row, wanted);
      if (!difference) return;
      await query('update contracts set notice_given_on = $2::date, notice_reference = $3 where id = $1', [
        row.id,
        wanted.noticeGivenOn,
        wanted.noticeReference && storable(wanted.noticeReference),
      ]);
      const what = notice ? 'notice given' : 'changed';
      await writeHistory(query, { kind: 'contract', subject: Number(row.id), what, ...difference, ...actor });
    });
  }
}

interface Table {
  kind: 'vendor' | 'contract';
  table: 'vendors' | 'contracts';
  key: 'name' | 'number';
  fields: readonly string[];
}

/** Adds it, or changes what is given of it: what is not given stays. */
async function putRow(
  query: Query,
  { kind, table, key, fields }: Table,
  given: Record<string, unknown>,
  actor: RegisterActor,
): Promise<void> {
  await query(`select pg_advisory_xact_lock(hashtext($1))`, [`${table} ${String(given[key]).toLowerCase()}`]);
  const [before] = await query(
    `select id, ${selected(fields)} from ${table} where lower(${key}) collate "C" = lower($1) collate "C"`,
    [given[key]],
  );
  const names = fields.filter((name) => given[name] !== undefined);
  const storedValue = (name: string) => {
    const value = given[name];
    return typeof value === 'string' ? storable(value) : value;
  };
  if (!before) {
    const [row = {} as Row] = await query(
      `insert into ${table} (${names.map(columnOf).join(', ')})
       values (${names.map((_, index) => `$${index + 1}`).join(', ')}) returning id`,
      names.map(storedValue),
    );
    const after = Object.fromEntries(names.map((name) => [name, given[name]]));
    await writeHistory(query, { kind, subject: Number(row.id), what: 'added', after, ...actor });
    return;
  }
  const wanted = Object.fromEntries(names.filter((name) => name !== key).map((name) => [name, given[name]]));
  const difference = differenceOf(before, wanted);
  if (!difference) return;
  const changed = Object.keys(difference.after);
  await query(
    `update ${table} set ${changed.map((name, index) => `${columnOf(name)} = $${index + 2}`).join(', ')} where id = $1`,
    [before.id, ...changed.map(storedValue)],
  );
  await writeHistory(query, { kind, subject: Number(before.id), what: 'changed', ...difference, ...actor });
}
