import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { GivenCommand } from '../plan/sealed.ts';
import { CommandSeals, freshKeyFile, readGatewayKey, sealCommand } from './commands.ts';
import { type ConverterOptions, dataConverter } from './payloads.ts';
import type { KeyRing } from './seal.ts';

const Proto = proto.temporal.api.common.v1.Payload;
const key = (name: string) => createHash('sha256').update(name).digest();
const ring: KeyRing = { current: 'k1', keys: { k1: key('k1') } };
const rotated: KeyRing = { current: 'k2', keys: { ...ring.keys, k2: key('k2') } };

const codec = (keys: KeyRing, options?: ConverterOptions) => {
  const [only] = dataConverter(keys, options).payloadCodecs ?? [];
  if (!only) throw new Error('no codec');
  return only;
};
const gateway = readGatewayKey(JSON.stringify(freshKeyFile()), 'x');
const find = async (id: string) => (id === gateway.id ? gateway.publicKey : undefined);
const worker = (keys: KeyRing) => codec(keys, { commands: new CommandSeals(find), strangers: 'mark' });

const plain = (value: unknown) => defaultPayloadConverter.toPayload(value) as Payload;
const sealed = async (value: unknown, keys = ring) =>
  (await codec(keys).encode([plain(value)]))[0] as Payload;
const read = async (payload: Payload, reader = worker(ring)): Promise<unknown> => {
  const [opened] = await reader.decode([payload]);
  return defaultPayloadConverter.fromPayload(opened as Payload);
};

/** As payloads were before they were bound. */
function ofBefore(value: unknown): Payload {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key('k1'), iv);
  const data = Buffer.concat([cipher.update(Proto.encode(plain(value)).finish()), cipher.final()]);
  return {
    metadata: { encoding: Buffer.from('binary/aes-256-gcm'), 'countersign-key': Buffer.from('k1') },
    data: Buffer.concat([iv, cipher.getAuthTag(), data]),
  };
}

const given: GivenCommand = {
  run: 'r1',
  command: 'vote',
  person: 'kim@example.com',
  at: 1,
  number: 'n1',
  request: { step: 'gate' },
};

describe('A payload', () => {
  it('comes back as it was, small or large, also after its key was replaced', async () => {
    for (const value of [{ a: 1 }, null, 'x'.repeat(5_000), ['$opened', '{"$opened":1}']])
      expect(await read(await sealed(value), worker(rotated))).toEqual(value);
  });

  it('of before is read, and has none of our names at its top', async () => {
    expect(await read(ofBefore({ id: 'x' }))).toEqual({ id: 'x' });
    for (const name of ['$command', '$opened', '$start', '$call', '$answer', '$unsealed'])
      expect(await read(ofBefore({ [name]: {} }))).toEqual({ $unsealed: expect.any(String) });
    // Not first, where an answer of another system could have put it.
    expect(await read(ofBefore({ a: 1, $opened: given }))).toEqual({ $unsealed: expect.any(String) });
  });

  it('that we did not encrypt, or that was altered, is marked for a worker and thrown at a client', async () => {
    const good = await sealed({ a: 1 });
    const data = Buffer.from(good.data ?? []);
    data[40] = (data[40] ?? 0) ^ 1;
    const asBefore = { ...good.metadata, encoding: Buffer.from('binary/aes-256-gcm') };
    const asBound = { ...ofBefore({ a: 1 }), metadata: good.metadata ?? {} };
    for (const odd of [plain({ a: 1 }), { ...good, data }, { ...good, metadata: asBefore }, asBound]) {
      expect(await read(odd)).toEqual({ $unsealed: expect.any(String) });
      await expect(read(odd, codec(ring))).rejects.toThrow(/not believed/);
    }
  });

  it('whose key is gone waits for it, since it may well be ours', async () => {
    const { k2 } = rotated.keys;
    const lost = { current: 'k2', keys: { k2: k2 as Buffer } };
    await expect(read(await sealed({ a: 1 }), worker(lost))).rejects.toThrow(/Put that key back/);
  });

  it('that says what only a worker says is not written by anybody', async () => {
    for (const value of [{ $opened: given }, { $unsealed: 'x' }, { a: 1, $answer: 'x' }])
      await expect(sealed(value)).rejects.toThrow(/written by something else/);
  });
});

describe('A command', () => {
  it('is opened for a worker when a gateway signed it, and for nobody else', async () => {
    const payload = await sealed(sealCommand(gateway, given));
    expect(await read(payload)).toEqual({ $opened: { ...given, key: gateway.id } });
    expect(await read(payload, codec(ring))).toMatchObject({ $command: expect.any(String) });
  });

  it('is not believed by another key, nor with other words', async () => {
    const good = sealCommand(gateway, given);
    const forger = readGatewayKey(JSON.stringify(freshKeyFile()), 'x');
    const odd = [
      { ...good, $command: JSON.stringify({ ...given, person: 'lee@example.com' }) },
      sealCommand(forger, given),
      { ...sealCommand(forger, given), key: gateway.id },
      { ...good, signature: '' },
    ];
    for (const command of odd)
      expect(await read(await sealed(command))).toEqual({
        $unsealed: expect.stringMatching(/signature|no gateway has the key/),
      });
  });
});
