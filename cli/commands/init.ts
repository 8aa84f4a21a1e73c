/** A new runbook repository. Touches nothing that is there already. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { packageRoot } from '../../store/package-root.ts';
import { Exit, exitCodes } from '../exit.ts';
import { newRepository, type Origin } from '../init/files.ts';
import type { Options } from './options.ts';

const schemas = [
  'runbook.schema.json',
  'test.schema.json',
  'configuration.schema.json',
  'organisation.schema.json',
  'connector.schema.json',
  'action.schema.json',
];

/** The repository and commit that this very program is of; undefined where it is no clone, or of no forge. */
function originOf(folder: string): Origin | undefined {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    if (resolve(git('rev-parse', '--show-toplevel')) !== resolve(folder)) return undefined;
    const repository = /[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(git('remote', 'get-url', 'origin'))?.[1];
    return repository === undefined ? undefined : { repository, commit: git('rev-parse', 'HEAD') };
  } catch {
    return undefined;
  }
}

/** The runbooks that ship, with their tests, and a configuration that names all that they name. */
function library(): Record<string, string> {
  // Runbooks with their tests and payloads, and the tables that they read.
  const files = ['runbooks', 'data'].flatMap((folder) => {
    const path = join(packageRoot(), folder);
    const names = existsSync(path) ? readdirSync(path, { recursive: true }).map(String) : [];
    return names
      .filter((name) => statSync(join(path, name)).isFile())
      .map((name) => [`${folder}/${name}`, readFileSync(join(path, name), 'utf8')]);
  });
  const beside = ['countersign.yaml', 'organisation.yaml'].map((name) => [
    name,
    readFileSync(join(packageRoot(), name), 'utf8'),
  ]);
  return Object.fromEntries([...files, ...beside]);
}

export async function init([folder = '.']: string[], options: Options): Promise<void> {
  const root = resolve(folder);
  const files = new Map(Object.entries(newRepository(basename(root), originOf(packageRoot()))));
  if (options.library) for (const [path, text] of Object.entries(library())) files.set(path, text);
  for (const name of schemas)
    files.set(`schemas/${name}`, readFileSync(join(packageRoot(), 'schemas', name), 'utf8'));
  const there = [...files.keys()].filter((path) => existsSync(join(root, path)));
  if (there.length > 0) {
    throw new Exit(
      exitCodes.problems,
      `${folder} holds ${there.join(', ')} already, and nothing was written. Choose an empty folder: countersign init runbooks-of-mine`,
    );
  }
  for (const [path, text] of files) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    // Not even a file that appears in this moment is written over.
    writeFileSync(file, text, { flag: 'wx' });
  }
  const paths = [...files.keys()];
  if (options.json) return console.log(JSON.stringify({ folder: root, files: paths }));
  const below = relative(process.cwd(), root);
  const edit = options.library ? '  edit the first lines of organisation.yaml\n' : '';
  console.log(
    `${paths.map((path) => `Wrote ${join(folder, path)}`).join('\n')}\n\nNext:\n${below ? `  cd ${below}\n` : ''}${edit}  countersign validate\n  countersign test\n  countersign plan group-access`,
  );
}
