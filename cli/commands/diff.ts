/** What a change of runbooks means: weaker gates first. Exit code 1 when a gate got weaker. */
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import colors from 'picocolors';
import type { CompileResult } from '../../compiler/compile.ts';
import type { Change } from '../../compiler/diff/changes.ts';
import { compare, type State } from '../../compiler/diff/compare.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import { compileProject, isRunbookFile, type Project, readProject } from '../project.ts';
import type { Options } from './options.ts';

export async function diff([base = '', head]: string[], options: Options): Promise<void> {
  const [before, after] = [projectAt(base), projectAt(head)];
  const [old, now] = [before, after].map((project) => stateOf(project, compileProject(project)));
  if (!old || !now) return;
  const changes = compare(old, now);
  const weaker = changes.filter(({ about }) => about === 'gate');
  if (options.json)
    console.log(
      JSON.stringify(
        { weaker: weaker.length > 0, changes, broken: { base: old.broken, head: now.broken } },
        null,
        2,
      ),
    );
  else process.stdout.write(diffText(changes, old, now, { base, head: head ?? 'the files here' }));
  if (now.broken.length > 0 || weaker.length > 0) throw new Exit(exitCodes.problems, '');
}

const sections: [Change['about'], string][] = [
  ['gate', 'Weaker gates'],
  ['start', 'What starts it'],
  ['step', 'Steps'],
  ['other', 'Else'],
];

function diffText(changes: Change[], old: State, now: State, names: { base: string; head: string }): string {
  const lines: string[] = [];
  const cannot = (broken: readonly string[], where: string) =>
    lines.push(
      `${broken.join(', ')} ${broken.length === 1 ? 'has' : 'have'} errors in ${where} and could not be compared.`,
      '',
    );
  if (now.broken.length > 0) cannot(now.broken, names.head);
  if (old.broken.length > 0) cannot(old.broken, names.base);
  for (const [about, title] of sections) {
    const own = changes.filter((change) => change.about === about);
    if (own.length === 0) continue;
    lines.push(about === 'gate' ? colors.red(colors.bold(title)) : colors.bold(title));
    for (const { runbook, text } of own) lines.push(`  ${runbook}: ${text}`);
    lines.push('');
  }
  if (changes.length === 0) lines.push('Nothing changes in what the runbooks do.', '');
  else if (!changes.some(({ about }) => about === 'gate')) lines.push('No gate got weaker.', '');
  return lines.join('\n');
}

function stateOf(project: Project, { plans, configuration, diagnostics }: CompileResult): State {
  const bad = new Set(diagnostics.filter(({ severity }) => severity === 'error').map(({ file }) => file));
  const broken = project.files
    .filter(({ path }) => bad.has(path))
    .map(({ path, text }) => /^runbook:\s*["']?([^"'\s#]+)/m.exec(text)?.[1] ?? path);
  const unread = project.configuration && bad.has(project.configuration.path) ? ['countersign.yaml'] : [];
  return { plans, configuration, broken: [...unread, ...broken] };
}

/** A folder, a git revision, or (without a name) the files here. */
function projectAt(place: string | undefined): Project {
  if (place === undefined) return readProject([], undefined);
  if (existsSync(place) && statSync(place).isDirectory()) return folderProject(place);
  return revisionProject(place);
}

function folderProject(folder: string): Project {
  const inner = join(folder, 'runbooks');
  const configuration = join(folder, 'countersign.yaml');
  const { files } = readProject([existsSync(inner) ? inner : folder], undefined);
  const own = existsSync(configuration) ? readProject([folder], configuration).configuration : undefined;
  return { files: files.filter(({ path }) => !path.endsWith('countersign.yaml')), configuration: own };
}

function revisionProject(revision: string): Project {
  if (revision.startsWith('-')) throw usage(`"${revision}" is no git revision.`);
  try {
    git('rev-parse', '--verify', '--quiet', `${revision}^{commit}`);
  } catch {
    throw usage(`There is no folder and no git revision "${revision}" here.`);
  }
  const names = git('ls-tree', '-r', '-z', '--name-only', revision, '--', 'runbooks', 'countersign.yaml')
    .split('\0')
    .filter((name) => name !== '');
  // A path from here is found from here, also below the top of the repository.
  const source = (path: string) => ({ path, text: git('show', `${revision}:./${path}`) });
  return {
    files: names.filter((name) => name !== 'countersign.yaml' && isRunbookFile(name)).map(source),
    configuration: names.includes('countersign.yaml') ? source('countersign.yaml') : undefined,
    read: (path, encoding) => readAt(revision, path, encoding),
  };
}

/** A file beside the configuration as it was; one that is a link has the path as its text, and is then no table. */
function readAt(revision: string, path: string, encoding: 'utf8' | 'base64' = 'utf8'): string {
  const plain = path.replace(/^\.\//, '');
  if (plain.startsWith('/') || plain.split('/').includes('..'))
    throw new Error(`${path} is not in the repository`);
  if (git('ls-tree', '--name-only', revision, '--', `./${plain}`).trim() === '')
    throw Object.assign(new Error(`there is no file ${path} in ${revision}`), { code: 'ENOENT' });
  return gitBytes('show', `${revision}:./${plain}`).toString(encoding);
}

function git(...args: string[]): string {
  return gitBytes(...args).toString('utf8');
}

function gitBytes(...args: string[]): Buffer {
  try {
    return execFileSync('git', args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Exit(exitCodes.unreachable, 'git is not installed; give two folders instead.');
    throw error;
  }
}
