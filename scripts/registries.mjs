/**
 * Writes the lists that only say which files a folder has: the actions of each connector, the kinds of step and what reads
 * them, the sections of a configuration, the routes of the API. With --check it writes nothing, and ends with 1 when a list is not current.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.mjs';

const exportedAction = /^export const (\w+) = defineAction\(/gm;

/** Path from the root -> what should stand there. */
export function registries(base = root) {
  const folder = join(base, 'activities');
  const connectors = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'index.ts')));
  return new Map([
    ...connectors.map((connector) => [
      `activities/${connector}/actions.ts`,
      listOfActions(filesIn(join(folder, connector))),
    ]),
    ['plan/step-kinds/registry.ts', listOfStepKinds(filesIn(join(base, 'plan/step-kinds')))],
    [
      'compiler/steps/registry.ts',
      listByKind(filesIn(join(base, 'compiler/steps')), 'Reader', './step-reading.ts', 'readers'),
    ],
    [
      'workflows/steps/registry.ts',
      listByKind(filesIn(join(base, 'workflows/steps')), 'Runner', './runner.ts', 'runnersByKind'),
    ],
    [
      'compiler/configuration/sections/registry.ts',
      listOfSections(filesIn(join(base, 'compiler/configuration/sections'))),
    ],
    ['compiler/lints/registry.ts', listOfRules(filesIn(join(base, 'compiler/lints')))],
    ['plan/ticket-systems.ts', listOfTicketSystems(join(base, 'connectors'))],
    ['gateway/api/registry.ts', listOfRoutes(filesIn(join(base, 'gateway/api')))],
  ]);
}

/** `connectors/NAME/tickets.yaml`, with the titles that people read. */
function listOfTicketSystems(folder) {
  const found = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'tickets.yaml')))
    .sort()
    .map((name) => ({
      name,
      title: /^title: (.+)$/m.exec(readFileSync(join(folder, name, 'tickets.yaml'), 'utf8'))?.[1],
    }));
  return [
    '/** Which ticket systems ship, and what people call them: written by scripts/registries.mjs, and not by hand. */',
    'export const ticketSystemTitles = {',
    ...found.map(({ name, title }) => `  ${name}: '${title}',`),
    '} as const;',
    '',
    'export const ticketSystemNames: readonly string[] = Object.keys(ticketSystemTitles);',
    '',
  ].join('\n');
}

function listOfRules(files) {
  const found = files.flatMap(({ name: file, text }) =>
    [...text.matchAll(/^export const (\w+) = rule\(/gm)].map(([, name]) => ({ file, name })),
  );
  const imports = [
    ...found.map(({ file, name }) => ({ file, text: `import { ${name} } from './${file}';` })),
    { file: 'rule.ts', text: "import type { Rule } from './rule.ts';" },
  ].sort((a, b) => (a.file < b.file ? -1 : 1));
  return [
    '/** Which rules of good habit there are: written by scripts/registries.mjs, and not by hand. */',
    ...imports.map(({ text }) => text),
    '',
    'export const rules: readonly Rule[] = [',
    ...found.map(({ name }) => `  ${name},`),
    '];',
    '',
  ].join('\n');
}

function filesIn(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'registry.ts')
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

function listOfActions(files) {
  const actions = files.flatMap(({ name: file, text }) =>
    [...text.matchAll(exportedAction)].map(([, name]) => ({ file, name })),
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

/** The form of a kind's step, and its description: `export interface WaitStep`, `export const wait = {`. */
function listOfStepKinds(files) {
  const kinds = files.flatMap(({ name, text }) => {
    const [, type, generic] = /^export interface (\w+Step)(<Inner>)? extends/m.exec(text) ?? [];
    const value = /^export const (\w+) = \{$/m.exec(text)?.[1];
    return type && value ? [{ name, type, value, holdsSteps: generic !== undefined }] : [];
  });
  const plain = kinds.filter(({ holdsSteps }) => !holdsSteps).map(({ type }) => type);
  return [
    '/** Which kinds of step there are: written by scripts/registries.mjs, and not by hand. */',
    ...kinds.map(({ name, type, value, holdsSteps }) =>
      holdsSteps
        ? `import { type ${type} as ${type}Of, ${value} } from './${name}';`
        : `import { type ${type}, ${value} } from './${name}';`,
    ),
    '',
    `export type { ${plain.join(', ')} };`,
    ...kinds
      .filter(({ holdsSteps }) => holdsSteps)
      .map(({ type }) => `export type ${type} = ${type}Of<Step>;`),
    '',
    'export type Step =',
    ...kinds.map(({ type }, index) => `  | ${type}${index === kinds.length - 1 ? ';' : ''}`),
    "export type StepKind = Step['kind'];",
    '',
    '/** The description of every kind of step. */',
    'export const stepKinds = {',
    ...kinds.map(({ value }) => `  ${value},`),
    '};',
    '',
  ].join('\n');
}

/** What does one kind's part: `export const readWait: Reader<'wait'> = …`. */
function listByKind(files, type, from, list) {
  const found = files.flatMap(({ name, text }) => {
    const [, value, kind] = new RegExp(`^export const (\\w+): ${type}<'(\\w+)'>`, 'm').exec(text) ?? [];
    return value ? [{ value, kind, path: `./${name}` }] : [];
  });
  const imports = [
    ...found.map(({ path, value }) => ({ path, line: `import { ${value} } from '${path}';` })),
    { path: from, line: `import type { ${type} } from '${from}';` },
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  return [
    '/** What takes each kind of step: written by scripts/registries.mjs, and not by hand. */',
    "import type { StepKind } from '../../plan/plan.ts';",
    ...imports.map(({ line }) => line),
    '',
    `export const ${list}: { [K in StepKind]: ${type}<K> } = {`,
    ...found.map(({ kind, value }) => `  ${kind}: ${value},`),
    '};',
    '',
  ].join('\n');
}

/** `export const roles = {`: a section under the key of that name. */
function listOfSections(files) {
  const found = files.flatMap(({ name, text }) => {
    const key = /^export const (\w+) = \{$/m.exec(text)?.[1];
    return key ? [{ name, key }] : [];
  });
  return [
    '/** Which sections a configuration has: written by scripts/registries.mjs, and not by hand. */',
    ...found.map(({ name, key }) => `import { ${key} } from './${name}';`),
    '',
    'export const sections = {',
    ...found.map(({ key }) => `  ${key},`),
    '};',
    '',
  ].join('\n');
}

/** `export const runRoutes: Routes = {`. */
function listOfRoutes(files) {
  const found = files.flatMap(({ name, text }) => {
    const names = [...text.matchAll(/^export const (\w+): Routes = \{$/gm)].map(([, each]) => each).sort();
    return names.length > 0 ? [{ path: `./${name}`, names }] : [];
  });
  const imports = [
    ...found.map(({ path, names }) => ({ path, line: `import { ${names.join(', ')} } from '${path}';` })),
    { path: './request.ts', line: "import type { Routes } from './request.ts';" },
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  return [
    '/** Which routes the API has: written by scripts/registries.mjs, and not by hand. */',
    ...imports.map(({ line }) => line),
    '',
    `export const registry: Routes[] = [${found.flatMap(({ names }) => names).join(', ')}];`,
    '',
  ].join('\n');
}

/** Line breaks and what a formatter makes of them count for nothing. */
const words = (text) => text.replace(/[\s,]+/g, '');

export function outdated(base = root) {
  return [...registries(base)].filter(([path, text]) => {
    const file = join(base, path);
    return !existsSync(file) || words(readFileSync(file, 'utf8')) !== words(text);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const stale = outdated();
  if (process.argv.includes('--check')) {
    for (const [path] of stale) console.error(`${path} is not current. Run: npm run registries`);
    process.exitCode = stale.length > 0 ? 1 : 0;
  } else for (const [path, text] of stale) writeFileSync(join(root, path), text);
}
