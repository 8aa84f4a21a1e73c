/** Distinguished names, and the other forms in which the directory names its entries. */

/**
 * An attribute’s value as part of a distinguished name. In hexadecimal pairs, which every reader of such names takes apart alike
 * (findings/ldapts-names-that-end-with-a-backslash.sh).
 */
export function escapedValue(value: string): string {
  const characters = [...value];
  const last = characters.length - 1;
  return characters
    .map((character, at) => {
      const bare = (at === 0 && /[ #]/.test(character)) || (at === last && character === ' ');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stand in a name as they are.
      return bare || /[,\\+"<>;=/\u0000-\u001f]/.test(character) ? hexPairs(character) : character;
    })
    .join('');
}

function hexPairs(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => `\\${byte.toString(16).padStart(2, '0').toUpperCase()}`)
    .join('');
}

/** `CN=…` of an entry below `parent`. */
export function childOf(parent: string, name: string, attribute = 'CN'): string {
  return `${attribute}=${escapedValue(name)},${parent}`;
}

/** The name of an entry, as its distinguished name begins: `CN=Lee\2C Ann`. */
export function firstPart(dn: string): string {
  return dn.slice(0, endOfFirst(dn));
}

/** The distinguished name of what an entry stands in. Empty for the root. */
export function parentOf(dn: string): string {
  return dn.slice(endOfFirst(dn) + 1);
}

function endOfFirst(dn: string): number {
  for (let at = 0; at < dn.length; at++) {
    if (dn[at] === '\\') at++;
    else if (dn[at] === ',') return at;
  }
  return dn.length;
}

/** The value of the first part in the clear: what people call the entry. */
export function plainName(dn: string): string {
  const part = firstPart(dn);
  const value = part.slice(part.indexOf('=') + 1).trim();
  const pieces = value.match(/\\[0-9a-fA-F]{2}|\\?./gsu) ?? [];
  return Buffer.concat(
    pieces.map((piece) =>
      /^\\[0-9a-fA-F]{2}$/.test(piece)
        ? Buffer.from(piece.slice(1), 'hex')
        : Buffer.from(piece.length > 1 && piece.startsWith('\\') ? piece.slice(1) : piece, 'utf8'),
    ),
  ).toString('utf8');
}

/** Whether two distinguished names are of one entry, however each is written. */
export function isSameDn(one: string, other: string): boolean {
  return normalisedDn(one) === normalisedDn(other);
}

export function normalisedDn(dn: string): string {
  const parts: string[] = [];
  for (let rest = dn; rest !== ''; rest = parentOf(rest)) {
    const part = firstPart(rest);
    parts.push(`${part.slice(0, part.indexOf('=')).trim()}=${escapedValue(plainName(part))}`.toLowerCase());
  }
  return parts.join(',');
}

const guidForm = /^\{?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}?$/i;

export function isGuid(text: string): boolean {
  return guidForm.test(text);
}

export function isDn(text: string): boolean {
  return /^(CN|OU|DC)=.+,\s*DC=/i.test(text);
}

/** objectGUID as people write it: the first three groups stand the other way round in the directory. */
export function guidText(bytes: Buffer): string {
  const hex = (from: number, to: number) => bytes.subarray(from, to).toString('hex');
  const turned = (from: number, to: number) =>
    Buffer.from(bytes.subarray(from, to)).reverse().toString('hex');
  return [turned(0, 4), turned(4, 6), turned(6, 8), hex(8, 10), hex(10, 16)].join('-');
}

export function guidBytes(text: string): Buffer {
  const groups = guidForm.exec(text)?.slice(1) ?? [];
  return Buffer.concat(
    groups.map((group, at) => {
      const bytes = Buffer.from(group, 'hex');
      return at < 3 ? bytes.reverse() : bytes;
    }),
  );
}

/** The last number of a security identifier, by which a user names the primary group. */
export function relativeId(sid: Buffer): number {
  return sid.readUInt32LE(sid.length - 4);
}

/** The same identifier with another last number. */
export function siblingSid(sid: Buffer, last: number): Buffer {
  const sibling = Buffer.from(sid);
  sibling.writeUInt32LE(last, sibling.length - 4);
  return sibling;
}
