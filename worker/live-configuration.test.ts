import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfiguration } from '../activities/kit/configured-services.ts';
import { LiveConfiguration } from './live-configuration.ts';

describe('The worker’s configuration', () => {
  let folder: string;
  let path: string;
  let stamp = 1_700_000_000;
  const write = async (people: string) => {
    await writeFile(path, `roles:\n  board: { people: ${people} }\n`);
    stamp += 10;
    await utimes(path, stamp, stamp);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-live-'));
    path = join(folder, 'countersign.yaml');
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is what the file says now, and stays what it was while the file has mistakes', async () => {
    await write('[a@example.com]');
    const log: string[] = [];
    const live = new LiveConfiguration(path, await readConfiguration(path), {
      read: readConfiguration,
      log: (line) => void log.push(line),
    });
    await live.look();
    await write('[a@example.com, b@example.com]');
    await live.look();
    expect(live.roles().board?.people).toEqual(['a@example.com', 'b@example.com']);
    await write('17');
    await live.look();
    await live.look();
    expect(live.roles().board?.people).toEqual(['a@example.com', 'b@example.com']);
    expect(log).toHaveLength(1);
    expect(log[0]).toContain('goes on with the configuration that it had');
    live.stop();
  });

  it('says once which of its parts take effect when the worker starts anew, and `formerly` is none of them', async () => {
    const set = async (more: string) => {
      await writeFile(path, `roles: { board: { people: [a@example.com] } }\n${more}`);
      stamp += 10;
      await utimes(path, stamp, stamp);
    };
    const mail = (host: string, more = '') =>
      `connectors: { mail: { host: ${host}, from: it@example.com${more} } }\n`;
    await set(mail('one.example.com'));
    const log: string[] = [];
    const live = new LiveConfiguration(path, await readConfiguration(path), {
      read: readConfiguration,
      log: (line) => void log.push(line),
    });
    await live.look();
    await set(mail('one.example.com', ', formerly: [{ host: old.example.com }]'));
    await live.look();
    expect(log).toEqual([]);
    await set(`${mail('two.example.com')}outbound: { allow: [api.example.com] }\n`);
    await live.look();
    await set(`${mail('two.example.com')}outbound: { allow: [api.example.com, other.example.com] }\n`);
    await live.look();
    expect(log).toEqual([expect.stringMatching(/^connectors:, outbound: changed .* start it anew/)]);
    live.stop();
  });
});
