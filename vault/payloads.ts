/**
 * How payloads look at rest in Temporal: compressed where that helps, then encrypted. In this order: encrypted bytes do
 * not compress (measured: three times the size the other way round).
 *
 * The worker, the gateway and every tool that talks to Temporal must use the same converter and key ring.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { KeyRing } from './seal.ts';

const Proto = proto.temporal.api.common.v1.Payload;
const encodingKey = 'encoding';
const keyIdKey = 'countersign-key';
const gzipped = 'binary/gzip';
const encrypted = 'binary/aes-256-gcm';
/** Smaller payloads gain nothing from gzip's header and dictionary. */
const compressFrom = 512;

export function dataConverter(keys: KeyRing): DataConverter {
  return { payloadCodecs: [new CompressionCodec(), new EncryptionCodec(keys)] };
}

class CompressionCodec implements PayloadCodec {
  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      if ((payload.data?.length ?? 0) < compressFrom) return payload;
      const data = gzipSync(Proto.encode(payload).finish());
      return { metadata: { [encodingKey]: bytes(gzipped) }, data };
    });
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) =>
      encodingOf(payload) === gzipped ? Proto.decode(gunzipSync(payload.data ?? new Uint8Array())) : payload,
    );
  }
}

class EncryptionCodec implements PayloadCodec {
  private readonly keys: KeyRing;

  constructor(keys: KeyRing) {
    this.keys = keys;
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const id = this.keys.current;
    return payloads.map((payload) => {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', this.key(id), iv);
      const sealed = Buffer.concat([cipher.update(Proto.encode(payload).finish()), cipher.final()]);
      return {
        metadata: { [encodingKey]: bytes(encrypted), [keyIdKey]: bytes(id) },
        data: Buffer.concat([iv, cipher.getAuthTag(), sealed]),
      };
    });
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      if (encodingOf(payload) !== encrypted) return payload;
      const data = Buffer.from(payload.data ?? new Uint8Array());
      const decipher = createDecipheriv(
        'aes-256-gcm',
        this.key(text(payload.metadata?.[keyIdKey])),
        data.subarray(0, 12),
      );
      decipher.setAuthTag(data.subarray(12, 28));
      return Proto.decode(Buffer.concat([decipher.update(data.subarray(28)), decipher.final()]));
    });
  }

  private key(id: string): Buffer {
    const key = this.keys.keys[id];
    if (key) return key;
    throw new Error(
      `A payload was encrypted with key "${id}", which is not in the key ring. Put that key back into the ring.`,
    );
  }
}

function encodingOf(payload: Payload): string {
  return text(payload.metadata?.[encodingKey]);
}

function bytes(value: string): Uint8Array {
  return Buffer.from(value);
}

function text(value: Uint8Array | null | undefined): string {
  return value ? Buffer.from(value).toString() : '';
}
