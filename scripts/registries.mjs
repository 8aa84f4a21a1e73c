/**
 * Writes the lists that only say which files a folder has: the actions of each connector. With --check it writes nothing,
 * and ends with 1 when a list is not current.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.mjs';

const exported = /^export const (\w+) = defineAction\(/gm;

/** Path from the root -> what should stand there. */
export function registries() {
  const folder = join(root, 'activities');
  const connectors = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'index.ts')));
  return new Map(
    connectors.map((connector) => [
      `activities/${connector}/actions.ts`,
      listOfActions(join(folder, connector)),
    ]),
  );
}

function listOfActions(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const actions = files
    .sort()
    .flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(exported)].map(([, name]) => ({ file, name })),
    );
  const imports = actions.map(({ file, name }) => `import { ${name} } from './${file}';`);
  return [
    '/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */',
    "import type { Action } from '../kit/define-action.ts';",
    ...imports,
    '',
    `export const actions: Action[] = [${actions.map(({ name }) => name).join(', ')}];`,
    '',
  ].join('\n');
}

/** Line breaks and what a formatter makes of them count for nothing. */
const words = (text) => text.replace(/[\s,]+/g, '');

export function outdated() {
  return [...registries()].filter(([path, text]) => {
    const file = join(root, path);
    return !existsSync(file) || words(readFileSync(file, 'utf8')) !== words(text);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const stale = outdated();
  if (process.argv.includes('--check')) {
    for (const [path] of stale) console.error(`${path} is not current. Run: node scripts/registries.mjs`);
    process.exitCode = stale.length > 0 ? 1 : 0;
  } else for (const [path, text] of stale) writeFileSync(join(root, path), text);
}
