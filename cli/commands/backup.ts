/** `backup` and `restore`: the database and the keys in one file, encrypted by a passphrase. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createGunzip, createGzip } from 'node:zlib';
import { type BackupLine, dump, load } from '../../store/backup.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import { type Options, text } from './options.ts';

const [encrypted, plain] = ['CSBK1E', 'CSBK1P'];
const magicBytes = 6;
const [saltBytes, ivBytes, tagBytes] = [16, 12, 16];
const shortestPassphrase = 12;

/** File in the data folder, and the variable that names another one. */
const keyFiles: [string, string][] = [
  ['key-ring.json', 'COUNTERSIGN_KEY_RING'],
  ['gateway-key.json', 'COUNTERSIGN_GATEWAY_KEY'],
  ['warrant-key.json', 'COUNTERSIGN_WARRANT_KEY'],
];

type Line = BackupLine | { keys: Record<string, string> };

export async function backup([file]: string[], options: Options): Promise<void> {
  if (!file) throw usage('Which file? countersign backup countersign.backup');
  const passphrase = options.withoutKeys ? undefined : passphraseOf();
  const draft = `${file}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    const sink = writer(passphrase, (bytes) => handle.writeFile(bytes));
    if (passphrase !== undefined) await sink.line({ keys: await keysIn(dataFolder(options)) });
    const rows = await dump(databaseUrl(), (line) => sink.line(line));
    await sink.end();
    await handle.sync();
    await handle.close();
    await rename(draft, file);
    const keys = passphrase === undefined ? 'without the keys, and not encrypted' : 'and the keys, encrypted';
    console.log(options.json ? JSON.stringify({ file, rows }) : `${file}: ${rows} rows, ${keys}.`);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
    throw error;
  }
}

export async function restore([file]: string[], options: Options): Promise<void> {
  if (!file || !existsSync(file)) throw usage(`There is no file ${file ?? ''}. Which backup is it?`);
  const folder = dataFolder(options);
  const lines = linesIn(await readFile(file));
  let keys: Record<string, string> | undefined;
  async function* data(): AsyncGenerator<BackupLine> {
    for await (const line of lines) {
      if ('keys' in line) {
        keys = line.keys;
        refuseOtherKeys(folder, keys);
      } else yield line;
    }
  }
  const rows = await load(databaseUrl(), data());
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(keys ?? {}))
    await writeFile(join(folder, name), content, { mode: 0o600 });
  const said = keys
    ? `and ${Object.keys(keys).length} keys into ${folder}`
    : 'without keys: put back those that it was sealed with';
  console.log(
    options.json ? JSON.stringify({ rows, keys: Object.keys(keys ?? {}) }) : `${rows} rows, ${said}.`,
  );
}

function databaseUrl(): string {
  const url = process.env.DATABASE_URL;
  if (url) return url;
  throw new Exit(exitCodes.usage, 'DATABASE_URL is missing: the database that gateway and workers use.');
}

function dataFolder(options: Options): string {
  return resolve(text(options, 'data') ?? process.env.COUNTERSIGN_DATA ?? '.countersign');
}

function passphraseOf(): string {
  const passphrase = process.env.COUNTERSIGN_BACKUP_PASSPHRASE ?? '';
  if (passphrase.length >= shortestPassphrase) return passphrase;
  throw new Exit(
    exitCodes.usage,
    `COUNTERSIGN_BACKUP_PASSPHRASE must have ${shortestPassphrase} characters or more: with it the keys are encrypted, without which nothing sealed can be read. Keep it elsewhere than the backup. Without keys: --without-keys`,
  );
}

async function keysIn(folder: string): Promise<Record<string, string>> {
  const keys: Record<string, string> = {};
  for (const [name, variable] of keyFiles) {
    const path = process.env[variable] ?? join(folder, name);
    if (existsSync(path)) keys[name] = await readFile(path, 'utf8');
  }
  if (!keys['key-ring.json'])
    throw usage(
      `There is no key ring in ${folder}. Say where the data is (--data FOLDER), or leave the keys out: --without-keys`,
    );
  return keys;
}

/** A key that is there may be the only one that opens something else. */
function refuseOtherKeys(folder: string, keys: Record<string, string>): void {
  const there = Object.keys(keys).filter((name) => existsSync(join(folder, name)));
  if (there.length > 0)
    throw usage(
      `${folder} has keys already (${there.join(', ')}). Restore into another folder (--data FOLDER), or move them away.`,
    );
}

/** Lines are compressed and then encrypted; what comes out is written as it comes. */
function writer(passphrase: string | undefined, write: (bytes: Buffer) => Promise<void>) {
  const salt = randomBytes(saltBytes);
  const iv = randomBytes(ivBytes);
  const cipher =
    passphrase === undefined ? undefined : createCipheriv('aes-256-gcm', keyOf(passphrase, salt), iv);
  const gzip = createGzip();
  const out = (async () => {
    await write(Buffer.from(cipher ? encrypted : plain));
    if (cipher) await write(Buffer.concat([salt, iv]));
    for await (const chunk of gzip) await write(cipher ? cipher.update(chunk as Buffer) : (chunk as Buffer));
    if (cipher) await write(Buffer.concat([cipher.final(), cipher.getAuthTag()]));
  })();
  return {
    async line(line: Line): Promise<void> {
      if (!gzip.write(`${JSON.stringify(line)}\n`))
        await new Promise((resolve) => gzip.once('drain', resolve));
    },
    async end(): Promise<void> {
      gzip.end();
      await out;
    },
  };
}

async function* linesIn(bytes: Buffer): AsyncGenerator<Line> {
  const gunzip = createGunzip();
  gunzip.end(opened(bytes));
  let rest = '';
  gunzip.setEncoding('utf8');
  for await (const chunk of gunzip) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) yield JSON.parse(part) as Line;
  }
}

/** Whole and unchanged, or an error. */
function opened(bytes: Buffer): Buffer {
  const magic = bytes.subarray(0, magicBytes).toString();
  if (magic === plain) return bytes.subarray(magicBytes);
  if (magic !== encrypted) throw usage('This is no backup of Countersign.');
  const from = magicBytes + saltBytes + ivBytes;
  const salt = bytes.subarray(magicBytes, magicBytes + saltBytes);
  const decipher = createDecipheriv(
    'aes-256-gcm',
    keyOf(passphraseOf(), salt),
    bytes.subarray(magicBytes + saltBytes, from),
  );
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(from, -tagBytes)), decipher.final()]);
  } catch {
    throw new Exit(
      exitCodes.problems,
      'The backup cannot be opened: COUNTERSIGN_BACKUP_PASSPHRASE is another one, or the file was changed.',
    );
  }
}

function keyOf(passphrase: string, salt: Buffer): Buffer {
  return scryptSync(passphrase, salt, 32, { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 });
}
