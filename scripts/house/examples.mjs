/**
 * What an addition touches, measured from worked examples: each folder in test/house/examples holds the files of one, at the
 * paths where they would stand. They are laid over a copy of the sources, the registries are written anew, and it compiles.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registries } from '../registries.mjs';
import { folders } from './sources.mjs';

/** The kinds of addition, with how many files one may touch. Registries and schemas are written by a program and not counted. */
export const additions = [
  { name: 'an action', folder: 'action', most: 2 },
  { name: 'a step kind', folder: 'step-kind', most: 4 },
  { name: 'a configuration key', folder: 'configuration-key', most: 2 },
  { name: 'a route', folder: 'route', most: 2 },
];

const examples = (root) => join(root, 'test/house/examples');

export function filesOf(root, folder) {
  return readdirSync(join(examples(root), folder), { recursive: true })
    .map(String)
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => statSync(join(examples(root), folder, name)).isFile())
    .sort();
}

/** What reads the registries, and so must still compile. */
const readers = [
  'compiler/compile.ts',
  'compiler/schema/files.ts',
  'workflows/steps/step.ts',
  'presentation/procedure.ts',
  'presentation/svg.ts',
  'presentation/mermaid.ts',
  'cli/plan-tree.ts',
  'rehearsal/check.ts',
  'gateway/api/routes.ts',
  'activities/index.ts',
];

/** Lays all examples over a copy of the sources, but for the files that are `forgotten`. `use` gets the folder of the copy. */
export function withExamples(root, forgotten, use) {
  const copy = mkdtempSync(join(tmpdir(), 'countersign-house-'));
  try {
    for (const folder of [...folders, 'connectors', 'package.json', 'tsconfig.json'])
      cpSync(join(root, folder), join(copy, folder), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
    const laid = additions.flatMap(({ folder }) =>
      filesOf(root, folder).filter((file) => {
        if (forgotten.includes(file)) return false;
        cpSync(join(examples(root), folder, file), join(copy, file));
        return true;
      }),
    );
    for (const [path, text] of registries(copy)) writeFileSync(join(copy, path), text);
    return use(copy, laid);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** What the compiler says of the sources with all examples; nothing when they are whole. `only` asks for these files alone. */
export function mistakesWith(root, forgotten = [], only = undefined) {
  return withExamples(root, forgotten, (copy, laid) => {
    const config = { extends: './tsconfig.json', include: [], files: only ?? [...readers, ...laid] };
    writeFileSync(join(copy, 'tsconfig.house.json'), JSON.stringify(config));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    try {
      execFileSync(process.execPath, [tsc, '--noEmit', '-p', 'tsconfig.house.json'], {
        cwd: copy,
        encoding: 'utf8',
      });
      return [];
    } catch (error) {
      return String(error.stdout).trim().split('\n');
    }
  });
}
