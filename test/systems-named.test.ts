/** A system that is declared as data is named in its own folder and nowhere else: adding one, or an action of it, touches nothing besides. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { packageRoot } from '../store/package-root.ts';

const root = packageRoot();
const folders = [
  ...['plan', 'compiler', 'workflows', 'activities', 'vault', 'organisation', 'tickets', 'store', 'worker'],
  ...['gateway', 'processes', 'presentation', 'console', 'rehearsal', 'sandbox', 'cli', 'language-server'],
];

/** Why a file names a system that is not its own. */
const reasons: Record<string, string> = {
  'plan/ticket-systems.ts': 'written by `npm run schemas`, from the folders',
  'plan/declared.ts': 'a query language is called by the one service that has it',
  'activities/declared/literals.ts': 'how a value is written in such a language',
  ...Object.fromEntries(
    ['client', 'index', 'release', 'reserve'].map((file) => [
      `activities/kea-config/${file}.ts`,
      'the same server where it has no hook: its whole configuration is read and set, which cannot be declared',
    ]),
  ),
  'activities/index.ts': 'lists that one',
  'compiler/schema/organisation.ts': 'whether an organisation has it is a fact that its file states',
  'cli/program.ts': 'the command that publishes names the places where procedures can go',
  'cli/publish/targets.ts': 'those places, each with what it must be told',
  'sandbox/graph/drive.ts': 'Graph itself calls properties so',
};

const declared = readdirSync(join(root, 'connectors'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !existsSync(join(root, 'activities', entry.name)))
  .map(({ name }) => name);

const sources = folders
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${String(name)}`),
  )
  .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|testing\.ts$/.test(path));

it('A system that is declared as data is named by no code but its own, unless for a reason', () => {
  expect(declared.length).toBeGreaterThan(10);
  const names = new RegExp(`\\b(${declared.join('|')})\\b`, 'i');
  // What a comment gives as an example binds nothing.
  const code = (path: string) =>
    readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '');
  const naming = sources.filter((path) => names.test(code(path)));
  expect(naming.filter((path) => !(path in reasons))).toEqual([]);
  expect(Object.keys(reasons).filter((path) => !naming.includes(path))).toEqual([]);
});
