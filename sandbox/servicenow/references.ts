/** Values of fields: text, or a reference to another record. */
import { createHash } from 'node:crypto';

/** A reference to another record; of a person with the address. */
export interface Reference {
  value: string;
  display_value: string;
  email?: string;
  table: string;
}

export type Field = string | Reference;

/** 32 hexadecimal digits, as ServiceNow's ids are. */
export function idOf(name: string): string {
  return createHash('sha256').update(`servicenow ${name}`).digest('hex').slice(0, 32);
}

export function person(email: string): Reference {
  const name = (email.split('@')[0] ?? '')
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
  return { table: 'sys_user', value: idOf(email), display_value: name, email };
}
