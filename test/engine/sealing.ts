/** Keys and registers of the engine's tests: always the same keys, and a register that survives its worker. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import type { CallRegister, RefusedCall } from '../../activities/kit/bound-call.ts';
import { Sealing } from '../../gateway/sealing.ts';
import { CommandSeals, readGatewayKey } from '../../vault/commands.ts';
import { dataConverter } from '../../vault/payloads.ts';
import type { KeyRing } from '../../vault/seal.ts';

export const testKeys: KeyRing = {
  current: 'k1',
  keys: { k1: createHash('sha256').update('test').digest() },
};

/** A key of tests alone. */
const keyFile = {
  id: 'g-test',
  privateKey: 'MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
};
export const testGatewayKey = readGatewayKey(JSON.stringify(keyFile), 'the key of the tests');

export function testSealing(): Sealing {
  return new Sealing({ key: testGatewayKey });
}

export function workersConverter(): DataConverter {
  const { id, publicKey } = testGatewayKey;
  const commands = new CommandSeals(async (asked) => (asked === id ? publicKey : undefined));
  return dataConverter(testKeys, { commands, strangers: 'mark' });
}

/** Runs named in `unbound.log` of the folder count as live before calls were bound. */
export function fileRegister(folder: string): CallRegister {
  return {
    executionOf: async (start, execution) => {
      const file = join(folder, `start-${createHash('sha256').update(start).digest('hex').slice(0, 32)}`);
      const draft = `${file}.${process.pid}`;
      writeFileSync(draft, execution);
      try {
        linkSync(draft, file);
      } catch {
        // Somebody was first.
      }
      rmSync(draft);
      return readFileSync(file, 'utf8');
    },
    mayBeUnbound: async (run) => linesOf(folder, 'unbound.log').includes(run),
    refused: async (refused) => appendFileSync(join(folder, 'refused.log'), `${JSON.stringify(refused)}\n`),
  };
}

export function refusedIn(folder: string): RefusedCall[] {
  return linesOf(folder, 'refused.log').map((line) => JSON.parse(line) as RefusedCall);
}

function linesOf(folder: string, name: string): string[] {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}
