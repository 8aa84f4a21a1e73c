/**
 * Commands to runs, signed by a gateway and opened by a worker. The private key is a gateway's own; a worker, which holds the
 * key ring, can make no command.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GivenCommand, OpenedCommand, SealedCommand } from '../plan/sealed.ts';
import { writeNewFile } from './write-new-file.ts';

/** No signature over another kind of text stands for one over a command. */
const purpose = 'countersign command\n';

export interface SigningKey {
  /** Never used again for another key. */
  id: string;
  privateKey: KeyObject;
  /** SPKI, DER, base64. */
  publicKey: string;
}

export type GatewayKey = SigningKey;

/** The public key (SPKI, DER, base64) of a key; undefined for one that nobody of us has listed. */
export type FindPublicKey = (id: string) => Promise<string | undefined>;

interface SigningKeyFile {
  id: string;
  /** PKCS #8, DER, base64. */
  privateKey: string;
}

/**
 * Reads the gateway's key from COUNTERSIGN_GATEWAY_KEY, else from the data folder, where it is made at the first start.
 * Losing it loses nothing: a new one is made and listed.
 */
export function loadGatewayKey(dataFolder: string): Promise<GatewayKey> {
  return loadSigningKey(dataFolder, {
    given: process.env.COUNTERSIGN_GATEWAY_KEY,
    name: 'gateway-key.json',
    prefix: 'g',
    of: 'gateways',
  });
}

export interface SigningKeyPlace {
  /** A file that somebody provides. */
  given: string | undefined;
  /** Of the file in the data folder, made where nothing is given. */
  name: string;
  /** Of the ids of fresh keys. */
  prefix: string;
  of: string;
}

export async function loadSigningKey(dataFolder: string, place: SigningKeyPlace): Promise<SigningKey> {
  const { given, name, prefix, of } = place;
  const file = given ?? join(dataFolder, name);
  if (!given) await writeNewFile(file, JSON.stringify(freshKeyFile(prefix), null, 2));
  return readSigningKey(await readFile(file, 'utf8'), file, of);
}

export function freshKeyFile(prefix = 'g'): SigningKeyFile {
  const { privateKey } = generateKeyPairSync('ed25519');
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
  return { id: `${prefix}-${randomBytes(6).toString('hex')}`, privateKey: der.toString('base64') };
}

export function readGatewayKey(text: string, file: string): GatewayKey {
  return readSigningKey(text, file, 'gateways');
}

export function readSigningKey(text: string, file: string, of: string): SigningKey {
  try {
    const { id, privateKey: der } = JSON.parse(text) as SigningKeyFile;
    const privateKey = createPrivateKey({
      key: Buffer.from(der, 'base64'),
      format: 'der',
      type: 'pkcs8',
    });
    if (!id || privateKey.asymmetricKeyType !== 'ed25519') throw new Error('no Ed25519 key with an id');
    const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
    return { id, privateKey, publicKey };
  } catch (cause) {
    throw new Error(
      `${file} holds no key of ${of}. Restore it, or remove it: a new one is made at the next start.`,
      { cause },
    );
  }
}

export function sealCommand({ id, privateKey }: GatewayKey, given: GivenCommand): SealedCommand {
  const text = JSON.stringify(given);
  const signature = sign(null, Buffer.from(purpose + text), privateKey).toString('base64url');
  return { $command: text, key: id, signature };
}

/** How many keys are remembered: an installation has one a gateway and a replacement now and then. */
const remembered = 100;

/** Opens commands. Without a way to find keys it opens them unchecked, which is for replays of what was accepted long ago. */
export class CommandSeals {
  private readonly find: FindPublicKey | undefined;
  private readonly keys = new Map<string, KeyObject>();

  constructor(find: FindPublicKey | undefined) {
    this.find = find;
  }

  /** Throws {@link NotSealed} when it is not believed; any other error means that the list of keys cannot be read now. */
  async open({ $command, key, signature }: SealedCommand): Promise<OpenedCommand> {
    if (typeof $command !== 'string' || typeof key !== 'string' || typeof signature !== 'string')
      throw new NotSealed('it is no signed command');
    if (this.find) {
      const publicKey = await this.keyOf(key, this.find);
      const held = verify(
        null,
        Buffer.from(purpose + $command),
        publicKey,
        Buffer.from(signature, 'base64url'),
      );
      if (!held) throw new NotSealed(`its signature is not that of the gateway key ${key}`);
    }
    return { ...(JSON.parse($command) as GivenCommand), key };
  }

  private async keyOf(id: string, find: FindPublicKey): Promise<KeyObject> {
    const known = this.keys.get(id);
    if (known) return known;
    const der = await find(id);
    if (der === undefined) throw new NotSealed(`no gateway has the key "${id.slice(0, 40)}"`);
    const key = createPublicKey({ key: Buffer.from(der, 'base64'), format: 'der', type: 'spki' });
    if (this.keys.size >= remembered) this.keys.clear();
    this.keys.set(id, key);
    return key;
  }
}

/** Why a payload is not believed. */
export class NotSealed extends Error {
  override readonly name = 'NotSealed';
}
