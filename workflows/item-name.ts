/** What people call an item of a list by: a text as it is, an object by its name. Nothing of it that is sealed. */
import type { Json } from '../plan/plan.ts';

const names = ['title', 'displayName', 'name', 'userPrincipalName', 'email', 'mail', 'hostname', 'key', 'id'];
const longestName = 80;

export function itemName(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && value.trim() !== '')
    return value.length > longestName ? `${value.slice(0, longestName - 1)}…` : value;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  for (const name of names) {
    const part = value[name];
    if (typeof part === 'string' || typeof part === 'number') return itemName(part);
  }
  return undefined;
}
