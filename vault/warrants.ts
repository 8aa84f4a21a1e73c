/**
 * Warrants, signed by whoever hosts the engine's own activities and read beside every effect. The private key is needed to issue one,
 * and by no connector.
 */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { SignedWarrant, Warrant } from '../plan/warrant.ts';
import { type FindPublicKey, loadSigningKey, type SigningKey } from './commands.ts';

/** No signature over another kind of text stands for one over a warrant. */
const purpose = 'countersign warrant\n';

/** From COUNTERSIGN_WARRANT_KEY, else from the data folder, where it is made at the first start. Losing it loses nothing. */
export function loadWarrantKey(dataFolder: string): Promise<SigningKey> {
  return loadSigningKey(dataFolder, {
    given: process.env.COUNTERSIGN_WARRANT_KEY,
    name: 'warrant-key.json',
    prefix: 'w',
    of: 'warrants',
  });
}

export function signWarrant({ id, privateKey }: SigningKey, warrant: Warrant): SignedWarrant {
  const text = JSON.stringify(warrant);
  const signature = sign(null, Buffer.from(purpose + text), privateKey).toString('base64url');
  return { text, key: id, signature };
}

/** Reads warrants, and believes those alone that are signed by a listed key. */
export class WarrantSeals {
  private readonly find: FindPublicKey;
  private readonly keys = new Map<string, KeyObject>();

  constructor(find: FindPublicKey) {
    this.find = find;
  }

  /** Undefined for one that is not believed. */
  async open({ text, key, signature }: SignedWarrant): Promise<Warrant | undefined> {
    const publicKey = await this.keyOf(key);
    if (!publicKey) return undefined;
    const held = verify(null, Buffer.from(purpose + text), publicKey, Buffer.from(signature, 'base64url'));
    return held ? (JSON.parse(text) as Warrant) : undefined;
  }

  private async keyOf(id: string): Promise<KeyObject | undefined> {
    const known = this.keys.get(id);
    if (known) return known;
    const der = await this.find(id);
    if (der === undefined) return undefined;
    const key = createPublicKey({ key: Buffer.from(der, 'base64'), format: 'der', type: 'spki' });
    this.keys.set(id, key);
    return key;
  }
}
