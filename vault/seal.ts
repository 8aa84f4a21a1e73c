/**
 * Sealed values: a temporary password, a sensitive input. They pass from step to step and through histories as a token
 * that only an action opens, at the moment it uses the value.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { canonicalJson } from '../plan/canonical-json.ts';
import type { Json, JsonObject } from '../plan/plan.ts';

/** AES-256 keys (32 bytes each) by id. New values are sealed with `current`; the others still open older ones. */
export interface KeyRing {
  current: string;
  keys: Record<string, Buffer>;
}

const version = 'v1';
const ivBytes = 12;
const tagBytes = 16;
const saltBytes = 12;
const tokenForm = /^v1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

export class Seal {
  private readonly ring: KeyRing;
  private readonly deriving: Buffer;
  private readonly digesting: Buffer;
  private readonly macKeys = new Map<string, Buffer>();

  constructor(ring: KeyRing) {
    for (const [id, key] of Object.entries(ring.keys)) {
      if (!/^[A-Za-z0-9_-]+$/.test(id))
        throw new Error(`The key id "${id}" may have letters, digits, _ and - only.`);
      if (key.length !== 32) throw new Error(`The key "${id}" has ${key.length} bytes and needs 32.`);
    }
    if (!ring.keys[ring.current])
      throw new Error(`The key ring has no key "${ring.current}", its current one.`);
    this.ring = ring;
    // The oldest key, not the current one: a rotation between two attempts of a step must not change what it derives.
    const oldest = Object.values(ring.keys)[0] ?? Buffer.alloc(0);
    this.deriving = Buffer.from(hkdfSync('sha256', oldest, '', 'countersign derived values', 32));
    this.digesting = Buffer.from(hkdfSync('sha256', oldest, '', 'countersign digests of sealed values', 32));
  }

  /** A token `v1.KEYID.DATA` (base64url of iv, tag and ciphertext), different each time. */
  seal(value: Json): string {
    const id = this.ring.current;
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', this.key(id), iv).setAAD(Buffer.from(`${version}.${id}`));
    const data = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return `${version}.${id}.${Buffer.concat([iv, cipher.getAuthTag(), data]).toString('base64url')}`;
  }

  /**
   * A sealed value as a run carries it: the token, and a digest of the content by a key of the vault under a salt of its own, so that
   * nobody without the key can guess it, also not by what they had sealed themselves. What takes the place of another is sealed
   * `like` that one: the same content then has the same digest.
   */
  sealed(value: Json, like?: Json): JsonObject {
    const salt = saltOf(like) ?? randomBytes(saltBytes).toString('base64url');
    const digest = createHmac('sha256', this.digesting)
      .update(`${salt}\n${canonicalJson(value)}`)
      .digest('base64url');
    return { $sealed: this.seal(value), $digest: `${salt}.${digest}` };
  }

  /** The value in a token. Throws when the token was damaged or its key is no longer in the key ring. */
  open(token: string): Json {
    const [form, id, data, ...rest] = token.split('.');
    if (form !== version || !id || !data || rest.length > 0)
      throw new Error('This is no sealed value: it should have the form v1.KEY.DATA.');
    const bytes = Buffer.from(data, 'base64url');
    const key = this.key(id);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes))
        .setAAD(Buffer.from(`${version}.${id}`))
        .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      const text = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
      return JSON.parse(text.toString('utf8')) as Json;
    } catch {
      throw new Error(`A value sealed with the key "${id}" cannot be opened: it was damaged or altered.`);
    }
  }

  /** The value with all that is sealed in it opened. Throws as {@link Seal.open} does. */
  openAll(value: Json): Json {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((item) => this.openAll(item));
    if (typeof value.$sealed === 'string') return this.open(value.$sealed);
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.openAll(item)]));
  }

  /** 32 bytes (base64url) that only this key ring gives, always the same for the same purpose. */
  derive(purpose: string): string {
    return createHmac('sha256', this.deriving).update(purpose).digest('base64url');
  }

  /** A text as it is kept in the database; {@link Seal.decrypt} opens it. */
  encrypt(text: string): string {
    return this.seal(text);
  }

  /** Gives back as it is what {@link Seal.encrypt} did not make. */
  decrypt(text: string): string {
    return tokenForm.test(text) ? String(this.open(text)) : text;
  }

  /** `KEY.MAC`, by a key made from the current one: unlike what is derived, it can be checked after a rotation too. */
  mac(purpose: string, text: string): string {
    return this.macBy(this.ring.current, purpose, text);
  }

  /** Throws when the key that it was made with is no longer in the key ring. */
  checkMac(purpose: string, text: string, mac: string): boolean {
    const id = mac.slice(0, Math.max(0, mac.indexOf('.')));
    if (!id) return false;
    const [given, expected] = [Buffer.from(mac), Buffer.from(this.macBy(id, purpose, text))];
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  private macBy(id: string, purpose: string, text: string): string {
    const known = this.macKeys.get(id);
    const key =
      known ?? Buffer.from(hkdfSync('sha256', this.key(id, 'signed'), '', 'countersign signatures', 32));
    if (!known) this.macKeys.set(id, key);
    // The purpose has no line break, so that no text can pass for another purpose's.
    return `${id}.${createHmac('sha256', key).update(`${purpose}\n${text}`).digest('base64url')}`;
  }

  private key(id: string, done: 'sealed' | 'signed' = 'sealed'): Buffer {
    const key = Object.hasOwn(this.ring.keys, id) ? this.ring.keys[id] : undefined;
    if (key) return key;
    const otherwise = done === 'sealed' ? ', or start the run anew' : '';
    throw new Error(
      `A value was ${done} with the key "${id}", which the key ring no longer has. Put that key back${otherwise}.`,
    );
  }
}

function saltOf(like: Json | undefined): string | undefined {
  const digest = like && typeof like === 'object' && !Array.isArray(like) ? like.$digest : undefined;
  return typeof digest === 'string' ? digest.split('.')[0] : undefined;
}
