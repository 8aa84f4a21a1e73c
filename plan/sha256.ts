/** SHA-256 (FIPS 180-4) without `node:crypto`, which a workflow may not import. */

/** The first 32 bits of the fractional parts of the cube roots (for `k`) and square roots (for the start) of the first primes. */
const primes: number[] = [];
for (let n = 2; primes.length < 64; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
const fraction = (value: number): number => Math.floor((value - Math.floor(value)) * 2 ** 32) >>> 0;
const k = primes.map((prime) => fraction(Math.cbrt(prime)));
const start = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

/** Of the text's UTF-8, hex. */
export function sha256(text: string): string {
  const bytes = padded(utf8(text));
  let state = start;
  for (let at = 0; at < bytes.length; at += 64) state = compressed(state, bytes, at);
  return state.map((word) => word.toString(16).padStart(8, '0')).join('');
}

function compressed(state: readonly number[], bytes: Uint8Array, at: number): number[] {
  const w = new Int32Array(64);
  const view = new DataView(bytes.buffer, at, 64);
  for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(i * 4);
  const word = (i: number) => w[i] ?? 0;
  for (let i = 16; i < 64; i += 1) {
    const [a, b] = [word(i - 15), word(i - 2)];
    const s0 = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3);
    const s1 = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
    w[i] = word(i - 16) + s0 + word(i - 7) + s1;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i += 1) {
    const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const first = (h + s1 + ((e & f) ^ (~e & g)) + (k[i] ?? 0) + word(i)) | 0;
    const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  return [a, b, c, d, e, f, g, h].map((value, i) => (value + (state[i] ?? 0)) >>> 0);
}

function turned(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by));
}

/** A one, zeroes up to a whole block, and the length in bits. */
function padded(bytes: readonly number[]): Uint8Array {
  const blocks = Math.ceil((bytes.length + 9) / 64);
  const all = new Uint8Array(blocks * 64);
  all.set(bytes);
  all[bytes.length] = 0x80;
  new DataView(all.buffer).setUint32(all.length - 8, Math.floor(bytes.length / 2 ** 29));
  new DataView(all.buffer).setUint32(all.length - 4, (bytes.length * 8) >>> 0);
  return all;
}

/** `encodeURIComponent` writes each byte that is no plain character as %XX; half a surrogate pair counts as U+FFFD. */
function utf8(text: string): number[] {
  const whole = text.replace(
    /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g,
    '\uFFFD',
  );
  const escaped = encodeURIComponent(whole);
  const bytes: number[] = [];
  for (let i = 0; i < escaped.length; i += 1) {
    if (escaped[i] !== '%') bytes.push(escaped.charCodeAt(i));
    else {
      bytes.push(Number.parseInt(escaped.slice(i + 1, i + 3), 16));
      i += 2;
    }
  }
  return bytes;
}
