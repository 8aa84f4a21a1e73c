/**
 * How payloads look at rest in Temporal: compressed where that helps, then encrypted. In this order: encrypted bytes do
 * not compress (measured: three times the size the other way round).
 *
 * The worker, the gateway and every tool that talks to Temporal must use the same key ring. What we did not encrypt is not
 * believed, whoever put it there: a worker hands `$unsealed` to whoever was to have it, who refuses that by name, since a
 * payload that merely failed to decode would jam its run; a client throws.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { reservedName, type SealedCommand } from '../plan/sealed.ts';
import { type CommandSeals, NotSealed } from './commands.ts';
import type { KeyRing } from './seal.ts';

const Proto = proto.temporal.api.common.v1.Payload;
const encodingKey = 'encoding';
const keyIdKey = 'countersign-key';
const gzipped = 'binary/gzip';
/** With form and key id authenticated, and with our names at the top of what we mean for one purpose alone. */
const encrypted = 'binary/aes-256-gcm-2';
/** Of before: encrypted by us, and bound to nothing. */
const encryptedBefore = 'binary/aes-256-gcm';
const json = 'json/plain';
/** Smaller payloads gain nothing from gzip's header and dictionary. */
const compressFrom = 512;
/** The engine writes one of its names first; one that stands there otherwise is refused. */
const first = /^\{"\$(command|start|call|answer)":/;
const anyName = /"\$(command|start|call|answer|opened|unsealed)":/;

export interface ConverterOptions {
  /** A worker opens the commands of gateways. */
  commands?: CommandSeals;
  /** What becomes of a payload that is not ours: handed on marked, or thrown. */
  strangers: 'mark' | 'throw';
}

/** For a client: nobody sends it commands. */
export function dataConverter(
  keys: KeyRing,
  options: ConverterOptions = { strangers: 'throw' },
): DataConverter {
  return { payloadCodecs: [new SealingCodec(keys, options)] };
}

class SealingCodec implements PayloadCodec {
  private readonly keys: KeyRing;
  private readonly options: ConverterOptions;

  constructor(keys: KeyRing, options: ConverterOptions) {
    this.keys = keys;
    this.options = options;
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => this.seal(payload));
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(payloads.map((payload) => this.open(payload)));
  }

  private seal(payload: Payload): Payload {
    refuseOthersUseOfOurNames(payload);
    const id = this.keys.current;
    const metadata = { [encodingKey]: bytes(encrypted), [keyIdKey]: bytes(id) };
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key(id), iv).setAAD(boundText(id));
    const sealed = Buffer.concat([cipher.update(Proto.encode(compressed(payload)).finish()), cipher.final()]);
    return { metadata, data: Buffer.concat([iv, cipher.getAuthTag(), sealed]) };
  }

  private async open(payload: Payload): Promise<Payload> {
    try {
      const encoding = metadataOf(payload, encodingKey);
      return await this.believed(this.decrypted(payload, encoding), encoding === encrypted);
    } catch (error) {
      if (!(error instanceof NotSealed)) throw error;
      if (this.options.strangers === 'throw')
        throw new NotSealed(`A payload from Temporal is not believed: ${error.message}.`);
      return jsonPayload({ $unsealed: error.message });
    }
  }

  private decrypted(payload: Payload, encoding: string): Payload {
    if (encoding !== encrypted && encoding !== encryptedBefore)
      throw new NotSealed('it was not encrypted by this installation');
    const data = Buffer.from(payload.data ?? new Uint8Array());
    const id = metadataOf(payload, keyIdKey);
    const key = this.key(id);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12), { authTagLength: 16 });
      if (encoding === encrypted) decipher.setAAD(boundText(id));
      decipher.setAuthTag(data.subarray(12, 28));
      return decompressed(
        Proto.decode(Buffer.concat([decipher.update(data.subarray(28)), decipher.final()])),
      );
    } catch {
      throw new NotSealed(`it was damaged or altered, or encrypted by another key than its "${id}"`);
    }
  }

  /** A payload of before, or one of somebody's values, has none of our names at its top. */
  private async believed(payload: Payload, bound: boolean): Promise<Payload> {
    const name = nameAtTop(payload);
    if (name === undefined) return payload;
    if (!bound || firstName(payload) !== name)
      throw new NotSealed(`it says "${name}", which only the engine may`);
    if (name !== '$command' || !this.options.commands) return payload;
    const command = JSON.parse(text(payload.data)) as SealedCommand;
    return jsonPayload({ $opened: await this.options.commands.open(command) });
  }

  /** Not a stranger's fault: the run waits until the key is back, and goes on. */
  private key(id: string): Buffer {
    const key = Object.hasOwn(this.keys.keys, id) ? this.keys.keys[id] : undefined;
    if (key) return key;
    throw new Error(
      `A payload was encrypted with key "${id}", which is not in the key ring. Put that key back into the ring.`,
    );
  }
}

/** What somebody's answer or a service's says must not pass for ours. */
function refuseOthersUseOfOurNames(payload: Payload): void {
  const name = nameAtTop(payload);
  if (name === undefined || firstName(payload) === name) return;
  throw new Error(
    `A payload with "${name}" at its top is the engine's own, and was written by something else.`,
  );
}

function boundText(keyId: string): Buffer {
  return Buffer.from(`countersign payload 2\n${keyId}`);
}

function compressed(payload: Payload): Payload {
  if ((payload.data?.length ?? 0) < compressFrom) return payload;
  const data = gzipSync(Proto.encode(payload).finish());
  return { metadata: { [encodingKey]: bytes(gzipped) }, data };
}

function decompressed(payload: Payload): Payload {
  if (metadataOf(payload, encodingKey) !== gzipped) return payload;
  return Proto.decode(gunzipSync(payload.data ?? new Uint8Array()));
}

/** Looked for in the text first: reading every payload as JSON a second time would cost the engine dearly. */
function nameAtTop(payload: Payload): string | undefined {
  if (!payload.data || metadataOf(payload, encodingKey) !== json) return undefined;
  const known = firstName(payload);
  if (known) return known;
  const content = text(payload.data);
  return anyName.test(content) ? reservedName(JSON.parse(content)) : undefined;
}

/** The one of the names that are written first, as the engine writes them. */
function firstName(payload: Payload): string | undefined {
  const found = first.exec(text(payload.data?.subarray(0, 32)))?.[1];
  return found && `$${found}`;
}

function jsonPayload(value: unknown): Payload {
  return { metadata: { [encodingKey]: bytes(json) }, data: bytes(JSON.stringify(value)) };
}

function metadataOf(payload: Payload, key: string): string {
  return text(payload.metadata?.[key]);
}

function bytes(value: string): Uint8Array {
  return Buffer.from(value);
}

function text(value: Uint8Array | null | undefined): string {
  return value ? Buffer.from(value).toString() : '';
}
