import { createHash } from 'node:crypto';

/** Without the letters and digits that people mistake for one another (0 O o, 1 l I). */
const upper = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const lower = 'abcdefghijkmnpqrstuvwxyz';
const digits = '23456789';
const all = upper + lower + digits;

/**
 * A first password that people can type: four groups of four, always the same for the same secret, with upper case,
 * lower case, a digit and a hyphen, so that it meets the directory's rules. About 90 bits.
 */
export function passwordFrom(secret: string): string {
  const bytes = byteStream(secret);
  const pick = (alphabet: string): string => {
    // Bytes beyond the last full round of the alphabet would favour its first letters.
    const fair = 256 - (256 % alphabet.length);
    let byte = bytes.next().value;
    while (byte >= fair) byte = bytes.next().value;
    return alphabet.charAt(byte % alphabet.length);
  };
  const groups = [upper, lower, digits, all].map((first) => pick(first) + pick(all) + pick(all) + pick(all));
  return groups.join('-');
}

function* byteStream(secret: string): Generator<number, never, undefined> {
  for (let block = 0; ; block++) yield* createHash('sha256').update(`${block}\n${secret}`).digest();
}
