/** IP addresses and networks, as numbers that can be compared. */

export interface Address {
  version: 4 | 6;
  value: bigint;
}

/** All addresses that begin with the first `bits` bits of `value`. */
export interface Network extends Address {
  bits: number;
}

/** An address as people write it. Undefined when it is none, also in forms that some programs read as one (`10.1`, `010.0.0.1`). */
export function parseAddress(text: string): Address | undefined {
  const value = text.includes(':') ? valueOfV6(text) : valueOfV4(text);
  return value === undefined ? undefined : { version: text.includes(':') ? 6 : 4, value };
}

/** `10.0.0.0/8`, or one address. Undefined when it is neither, or when bits are set that the length leaves out. */
export function parseNetwork(text: string): Network | undefined {
  const [base = '', length, ...more] = text.split('/');
  const address = parseAddress(base);
  if (!address || more.length > 0 || (length !== undefined && !/^(0|[1-9]\d{0,2})$/.test(length)))
    return undefined;
  const bits = length === undefined ? widthOf(address) : Number(length);
  if (bits > widthOf(address)) return undefined;
  const network = { ...address, bits };
  return prefixOf(address, network) << rest(network) === address.value ? network : undefined;
}

export function isWithin(address: Address, network: Network): boolean {
  return address.version === network.version && prefixOf(address, network) === prefixOf(network, network);
}

/** The last 32 bits of an IPv6 address, where several forms of it carry an IPv4 address. */
export function lastV4Of({ value }: Address): Address {
  return { version: 4, value: value & 0xffff_ffffn };
}

function prefixOf({ value }: Address, network: Network): bigint {
  return value >> rest(network);
}

function rest(network: Network): bigint {
  return BigInt(widthOf(network) - network.bits);
}

function widthOf({ version }: Address): number {
  return version === 4 ? 32 : 128;
}

function valueOfV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function valueOfV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const given = head.length + (tail?.length ?? 0);
  // `::` stands for at least one group of zeros.
  if (tail ? given > 7 : given !== 8) return undefined;
  const zeros = Array.from({ length: 8 - given }, () => 0n);
  return [...head, ...zeros, ...(tail ?? [])].reduce((value, group) => (value << 16n) | group, 0n);
}

/** The groups of one side of `::`. The last two may be written as an IPv4 address. */
function groupsOf(half: string, atEnd: boolean): bigint[] | undefined {
  if (half === '') return [];
  const groups: bigint[] = [];
  const parts = half.split(':');
  for (const [index, part] of parts.entries()) {
    const v4 = atEnd && index === parts.length - 1 && part.includes('.') ? valueOfV4(part) : undefined;
    if (v4 !== undefined) groups.push(v4 >> 16n, v4 & 0xffffn);
    else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
