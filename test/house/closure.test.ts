/** Nothing is declared that nobody reads: what is added and then forgotten somewhere fails here. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { descriptions, programmed } from '../../activities/index.ts';
import { planTree } from '../../cli/plan-tree.ts';
import { sections } from '../../compiler/configuration/sections/registry.ts';
import { analyseGates } from '../../compiler/gates/analyse.ts';
import { rules } from '../../compiler/lints/registry.ts';
import { configurationSchema } from '../../compiler/schema/configuration.ts';
import { planOf, testCatalogue } from '../../compiler/testing.ts';
import { innerLists } from '../../plan/inner-steps.ts';
import type { JsonSchema, Step, StepKind } from '../../plan/plan.ts';
import { stepKinds } from '../../plan/step-kinds/registry.ts';
import { toMarkdown } from '../../presentation/markdown.ts';
import { toMermaid } from '../../presentation/mermaid.ts';
import { procedureOf } from '../../presentation/procedure.ts';
import { toSvg } from '../../presentation/svg.ts';
// @ts-expect-error: a script without types.
import { readNamesOf } from '../../scripts/house/names.mjs';
// @ts-expect-error: a script without types.
import { parsed, sourceFiles } from '../../scripts/house/sources.mjs';
// @ts-expect-error: a script without types.
import { outdated } from '../../scripts/registries.mjs';
import { packageRoot } from '../../store/package-root.ts';
import { ticketSystem } from '../../tickets/systems.ts';

const root = packageRoot();
const kinds = Object.keys(stepKinds) as StepKind[];
const withInner = kinds.filter((kind) => stepKinds[kind].inside.length > 0);

/** The example of a kind, compiled, with a runbook for it to call. */
function exampleOf(kind: StepKind) {
  const called = 'runbook: send-welcome\non: [{ manual: { by: [role:it-managers] } }]';
  return planOf(`steps:\n${stepKinds[kind].example.replace(/^/gm, '  ')}`, [called]);
}

function everyStep(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) => [step, ...innerLists(step).flatMap((list) => everyStep(list.steps))]);
}

describe('Every list that is written by a program', () => {
  it('is current', () => {
    expect(outdated().map(([path]: [string, string]) => path)).toEqual([]);
  });
});

describe('Every kind of step', () => {
  it.each(kinds)('has an example that compiles to it: %s', (kind) => {
    // Some kinds stand inside others only.
    expect(everyStep(exampleOf(kind).steps).map((step) => step.kind)).toContain(kind);
  });

  it.each(withInner)(
    'that holds steps has them seen by gate analysis, procedure and pictures: %s',
    (kind) => {
      const written = [...stepKinds[kind].example.matchAll(/id: (inside\w*)/g)].map(([, id]) => id);
      expect(written.length).toBeGreaterThan(0);
      const plan = exampleOf(kind);
      const inside = everyStep(plan.steps).filter(({ id }) => id.startsWith('inside'));
      expect(inside.map(({ id }) => id)).toEqual(written);
      for (const step of inside) step.title = `Title of ${step.id}`;
      const titles = written.map((id) => `Title of ${id}`);
      const analysis = analyseGates(plan, () => undefined);
      expect(analysis.steps.map(({ id }) => id)).toEqual(expect.arrayContaining(written));
      const pictures = [
        toMarkdown(procedureOf(plan, testCatalogue)),
        toMermaid(plan, testCatalogue),
        toSvg(plan, testCatalogue),
        planTree({ plan, analysis, now: Date.UTC(2026, 0, 5) }),
      ];
      for (const picture of pictures) for (const title of titles) expect(picture).toContain(title);
    },
  );

  it.each(withInner)('that holds steps has its gates known inside it: %s', (kind) => {
    const plan = exampleOf(kind);
    const gate = exampleOf('approve').steps.map((step) => ({ ...step, id: 'signoff' }) as Step);
    const analysis = analyseGates({ ...plan, steps: [...gate, ...plan.steps] }, () => undefined);
    const inside = analysis.steps.filter(({ id }) => id.startsWith('inside'));
    expect(inside.map(({ gates }) => gates.map(({ id }) => id))).toEqual(inside.map(() => ['signoff']));
  });

  it('is in the histories that later engines must replay', () => {
    const folder = join(root, 'test', 'histories');
    const recorded = readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => kindsIn(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
    expect(kinds.filter((kind) => !recorded.includes(kind))).toEqual([]);
  });
});

describe('Every action', () => {
  it('is called by a test against its stand-in', () => {
    const tests = ['activities', 'test']
      .flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))),
      )
      .filter((name) => name.endsWith('.test.ts') && !name.includes('house'))
      .map((name) => readFileSync(join(root, name), 'utf8'))
      .join('\n');
    // Those that are declared as data are all tried by test/declared.test.ts.
    const uncalled = descriptions(programmed)
      .map(({ name }) => name)
      .filter((name) => !new RegExp(`['"]${name.replace('.', '\\.')}['"]`).test(tests));
    expect(uncalled).toEqual([]);
  });
});

describe('Every key of the configuration', () => {
  const readers = (sourceFiles(root) as string[]).filter(
    (file) => !/^compiler\/(configuration\/sections|schema)\//.test(file),
  );
  const read = new Set<string>(readers.flatMap((file) => readNamesOf(parsed(root, file)) as string[]));

  /** The settings of a ticket system are asked for by its name. */
  const isSystem = (key: string) => key.startsWith('tickets.') && ticketSystem(key.slice(8)) !== undefined;

  /** A rule is weighed by its name. */
  const isRule = (key: string) =>
    key.startsWith('rules.') && rules.some(({ name }) => `rules.${name}` === key);

  it('is read by somebody', () => {
    const unread = keysOf(configurationSchema).filter((key) => !read.has(key.split('.').at(-1) ?? ''));
    expect(unread.filter((key) => !isSystem(key) && !isRule(key))).toEqual([]);
  });

  it('is a section of its own', () => {
    expect(Object.keys(configurationSchema.properties as JsonSchema).sort()).toEqual(
      Object.keys(sections).sort(),
    );
  });
});

/** `roles.people`: every key that a schema names, with those around it. */
function keysOf(schema: JsonSchema, around = ''): string[] {
  const parts = [schema.items, schema.additionalProperties].filter(isSchema);
  const own = Object.entries(isSchema(schema.properties) ? schema.properties : {});
  return [
    ...own.flatMap(([key, part]) => [`${around}${key}`, ...keysOf(part as JsonSchema, `${around}${key}.`)]),
    ...parts.flatMap((part) => keysOf(part, around)),
  ];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of the steps in a history's start, whose arguments it has as base64. */
function kindsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'base64').toString('utf8');
    return [...text.matchAll(/"kind":"(\w+)"/g)].map(([, kind = '']) => kind);
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(kindsIn) : [];
}
