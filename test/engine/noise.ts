import { randomBytes } from 'node:crypto';

/** So many characters that no compression makes fewer. */
export function noiseOf(characters: number): string {
  return randomBytes(Math.ceil((characters * 3) / 4))
    .toString('base64')
    .slice(0, characters);
}
