/**
 * Sealed values: a temporary password, a sensitive input. They pass from step to step and through histories as a token
 * that only an action opens, at the moment it uses the value.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Json } from '../../compiler/plan.ts';

/** AES-256 keys (32 bytes each) by id. New values are sealed with `current`; the others still open older ones. */
export interface KeyRing {
  current: string;
  keys: Record<string, Buffer>;
}

const version = 'v1';
const ivBytes = 12;
const tagBytes = 16;

export class Seal {
  private readonly ring: KeyRing;
  private readonly deriving: Buffer;

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
  }

  /** A token `v1.KEYID.DATA` (base64url of iv, tag and ciphertext), different each time. */
  seal(value: Json): string {
    const id = this.ring.current;
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', this.key(id), iv).setAAD(Buffer.from(`${version}.${id}`));
    const data = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return `${version}.${id}.${Buffer.concat([iv, cipher.getAuthTag(), data]).toString('base64url')}`;
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

  /** 32 bytes (base64url) that only this key ring gives, always the same for the same purpose. */
  derive(purpose: string): string {
    return createHmac('sha256', this.deriving).update(purpose).digest('base64url');
  }

  private key(id: string): Buffer {
    const key = Object.hasOwn(this.ring.keys, id) ? this.ring.keys[id] : undefined;
    if (key) return key;
    throw new Error(
      `A value was sealed with the key "${id}", which the key ring no longer has. Put that key back, or start the run anew.`,
    );
  }
}
