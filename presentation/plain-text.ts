/** Values and names as people read them in sentences. Used in the browser too: imports nothing. */
import type { Json } from '../plan/values.ts';

/** `givenName` -> `Given name`, for names that have no description. */
export function fieldWords(name: string): string {
  const words = name.replace(
    /([a-z0-9])([A-Z])/g,
    (_, end: string, next: string) => `${end} ${next.toLowerCase()}`,
  );
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `a, b and c`. */
export function enumeratedText(items: readonly string[], last = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`;
}

/** A value that the gateway keeps sealed. */
export function isSealed(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && '$sealed' in value;
}

/** Of a sealed value that stands beside an older one: whether its content is the same. */
export function sealedWords(value: Json): string {
  const { $compared } = value as { $compared?: Json };
  return typeof $compared === 'string' ? `sealed, ${$compared}` : 'sealed';
}

/** A list that is too large for the history of its run. */
function keptList(value: Json): { count: number; sha256: string } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { $list } = value;
  if (typeof $list !== 'object' || $list === null || Array.isArray($list)) return undefined;
  const { count, sha256 } = $list;
  return typeof count === 'number' && typeof sha256 === 'string' ? { count, sha256 } : undefined;
}

export function plainText(value: Json): string {
  if (isSealed(value)) return sealedWords(value);
  const list = keptList(value);
  if (list) return `${list.count} items, kept beside the run (SHA-256 ${list.sha256.slice(0, 12)}…)`;
  if (value === null || value === '') return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(partText).join(', ');
  const entries = Object.entries(value);
  if (entries.length === 0) return 'nothing';
  return entries.map(([name, item]) => `${fieldWords(name)}: ${partText(item)}`).join('; ');
}

/** Inside another value: in brackets where it has parts of its own. */
function partText(value: Json): string {
  const text = plainText(value);
  const hasParts =
    typeof value === 'object' && value !== null && !isSealed(value) && Object.keys(value).length > 1;
  return hasParts ? `(${text})` : text;
}

/** Inputs behind a signature that are not shown already, as they are and under their own name. */
export function inputsBesides(show: Json | undefined, inputs: Json | undefined): { [name: string]: Json } {
  if (inputs === undefined || !isPlainObject(inputs)) return {};
  if (show === undefined || !isPlainObject(show)) return inputs;
  const besides = Object.entries(inputs).filter(
    ([name, value]) => JSON.stringify(show[name]) !== JSON.stringify(value),
  );
  return Object.fromEntries(besides);
}

export interface FieldChange {
  path: string;
  /** Of an object, behind what the whole is called: `: Licence`. */
  field: string;
  before: Json;
  after: Json;
}

/** Of two objects only the fields that differ, each for itself: nobody should have to look for the difference. */
export function fieldsChanged({ path, before, after }: Omit<FieldChange, 'field'>): FieldChange[] {
  if (!isPlainObject(before) || !isPlainObject(after)) return [{ path, field: '', before, after }];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((name) => ({
      path,
      field: `: ${fieldWords(name)}`,
      before: before[name] ?? null,
      after: after[name] ?? null,
    }))
    .filter((change) => isChanged(change.before, change.after));
}

function isChanged(before: Json, after: Json): boolean {
  if (isSealed(after) && '$compared' in (after as object))
    return (after as { $compared: Json }).$compared === 'changed';
  return JSON.stringify(before) !== JSON.stringify(after);
}

function isPlainObject(value: Json): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isSealed(value);
}

/**
 * A value of a run as people name it: `inputs.lastMoment` -> `Last moment`, `steps.find.output.id` -> `Id, from “Find”`. `titles` names
 * the steps.
 */
export function pathWords(path: string, titles: Readonly<Record<string, string>> = {}): string {
  const [root, name = '', ...rest] = path.replace(/\[\*\]/g, '').split('.');
  if (root === 'inputs' || root === 'state') return [name, ...rest].map(fieldWords).join(', ');
  if (root !== 'steps') return path;
  const title = `“${titles[name] ?? titles[name.replace(/\[.*$/, '')] ?? name}”`;
  const [what, ...fields] = rest;
  if (what === 'with') return `What ${title} is called with`;
  if (what === 'status' || what === undefined) return `Whether ${title} was done`;
  if (fields.length === 0) return `What ${title} gave`;
  return `${fields.map(fieldWords).join(', ')}, from ${title}`;
}

/** A change in words: of what, from what, to what. Of two objects a line for each field that differs. */
export function changeInWords(
  change: Omit<FieldChange, 'field'>,
  titles: Readonly<Record<string, string>> = {},
): { what: string; before: string; after: string }[] {
  return fieldsChanged(change).map(({ path, field, before, after }) => ({
    what: `${pathWords(path, titles)}${field}`,
    before: plainText(before),
    after: plainText(after),
  }));
}

/** `tenant example.com, clientId 1b2c`. */
export function systemText(parts: Readonly<Record<string, string>>): string {
  const told = Object.entries(parts)
    .map(([name, value]) => `${name} ${value}`)
    .sort();
  return told.length > 0 ? told.join(', ') : 'nothing that is configured';
}
