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
const formKey = 'countersign-form';
const kindKey = 'countersign-kind';
const gzipped = 'binary/gzip';
const encrypted = 'binary/aes-256-gcm';
const json = 'json/plain';
/** With the key's id and the kind authenticated. Without a form it is one of before: encrypted by us, and bound to nothing. */
const form = '2';
/** Smaller payloads gain nothing from gzip's header and dictionary. */
const compressFrom = 512;
/** By the first name in it, which is ours alone to write. */
const kindForm = /^\{"\$(command|start|call|answer)":/;
const anyName = /"\$(command|start|call|answer|opened|unsealed)":/;
/** Only a worker says these, and only to a workflow of its own. */
const workersOwn = new Set(['$opened', '$unsealed']);

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
    const kind = kindOf(payload);
    const id = this.keys.current;
    const metadata = {
      [encodingKey]: bytes(encrypted),
      [keyIdKey]: bytes(id),
      [formKey]: bytes(form),
      [kindKey]: bytes(kind),
    };
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key(id), iv).setAAD(boundText(id, kind));
    const sealed = Buffer.concat([cipher.update(Proto.encode(compressed(payload)).finish()), cipher.final()]);
    return { metadata, data: Buffer.concat([iv, cipher.getAuthTag(), sealed]) };
  }

  private async open(payload: Payload): Promise<Payload> {
    try {
      const opened = this.decrypted(payload);
      const kind = formOf(payload) === form ? metadataOf(payload, kindKey) : undefined;
      return await this.believed(opened, kind);
    } catch (error) {
      if (!(error instanceof NotSealed)) throw error;
      if (this.options.strangers === 'throw')
        throw new NotSealed(`A payload from Temporal is not believed: ${error.message}.`);
      return jsonPayload({ $unsealed: error.message });
    }
  }

  private decrypted(payload: Payload): Payload {
    if (metadataOf(payload, encodingKey) !== encrypted)
      throw new NotSealed('it was not encrypted by this installation');
    const data = Buffer.from(payload.data ?? new Uint8Array());
    const id = metadataOf(payload, keyIdKey);
    const key = this.key(id);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12), { authTagLength: 16 });
      if (formOf(payload) !== '') decipher.setAAD(boundText(id, metadataOf(payload, kindKey)));
      decipher.setAuthTag(data.subarray(12, 28));
      return decompressed(
        Proto.decode(Buffer.concat([decipher.update(data.subarray(28)), decipher.final()])),
      );
    } catch {
      throw new NotSealed(`it was damaged or altered, or encrypted by another key than its "${id}"`);
    }
  }

  /** `kind` is undefined for a payload of the form of before, which cannot have one of our names at its top. */
  private async believed(payload: Payload, kind: string | undefined): Promise<Payload> {
    const name = nameAtTop(payload);
    if (name === undefined) return payload;
    if (kind === undefined || workersOwn.has(name))
      throw new NotSealed(`it says "${name}", which only a worker may`);
    if (kind !== name.slice(1)) throw new NotSealed(`it says "${name}" and was sealed as ${kind}`);
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

/** Refuses to write what only a worker says to its own workflow. */
function kindOf(payload: Payload): string {
  const name = nameAtTop(payload);
  if (name === undefined) return 'value';
  const kind = kindForm.exec(text(payload.data?.subarray(0, 32)))?.[1];
  if (kind) return kind;
  throw new Error(
    `A payload with "${name}" at its top is the engine's own, and was written by something else.`,
  );
}

function boundText(keyId: string, kind: string): Buffer {
  return Buffer.from(`countersign payload\n${form}\n${keyId}\n${kind}`);
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
  const data = payload.data;
  if (!data || metadataOf(payload, encodingKey) !== json) return undefined;
  const first = kindForm.exec(text(data.subarray(0, 32)))?.[1];
  if (first) return `$${first}`;
  const content = text(data);
  return anyName.test(content) ? reservedName(JSON.parse(content)) : undefined;
}

function jsonPayload(value: unknown): Payload {
  return { metadata: { [encodingKey]: bytes(json) }, data: bytes(JSON.stringify(value)) };
}

function formOf(payload: Payload): string {
  return metadataOf(payload, formKey);
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
