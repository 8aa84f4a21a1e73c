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

export function plainText(value: Json): string {
  if (isSealed(value)) return 'sealed';
  if (value === null || value === '') return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(plainText).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * A value of a run as people name it: `inputs.lastMoment` -> `Last moment`, `steps.find.output.id` -> `Id, from “Find”`. `titles` names
 * the steps.
 */
export function pathWords(path: string, titles: Readonly<Record<string, string>> = {}): string {
  const [root, name = '', ...rest] = path.replace(/\[\*\]/g, '').split('.');
  if (root === 'inputs') return [name, ...rest].map(fieldWords).join(', ');
  if (root !== 'steps') return path;
  const title = `“${titles[name] ?? titles[name.replace(/\[.*$/, '')] ?? name}”`;
  const [what, ...fields] = rest;
  if (what === 'with') return `What ${title} is called with`;
  if (what === 'status' || what === undefined) return `Whether ${title} was done`;
  if (fields.length === 0) return `What ${title} gave`;
  return `${fields.map(fieldWords).join(', ')}, from ${title}`;
}
