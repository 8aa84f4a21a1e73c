/** The project's own source files, parsed: what `npm run -s house` and its tests measure. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from '@babel/parser';

/** Folders whose code is shipped. */
export const folders = [
  'plan',
  'compiler',
  'workflows',
  'activities',
  'vault',
  'organisation',
  'tickets',
  'store',
  'worker',
  'gateway',
  'processes',
  'presentation',
  'console',
  'language-server',
  'editor',
  'rehearsal',
  'sandbox',
  'cli',
];

const isTest = (name) => /(\.test\.tsx?$|(^|\/)testing\.ts$|(^|\/)testing\/)/.test(name);

/** Paths relative to the root of all shipped TypeScript. */
export function sourceFiles(root) {
  return folders
    .filter((folder) => statSync(join(root, folder), { throwIfNoEntry: false }))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))),
    )
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts') && !isTest(name))
    .sort();
}

/** One file's syntax tree, with what it imports. */
export function parsed(root, file) {
  const text = readFileSync(join(root, file), 'utf8');
  const { program } = parse(text, {
    sourceType: 'module',
    sourceFilename: file,
    plugins: ['typescript', ...(file.endsWith('.tsx') ? ['jsx'] : [])],
  });
  return { file, program, imports: importsOf(root, file, program) };
}

function importsOf(root, file, program) {
  const found = [];
  const add = (source, type) => {
    if (!source.startsWith('.')) return;
    found.push({ target: relative(root, resolve(root, dirname(file), source)), type });
  };
  for (const node of program.body) {
    if (node.type === 'ImportDeclaration') {
      const types =
        node.importKind === 'type' ||
        (node.specifiers.length > 0 && node.specifiers.every((each) => each.importKind === 'type'));
      add(node.source.value, types);
    } else if (
      (node.type === 'ExportNamedDeclaration' || node.type === 'ExportAllDeclaration') &&
      node.source
    )
      add(node.source.value, node.exportKind === 'type');
  }
  return found;
}

/** Calls `visit` for a node and everything in it, parents first. */
export function walk(node, visit, parent) {
  if (!node || typeof node.type !== 'string') return;
  visit(node, parent);
  for (const key of Object.keys(node)) {
    if (key === 'loc' || key.endsWith('Comments')) continue;
    const value = node[key];
    if (Array.isArray(value)) for (const each of value) walk(each, visit, node);
    else if (value && typeof value === 'object') walk(value, visit, node);
  }
}
