/** How the register's fields and the database's columns are called, and how a row becomes what everybody else speaks of. */
import { type AssetFieldName, assetFieldNames, type RegisteredAsset } from '../../plan/register.ts';
import { type Row, storable } from '../database.ts';

export function columnOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Of days, since the driver would make moments of them, in the zone of the machine. */
const days = new Set([
  'expectedBack',
  'warrantyEnds',
  'lifeEnds',
  'boughtOn',
  'startsOn',
  'endsOn',
  'noticeBy',
  'noticeGivenOn',
  'orderedOn',
  'expectedOn',
]);
const amounts = new Set(['price', 'yearly', 'unitPrice']);

/** A select list that gives these fields by their names. */
export function selected(fields: readonly string[]): string {
  return fields
    .map((field) => {
      const column = columnOf(field);
      const value = days.has(field) ? `to_char(${column}, 'YYYY-MM-DD')` : column;
      return `${amounts.has(field) ? `${value}::float8` : value} as "${field}"`;
    })
    .join(', ');
}

/** What is null is absent. */
export function present<T>(row: Row): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T;
}

export const assetColumns = selected(['id', 'revision', ...assetFieldNames]);

export function assetOfRow(row: Row): RegisteredAsset {
  return present<RegisteredAsset>({ ...row, id: Number(row.id) });
}

/** PostgreSQL's type of a field's column, for rows that come as JSON. */
export function typeOf(field: AssetFieldName | 'id' | 'revision'): string {
  if (days.has(field)) return 'date';
  if (amounts.has(field)) return 'numeric';
  if (field === 'id') return 'bigint';
  return field === 'revision' ? 'integer' : 'text';
}

/** For `ilike`: what has this text somewhere in it. */
export function partOf(text: string): string {
  return `%${storable(text).replace(/[\\%_]/g, '\\$&')}%`;
}
