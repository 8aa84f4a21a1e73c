import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../local-server.ts';
import { findBinary, pinnedVersion } from './binary.ts';
import { cacheFolder, inCache, keep, withCacheLock } from './cache.ts';
import { bySdkDownload } from './get.ts';

/** Stands in for the tool: what is tested here is finding it. provision.test.ts runs the real one. */
const fakeTemporal = (version: string) => `#!/bin/sh\necho "temporal version ${version} (Server 1.29.1)"\n`;
/** A Go that writes such a tool, and down how often it was asked. */
const fakeGo = (asked: string) =>
  `#!/bin/sh\necho "$@" >> ${asked}\nprintf '#!/bin/sh\\necho "temporal version 0.0.0-DEV"\\n' > "$GOBIN/temporal"\nchmod +x "$GOBIN/temporal"\n`;

const declared = { ...process.env };
let folder = '';
let bin = '';
const said: string[] = [];
const log = (line: string) => said.push(line);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-binary-'));
  bin = join(folder, 'bin');
  await mkdir(bin);
  said.length = 0;
  process.env.COUNTERSIGN_CACHE = join(folder, 'cache');
  process.env.COUNTERSIGN_NO_DOWNLOAD = '1';
  process.env.PATH = bin;
  // Only these tools stay: a real `temporal` or `go` must not be found.
  for (const tool of ['chmod', 'setpriv']) {
    const real = (declared.PATH ?? '')
      .split(':')
      .map((each) => join(each, tool))
      .find(existsSync);
    if (real) await symlink(real, join(bin, tool));
  }
});
afterEach(async () => {
  for (const name of [
    'COUNTERSIGN_CACHE',
    'COUNTERSIGN_NO_DOWNLOAD',
    'PATH',
    'HTTPS_PROXY',
    'XDG_CACHE_HOME',
  ])
    if (declared[name] === undefined) delete process.env[name];
    else process.env[name] = declared[name];
  await rm(folder, { recursive: true, force: true });
});

async function program(name: string, text: string): Promise<string> {
  const path = join(bin, name);
  await writeFile(path, text);
  await chmod(path, 0o755);
  return path;
}

async function cached(text = fakeTemporal('1.5.1')): Promise<string> {
  await mkdir(cacheFolder(), { recursive: true });
  return keep(await program('incoming', text));
}

describe('the cache folder', () => {
  it('is COUNTERSIGN_CACHE, else below XDG_CACHE_HOME, and names the version', () => {
    expect(cacheFolder()).toBe(join(folder, 'cache', `temporal-${pinnedVersion}`));
    delete process.env.COUNTERSIGN_CACHE;
    process.env.XDG_CACHE_HOME = '/var/cache/me';
    expect(cacheFolder()).toBe(`/var/cache/me/countersign/temporal-${pinnedVersion}`);
  });
});

describe('a `temporal` on PATH', () => {
  it.each(['1.5.1', '1.0.0', '0.0.0-DEV'])('of version %s is taken first', async (version) => {
    await cached();
    const path = await program('temporal', fakeTemporal(version));
    expect(await findBinary(log)).toEqual({ path, source: 'PATH' });
  });

  it('that is too old, or does not run, is passed over', async () => {
    await cached();
    await program('temporal', fakeTemporal('0.9.0'));
    expect((await findBinary(log)).source).toBe('cache');
    await program('temporal', '#!/bin/sh\nexit 1\n');
    expect((await findBinary(log)).source).toBe('cache');
  });

  it('is looked for in the folders after one that does not run', async () => {
    await program('temporal', '#!/bin/sh\nexit 1\n');
    const other = join(folder, 'other');
    await mkdir(other);
    await writeFile(join(other, 'temporal'), fakeTemporal('1.5.1'), { mode: 0o755 });
    process.env.PATH = `${bin}:${other}`;
    expect(await findBinary(log)).toEqual({ path: join(other, 'temporal'), source: 'PATH' });
  });
});

describe('the cached copy', () => {
  it('is used when its checksum holds', async () => {
    const path = await cached();
    expect(await findBinary(log)).toEqual({ path, source: 'cache' });
  });

  it('is thrown away when damaged, and got anew', async () => {
    const path = await cached();
    await writeFile(path, `${await readFile(path, 'utf8')}# damage\n`);
    await expect(inCache()).rejects.toThrow(/damaged and is removed \(its checksum/);
    await expect(stat(path)).rejects.toThrow();
    await program('go', fakeGo(join(folder, 'asked')));
    expect(await findBinary(log)).toEqual({ path, source: 'go install' });
    expect(await findBinary(log)).toEqual({ path, source: 'cache' });
  });

  it('is thrown away when it no longer runs on this machine', async () => {
    const path = await cached();
    const broken = '#!/nowhere/sh\n';
    await writeFile(path, broken);
    await writeFile(`${path}.sha256`, createHash('sha256').update(broken).digest('hex'));
    await expect(inCache()).rejects.toThrow(/does not run/);
    await expect(stat(path)).rejects.toThrow();
  });

  it('never becomes a program that does not run', async () => {
    await expect(cached('#!/bin/sh\nexit 1\n')).rejects.toThrow(/does not run/);
    await expect(inCache()).rejects.toThrow(/nothing in/);
  });
});

describe('the SDK’s own download', () => {
  let silent: Server | undefined;
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    silent?.close();
  });

  it('that is refused fails at once, and says why', async () => {
    delete process.env.COUNTERSIGN_NO_DOWNLOAD;
    process.env.HTTPS_PROXY = `http://127.0.0.1:${await freePort()}`;
    await expect(bySdkDownload(log)).rejects.toThrow(/^https:\/\/temporal\.download: .*[Cc]onnect/);
  });

  it('that brings nothing is given up on', async () => {
    delete process.env.COUNTERSIGN_NO_DOWNLOAD;
    const server = createServer((socket) => sockets.push(socket));
    silent = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    process.env.HTTPS_PROXY = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    await expect(bySdkDownload(log, 1_000)).rejects.toThrow('nothing arrived for 1 s');
  });

  it('leaves nothing half-done behind', async () => {
    delete process.env.COUNTERSIGN_NO_DOWNLOAD;
    process.env.HTTPS_PROXY = `http://127.0.0.1:${await freePort()}`;
    await bySdkDownload(log).catch(() => {});
    await expect(stat(join(cacheFolder(), 'download'))).rejects.toThrow();
  });
});

describe('go install', () => {
  it('builds the pinned version once, also for several that ask at once', async () => {
    const asked = join(folder, 'asked');
    await program('go', fakeGo(asked));
    const found = await Promise.all([findBinary(log), findBinary(log), findBinary(log)]);
    expect(found.map(({ source }) => source).sort()).toEqual(['cache', 'cache', 'go install']);
    expect(await readFile(asked, 'utf8')).toBe(
      `install -v github.com/temporalio/cli/cmd/temporal@v${pinnedVersion}\n`,
    );
    expect(said.join('\n')).toContain('Building a Temporal server with Go');
  });

  it('takes over the lock of a process that is gone', async () => {
    await mkdir(cacheFolder(), { recursive: true });
    await writeFile(join(cacheFolder(), 'lock'), '999999999');
    expect(await withCacheLock(log, async () => 'in')).toBe('in');
  });
});

describe('when every way fails', () => {
  it('one error lists what was tried, why each failed, and what to do', async () => {
    await program('temporal', fakeTemporal('0.9.0'));
    const message = await findBinary(log).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message.replaceAll(folder, '')).toBe(
      [
        'No Temporal server could be had. Tried, in this order:',
        '  PATH: /bin/temporal is version 0.9.0; 1.x is needed',
        `  cache: nothing in /cache/temporal-${pinnedVersion}`,
        '  SDK download: switched off by COUNTERSIGN_NO_DOWNLOAD',
        '  go install: there is no `go`',
        'What to do: install the Temporal command line tool so that `temporal` is on PATH, or install Go 1.25 or newer,',
        'or set TEMPORAL_ADDRESS to a Temporal server that is already running.',
      ].join('\n'),
    );
  });

  it('a failing build is reported in its own last words', async () => {
    await program(
      'go',
      '#!/bin/sh\necho "go: downloading" >&2\necho "no space left on device" >&2\nexit 1\n',
    );
    await expect(findBinary(log)).rejects.toThrow('go install: no space left on device');
  });

  it('a cache that cannot be written says so', async () => {
    await writeFile(join(folder, 'cache'), 'a file where a folder should be');
    await expect(findBinary(log)).rejects.toThrow(/cannot be written .*COUNTERSIGN_CACHE/);
    expect(dirname(cacheFolder())).toBe(join(folder, 'cache'));
  });
});
