/** Assets: found by tag, serial number, person, model, status, dates, or a few words; each change by one person or run, with its history. */
import { defined } from '../../plan/defined.ts';
import {
  type AssetFieldName,
  type AssetFields,
  type AssetPage,
  type AssetQuery,
  assetFieldNames,
  type HistoryEntry,
  knownStatuses,
  type RegisterActor,
  RegisterConflict,
  type RegisteredAsset,
} from '../../plan/register.ts';
import { type Database, type Query, storable } from '../database.ts';
import { assetColumns, assetOfRow, columnOf, typeOf } from './columns.ts';
import { differenceOf, writeHistory } from './history.ts';

/** Assets of one page. */
const mostListed = 500;
const listedUnlessSaid = 50;

/** Free numbers that are tried for a tag before somebody is asked to name one. */
const mostTagsTried = 1_000;

const lower = (value: string) => `lower(${value}) collate "C"`;

export class Assets {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async by({
    tag,
    serialNumber,
  }: {
    tag?: string;
    serialNumber?: string;
  }): Promise<RegisteredAsset | undefined> {
    const [column, value] = tag === undefined ? ['serial_number', serialNumber] : ['tag', tag];
    const [row] = await this.database.query(
      `select ${assetColumns} from assets where ${lower(column)} = ${lower('$1')}`,
      [value ?? ''],
    );
    return row && assetOfRow(row);
  }

  async search(query: AssetQuery): Promise<AssetPage> {
    const { conditions, values } = conditionsOf(query);
    const limit = Math.min(Math.max(1, query.limit ?? listedUnlessSaid), mostListed);
    const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
    const rows = await this.database.query(
      `select ${assetColumns} from assets ${where} order by tag collate "C" limit ${limit + 1}`,
      values,
    );
    const assets = rows.slice(0, limit).map(assetOfRow);
    return { assets, ...defined({ next: rows.length > limit ? assets.at(-1)?.tag : undefined }) };
  }

  /** Those that every register knows, and those that its assets have. */
  async statuses(): Promise<string[]> {
    // A walk along the index, from one status to the next: to read each asset's would take as long as there are assets.
    const rows = await this.database.query(
      `with recursive walk as (
         (select status, ${lower('status')} as key from assets order by ${lower('status')} limit 1)
         union all
         select next.status, next.key from walk cross join lateral (
           select status, ${lower('status')} as key from assets
           where ${lower('status')} > walk.key order by ${lower('status')} limit 1) as next
       ) select status from walk`,
    );
    const known = new Map(knownStatuses.map((status) => [status.toLowerCase(), status as string]));
    for (const { status } of rows) {
      const key = String(status).toLowerCase();
      if (!known.has(key)) known.set(key, String(status));
    }
    return [...known.values()];
  }

  async add(
    fields: Omit<AssetFields, 'tag'> & { tag?: string },
    actor: RegisterActor,
  ): Promise<RegisteredAsset> {
    return settled(() =>
      this.database.transaction(async (query) => {
        const tag = fields.tag ?? (await freeTag(query));
        const given = defined({ ...fields, tag });
        const names = assetFieldNames.filter((name) => given[name] !== undefined);
        const [row = {}] = await query(
          `insert into assets (${names.map(columnOf).join(', ')})
           values (${names.map((name, index) => `$${index + 1}::${typeOf(name)}`).join(', ')})
           returning ${assetColumns}`,
          names.map((name) => stored(given[name])),
        );
        const asset = assetOfRow(row);
        const { id, revision: _, ...after } = asset;
        await writeHistory(query, { kind: 'asset', subject: id, what: 'added', after, ...actor });
        return asset;
      }),
    );
  }

  /** Undefined when it has changed since that revision. Changes nothing where it is all so already. */
  async change(
    { id, revision }: { id: number; revision: number },
    fields: Partial<Record<AssetFieldName, string | number | null>>,
    { what, ...actor }: RegisterActor & { what: HistoryEntry['what'] },
  ): Promise<RegisteredAsset | undefined> {
    return settled(() =>
      this.database.transaction(async (query) => {
        const [row] = await query(
          `select ${assetColumns} from assets where id = $1 and revision = $2 for update`,
          [id, revision],
        );
        if (!row) return undefined;
        const before = assetOfRow(row);
        const difference = differenceOf(before as unknown as Record<string, unknown>, fields);
        if (!difference) return before;
        const names = Object.keys(difference.after) as AssetFieldName[];
        const [changed = {}] = await query(
          `update assets set ${names.map((name, index) => `${columnOf(name)} = $${index + 2}::${typeOf(name)}`).join(', ')},
             revision = revision + 1, changed_at = now()
           where id = $1 returning ${assetColumns}`,
          [id, ...names.map((name) => stored(fields[name]))],
        );
        await writeHistory(query, { kind: 'asset', subject: id, what, ...difference, ...actor });
        return assetOfRow(changed);
      }),
    );
  }
}

function stored(value: string | number | null | undefined): unknown {
  return typeof value === 'string' ? storable(value) : (value ?? null);
}

function conditionsOf(query: AssetQuery): { conditions: string[]; values: unknown[] } {
  const values: unknown[] = [];
  const put = (value: unknown) => `$${values.push(value)}`;
  const begins = (column: string, text: string | undefined) =>
    text === undefined ? [] : [`${lower(column)} like ${lower(put(prefixOf(text)))}`];
  const equals = (column: string, text: string | undefined) =>
    text === undefined ? [] : [`${lower(column)} = ${lower(put(text))}`];
  const by = (column: string, day: string | undefined) =>
    day === undefined ? [] : [`${column} <= ${put(day)}::date`];
  const words = query.text === undefined ? '' : wordsQuery(query.text);
  const conditions = [
    ...(words === '' ? [] : [`words @@ ${put(words)}::tsquery`]),
    ...begins('tag', query.tag),
    ...begins('serial_number', query.serialNumber),
    ...begins('model', query.model),
    ...equals('assigned_to', query.person),
    ...equals('status', query.status),
    ...by('warranty_ends', query.warrantyEndsBy),
    ...by('life_ends', query.lifeEndsBy),
    ...(query.after === undefined ? [] : [`tag collate "C" > ${put(query.after)}`]),
  ];
  return { conditions, values };
}

function prefixOf(text: string): string {
  return `${storable(text).replace(/[\\%_]/g, '\\$&')}%`;
}

/** Longest word that is kept, as the function `register_words` has it. */
const longestWord = 200;
/** Words of a search that count. */
const mostWords = 10;

/** All words, each by how it begins: as a whole (a tag, an address), or by its parts. */
export function wordsQuery(text: string): string {
  const terms = storable(text).toLowerCase().split(/\s+/).filter(Boolean).slice(0, mostWords);
  return terms
    .map((term) => {
      const parts = term.split(/[\s,;:/()@._"'&+-]+/).filter(Boolean);
      const whole = lexeme(term);
      if (parts.length === 1 && parts[0] === term) return whole;
      return parts.length === 0 ? whole : `(${whole} | (${parts.map(lexeme).join(' & ')}))`;
    })
    .join(' & ');
}

function lexeme(word: string): string {
  return `'${word.slice(0, longestWord).replace(/['\\]/g, '$&$&')}':*`;
}

async function freeTag(query: Query): Promise<string> {
  for (let tries = 0; tries < mostTagsTried; tries++) {
    const [row] = await query(`select 'A-' || lpad(nextval('asset_tags')::text, 5, '0') as tag`);
    const tag = String(row?.tag);
    const [taken] = await query(`select 1 from assets where ${lower('tag')} = ${lower('$1')}`, [tag]);
    if (!taken) return tag;
  }
  throw new RegisterConflict('No free tag was found. Name one: `tag`.');
}

/** Says what is taken in words that a person can act on. */
async function settled<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, constraint, detail } = error as { code?: string; constraint?: string; detail?: string };
    if (code !== '23505') throw error;
    const value = /=\((.*)\) already exists/.exec(detail ?? '')?.[1] ?? '';
    if (constraint === 'assets_tag')
      throw new RegisterConflict(`Another asset has the tag ${value}. Each has one of its own.`);
    if (constraint === 'assets_serial_number')
      throw new RegisterConflict(
        `Another asset has the serial number ${value}. Each has one of its own; leave it empty where there is none.`,
      );
    throw error;
  }
}
