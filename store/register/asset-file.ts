/**
 * Assets that come in a file: what would change is found first, and done in one transaction, as one import on record. Nothing is ever
 * taken out of the register because a file does not name it: it is said to be missing there.
 */
import { createHash } from 'node:crypto';
import {
  type AssetDifferences,
  type AssetFieldName,
  type AssetFields,
  assetFieldNames,
  RegisterConflict,
  type RegisteredAsset,
} from '../../plan/register.ts';
import { type Database, jsonb, type Query } from '../database.ts';
import { assetColumns, assetOfRow, columnOf, typeOf } from './columns.ts';
import { differenceOf } from './history.ts';

/** Rows that one statement writes. */
const rowsAtOnce = 5_000;

/** Fewer changes leave the server's picture of the table as good as it was. */
const worthAnalysing = 500;

/** Any number that no other lock of ours has. */
const importLock = 7_402_612;

export interface ImportedFile {
  by: string;
  /** Its name, and the digest of its text. */
  file: string;
  sha256: string;
}

interface Found extends AssetDifferences {
  /** By its position among those that change. */
  known: RegisteredAsset[];
}

export class AssetFiles {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** What the rows would change, by reading alone. `columns` are the fields that the file has; others stay as they are. */
  differences(rows: readonly AssetFields[], columns: readonly AssetFieldName[]): Promise<AssetDifferences> {
    return this.database.transaction(async (query) => {
      const { known: _, ...found } = await compared(query, rows, columns);
      return found;
    });
  }

  /** Does it. Rejects when the register no longer differs from the rows as `digest` has it. */
  apply(
    rows: readonly AssetFields[],
    columns: readonly AssetFieldName[],
    file: ImportedFile,
    digest?: string,
  ): Promise<AssetDifferences> {
    return this.database.transaction(async (query) => {
      await query('select pg_advisory_xact_lock($1)', [importLock]);
      // What people and runs change meanwhile waits, so that nothing is overwritten that nobody was shown.
      await query('lock table assets in share row exclusive mode');
      const { known, ...found } = await compared(query, rows, columns);
      if (digest !== undefined && digest !== found.digest)
        throw new RegisterConflict(
          'The register has changed since the differences were shown. Look at them again, and apply them then.',
        );
      const { added, changed, unchanged, missing, conflicts } = found;
      if (conflicts.length > 0) throw new RegisterConflict(conflicts.join(' '));
      const [row = {}] = await query(
        `insert into register_imports (by, file, sha256, added, changed, unchanged, missing)
         values ($1, $2, $3, $4, $5, $6, $7) returning id`,
        [file.by, file.file, file.sha256, added.length, changed.length, unchanged, missing.length],
      );
      const importId = Number(row.id);
      const updates = changed.map(({ after }, index) => ({ id: known[index]?.id, ...after }));
      // Serial numbers may go from one asset to another within a file: each is taken away before any is given.
      await inSlices(updates, (slice) => takeSerialNumbers(query, slice));
      await inSlices(updates, (slice) => updateAll(query, slice, columns));
      await inSlices(added, (slice) => addAll(query, slice, file.by, importId));
      const entries = changed.map(({ before, after }, index) => ({
        subject: known[index]?.id,
        before,
        after,
      }));
      await inSlices(entries, (slice) => recordAll(query, slice, file.by, importId));
      // So that the next search goes by what is there now. Whoever does not own the table leaves it to the server.
      if (added.length + changed.length >= worthAnalysing) await query('analyze assets');
      return found;
    });
  }
}

async function inSlices<T>(
  items: readonly T[],
  work: (slice: readonly T[]) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < items.length; from += rowsAtOnce)
    await work(items.slice(from, from + rowsAtOnce));
}

async function compared(
  query: Query,
  rows: readonly AssetFields[],
  columns: readonly AssetFieldName[],
): Promise<Found> {
  const existing = (await query(`select ${assetColumns} from assets order by tag collate "C"`)).map(
    assetOfRow,
  );
  const byTag = new Map(existing.map((asset) => [asset.tag.toLowerCase(), asset]));
  const bySerial = new Map(
    existing.flatMap((asset) =>
      asset.serialNumber ? [[asset.serialNumber.toLowerCase(), asset] as const] : [],
    ),
  );
  const added: AssetFields[] = [];
  const changed: AssetDifferences['changed'] = [];
  const known: RegisteredAsset[] = [];
  const named = new Set<string>();
  const conflicts: string[] = [];
  let unchanged = 0;
  const tags = new Set(rows.map(({ tag }) => tag.toLowerCase()));
  for (const row of rows) {
    const tag = row.tag.toLowerCase();
    named.add(tag);
    const there = byTag.get(tag);
    const holder = row.serialNumber ? bySerial.get(row.serialNumber.toLowerCase()) : undefined;
    // One whose own row gives it another serial number makes room for it.
    if (
      holder &&
      holder.tag.toLowerCase() !== tag &&
      !(tags.has(holder.tag.toLowerCase()) && columns.includes('serialNumber'))
    )
      conflicts.push(
        `${row.tag} has the serial number ${row.serialNumber}, which ${holder.tag} has in the register.`,
      );
    // By the tag it is found, whatever its case.
    const given = Object.fromEntries(
      columns.filter((name) => name !== 'tag').map((name) => [name, row[name] ?? null]),
    );
    const difference = there && differenceOf(there as unknown as Record<string, unknown>, given);
    if (!there) added.push(row);
    else if (difference) {
      changed.push({ tag: there.tag, ...difference });
      known.push(there);
    } else unchanged++;
  }
  const missing = existing.filter((asset) => !named.has(asset.tag.toLowerCase())).map(({ tag }) => tag);
  const digest = createHash('sha256')
    .update(JSON.stringify([added, changed, known.map(({ revision }) => revision)]))
    .digest('hex');
  return { added, changed, unchanged, missing, conflicts, digest, known };
}

function recordset(fields: readonly AssetFieldName[], more: readonly string[] = []): string {
  return [...more, ...fields.map((name) => `"${name}" ${typeOf(name)}`)].join(', ');
}

async function addAll(
  query: Query,
  rows: readonly AssetFields[],
  by: string,
  importId: number,
): Promise<void> {
  const columns = assetFieldNames.map(columnOf).join(', ');
  const values = assetFieldNames.map((name) => `given."${name}"`).join(', ');
  await query(
    `with given as materialized (
       select item, given.* from jsonb_array_elements($1::jsonb) as item,
         jsonb_to_record(item) as given(${recordset(assetFieldNames)})
     ), made as (
       insert into assets (${columns}) select ${values} from given returning id, tag
     )
     insert into register_history (kind, subject, by, what, before, after, import_id)
     select 'asset', made.id, $2, 'added', '{}', given.item, $3 from made join given on given.tag = made.tag`,
    [jsonb(rows), by, importId],
  );
}

async function takeSerialNumbers(query: Query, rows: readonly object[]): Promise<void> {
  await query(
    `update assets set serial_number = null from jsonb_array_elements($1::jsonb) as item
     where assets.id = (item->>'id')::bigint and item ? 'serialNumber'`,
    [jsonb(rows)],
  );
}

async function updateAll(
  query: Query,
  rows: readonly object[],
  columns: readonly AssetFieldName[],
): Promise<void> {
  const set = columns.map(
    (name) =>
      `${columnOf(name)} = case when item ? '${name}' then (item->>'${name}')::${typeOf(name)} else assets.${columnOf(name)} end`,
  );
  await query(
    `update assets set ${[...set, 'revision = revision + 1', 'changed_at = now()'].join(', ')}
     from jsonb_array_elements($1::jsonb) as item where assets.id = (item->>'id')::bigint`,
    [jsonb(rows)],
  );
}

async function recordAll(
  query: Query,
  entries: readonly object[],
  by: string,
  importId: number,
): Promise<void> {
  await query(
    `insert into register_history (kind, subject, by, what, before, after, import_id)
     select 'asset', (item->>'subject')::bigint, $2, 'changed', item->'before', item->'after', $3
     from jsonb_array_elements($1::jsonb) as item`,
    [jsonb(entries), by, importId],
  );
}
