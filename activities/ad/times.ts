/** Points in time as the directory keeps them: hundreds of nanoseconds since 1601, too many for a JavaScript number. */

const from1601To1970 = 11_644_473_600_000n;
const ticksPerMs = 10_000n;
/** Both of them say "never". */
const never = new Set([0n, 9_223_372_036_854_775_807n]);

/** Undefined for never, and where nothing is set. */
export function fileTimeToIso(text: string | undefined): string | undefined {
  if (text === undefined || !/^\d+$/.test(text) || never.has(BigInt(text))) return undefined;
  return new Date(Number(BigInt(text) / ticksPerMs - from1601To1970)).toISOString();
}

export function fileTimeOf(moment: Date): string {
  return String((BigInt(moment.getTime()) + from1601To1970) * ticksPerMs);
}

/** `20261127114956.0Z`. */
export function generalizedTimeToIso(text: string | undefined): string | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(text ?? '');
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
}
