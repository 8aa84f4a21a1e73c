/** Numbers that people read out on the phone, made from a step's key: the same at every attempt. */
import { createHash } from 'node:crypto';

/** Crockford's base 32: no I, L, O or U, which are misread or misheard. */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 8;

/** `CS-7H3K2M9Q`. */
export function orderIdOf(key: string): string {
  return `CS-${shortOf(`order\n${key}`)}`;
}

/** `CSQ-4T0W8ZPN`. */
export function quoteReferenceOf(key: string): string {
  return `CSQ-${shortOf(`quote\n${key}`)}`;
}

function shortOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest();
  return [...bytes.subarray(0, length)].map((byte) => digits[byte % digits.length]).join('');
}
