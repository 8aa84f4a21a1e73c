import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
// @ts-expect-error: the build is plain JavaScript.
import { preloaded } from '../scripts/build.mjs';
import { packageRoot } from '../store/package-root.ts';

/** Which of our folders each folder may import. Dependencies point one way: the way data flows, backwards. */
const allowed: Record<string, string[]> = {
  plan: [],
  compiler: ['plan', 'organisation'],
  organisation: ['plan'],
  vault: ['plan'],
  processes: ['plan'],
  workflows: ['plan', 'compiler'],
  tickets: ['plan', 'workflows', 'vault'],
  activities: ['plan', 'compiler', 'workflows', 'vault', 'organisation', 'presentation'],
  presentation: ['plan', 'compiler', 'workflows'],
  'language-server': ['plan', 'compiler'],
  // All it knows comes from `countersign lsp`.
  editor: [],
  store: ['plan', 'workflows', 'organisation'],
  // The shared small words of data alone: a stand-in knows nothing of what it stands opposite.
  sandbox: ['plan'],
  rehearsal: ['plan', 'compiler', 'workflows', 'vault', 'organisation', 'activities'],
  worker: [
    'plan',
    'compiler',
    'workflows',
    'vault',
    'organisation',
    'processes',
    'activities',
    'store',
    'rehearsal',
  ],
  gateway: [
    'plan',
    'compiler',
    'workflows',
    'vault',
    'organisation',
    'tickets',
    'processes',
    'activities',
    'presentation',
    'store',
    'rehearsal',
  ],
  cli: [
    'plan',
    'compiler',
    'workflows',
    'vault',
    'organisation',
    'tickets',
    'processes',
    'activities',
    'presentation',
    'store',
    'rehearsal',
    'worker',
    'sandbox',
    'language-server',
  ],
  // Code of the last alone, types of all: see below.
  console: ['plan', 'workflows', 'presentation'],
};

const root = packageRoot();

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts') && !name.endsWith('testing.ts'));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path = '']) =>
    relative(root, join(root, dirname(file), path)),
  );
}

/** Imports of more than types. */
function valueImportsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)'/gm)].map(([, path = '']) =>
    relative(root, join(root, dirname(file), path)),
  );
}

/** These files and all that they import, directly or not. */
function reachedFrom(files: readonly string[], imports = importsOf): string[] {
  const reached = new Set(files);
  for (const file of reached)
    for (const target of imports(file)) if (/\.tsx?$/.test(target)) reached.add(target);
  return [...reached];
}

describe('Dependencies', () => {
  it.each(Object.entries(allowed))('of %s point only where they may', (folder, may) => {
    const wrong = sources(folder).flatMap((file) =>
      importsOf(file)
        .filter((target) => ![folder, ...may].includes(target.split('/')[0] ?? ''))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('of one connector never reach another', () => {
    const wrong = sources('activities').flatMap((file) => {
      const own = file.split('/')[1] ?? '';
      return importsOf(file)
        .filter((target) => target.startsWith('activities/') && !own.endsWith('.ts'))
        .filter((target) => !['kit', own].includes(target.split('/')[1] ?? ''))
        .map((target) => `${file} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('of the console on other folders are types alone, but for nine small files that import no more than each other', () => {
    const shared = [
      'plan/defined.ts',
      'plan/error-text.ts',
      'plan/field-label.ts',
      'plan/run-name.ts',
      'plan/ticket-systems.ts',
      'presentation/gate-questions.ts',
      'presentation/journal-sentences.ts',
      'presentation/page-address.ts',
      'presentation/plain-text.ts',
    ];
    const codeOf = (file: string) => {
      const text = readFileSync(join(root, file), 'utf8');
      return [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm)].map(([, path = '']) =>
        path.startsWith('.') ? relative(root, join(root, dirname(file), path)) : path,
      );
    };
    const wrong = sources('console').flatMap((file) =>
      codeOf(file)
        .filter((target) => /^[a-z-]+\/.*\.tsx?$/.test(target) && !target.startsWith('console/'))
        .filter((target) => !shared.includes(target))
        .map((target) => `${file} imports code of ${target}`),
    );
    const heavy = shared.flatMap((file) => codeOf(file).filter((target) => !shared.includes(target)));
    expect([...wrong, ...heavy]).toEqual([]);
  });

  it('of the compiler and the engine reach no network, disk or clock', () => {
    const wrong = reachedFrom(['plan', 'compiler', 'workflows'].flatMap(sources)).flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const modules = [...text.matchAll(/from '(node:[a-z/]+)'/g)]
        .map(([, name = '']) => name)
        .filter((name) => name !== 'node:crypto')
        .map((name) => `${file} imports ${name}`);
      const clock = /\bDate\.now\(\)|\bnew Date\(\)/.test(text) && file.startsWith('organisation/');
      return [...modules, ...(clock ? [`${file} asks the clock`] : [])];
    });
    expect(wrong).toEqual([]);
  });

  it('that all runs of a worker share keep nothing of a run', () => {
    // Made while modules are read, or the same for every run, or keyed by an object that only one run has.
    const pure = [
      'plan/leaf-paths.ts: read',
      'plan/lexical.ts: timezones',
      'plan/lexical.ts: knownTimezones',
      'plan/sha256.ts: primes',
      'compiler/expressions/ast.ts: known',
      'compiler/expressions/environment.ts: environment',
      'compiler/expressions/evaluate.ts: implementations',
      'compiler/expressions/from-schema.ts: cache',
      'compiler/expressions/signatures.ts: table',
      'compiler/gates/reads.ts: known',
      'workflows/expressions.ts: current',
      'workflows/expressions.ts: former',
      'workflows/steps/remembered.ts: repeats',
      'workflows/steps/runner.ts: runners',
      'workflows/variables.ts: dataBound',
      'workflows/variables.ts: organisationRead',
    ];
    const kept =
      /^(?:export )?(?:(?:let|var) (\w+)|const (\w+)(?:: [^=]+)? = (?:new \w+(?:<.*>)?\(\)|\[\]|\{\}))/gm;
    const found = reachedFrom(preloaded as string[], valueImportsOf).flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(kept)].map(
        ([, changing, filled]) => `${file}: ${changing ?? filled}`,
      ),
    );
    expect(found.filter((each) => !pure.includes(each))).toEqual([]);
  });

  it('of the engine never reach calendars and people, whose time zone data differ between machines', () => {
    const reached = reachedFrom(sources('workflows'), valueImportsOf);
    expect(reached.filter((file) => file.startsWith('organisation/'))).toEqual([]);
  });
});
