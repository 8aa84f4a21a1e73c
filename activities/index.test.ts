import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ActionDescription } from '../plan/catalogue.ts';
import type { JsonObject, JsonSchema } from '../plan/plan.ts';
// @ts-expect-error: a script without types.
import { outdated } from '../scripts/registries.mjs';
import { packageRoot } from '../store/package-root.ts';
import { recordTypes } from './dns/wire/record-data.ts';
import { checked, programmed as connectors, descriptions as descriptionsOf } from './index.ts';
import { problemsOf } from './kit/schema-check.ts';

const all = descriptionsOf(connectors);
const actions = connectors.flatMap((connector) => connector.actions);

/** What a coordinator knows without being told. */
const known = new Set(['ID', 'SMTP', 'REST', 'API', 'URL', 'HR', 'SPE', 'RFC', 'POST', 'PDF', 'IT']);
/** Types of records, which whoever changes them names so. */
for (const type of recordTypes) known.add(type);

describe.each(all.map((description) => [description.name, description] as const))('%s', (_, description) => {
  it('is described in whole sentences, without jargon', () => {
    expect(description.title).toMatch(/^[A-Z][^.]+$/);
    for (const text of sentencesOf(description)) {
      expect(text).toMatch(/^[A-Z].*\.$/s);
      const jargon = (text.match(/\b[A-Z]{2,}\b/g) ?? []).filter((word) => !known.has(word));
      expect({ text, jargon }).toEqual({ text, jargon: [] });
      expect(text).not.toMatch(/\b(SKU|UPN|boolean|string|null|payload|endpoint|e\.g|i\.e)\b/i);
    }
  });

  it('says of every input and output what it is', () => {
    for (const schema of [description.input, description.output])
      for (const [path, property] of propertiesOf(schema))
        expect({ path, described: typeof property.description }).toEqual({ path, described: 'string' });
  });

  it('names its source, and outputs that exist where it seals them', () => {
    expect(description.source.length).toBeGreaterThan(5);
    const outputs = Object.keys((description.output.properties ?? {}) as JsonObject);
    for (const name of description.sensitive) expect(outputs).toContain(name);
  });

  it('has examples that fit its own inputs', () => {
    expect(description.examples.length).toBeGreaterThan(0);
    const action = actions.find((item) => item.name === description.name);
    if (!action) throw new Error('no action');
    for (const example of description.examples) {
      const filled = JSON.parse(JSON.stringify(example.with).replaceAll(/\$\{\{[^}]+\}\}/g, 'HR-17'));
      expect(problemsOf(action.input, filled, true)).toEqual([]);
    }
  });

  it('says what a write would do before it does it', () => {
    const action = actions.find((item) => item.name === description.name);
    if (description.effect !== 'read') expect(typeof action?.preview).toBe('function');
  });
});

describe('The connectors', () => {
  it('are refused when two actions share a name, or one is undone by an action that is not there', () => {
    const first = connectors.find(({ name }) => name === 'entra');
    if (!first) throw new Error('no connector');
    expect(() => checked([first, first])).toThrow(`Two actions are called ${first.actions[0]?.name}.`);
    const without = {
      ...first,
      actions: first.actions.filter((action) => action.name !== 'entra.deleteUser'),
    };
    expect(() => checked([without])).toThrow('names entra.deleteUser to undo it');
    expect(() => checked([{ ...first, name: 'other' }])).toThrow('does not begin with its connector');
  });

  it('describe every action as plain JSON, sorted', () => {
    expect(JSON.parse(JSON.stringify(all))).toEqual(all);
    expect(all.map((item) => item.name)).toEqual([...all.map((item) => item.name)].sort());
  });
});

function sentencesOf(description: ActionDescription): string[] {
  const properties = [description.input, description.output].flatMap((schema) => [...propertiesOf(schema)]);
  return [description.description, ...properties.map(([, property]) => String(property.description))];
}

function* propertiesOf(schema: JsonSchema, path = ''): Generator<[string, JsonSchema]> {
  for (const [name, property] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
    yield [path + name, property];
    yield* propertiesOf(property, `${path}${name}.`);
  }
}

describe('The lists of actions', () => {
  it('have every action of their folder, as `node scripts/registries.mjs` writes them', () => {
    expect((outdated() as [string, string][]).map(([path]) => path)).toEqual([]);
  });

  it('leave out no file that defines an action in another way', () => {
    const folder = join(packageRoot(), 'activities');
    const defined = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('kit'))
      .flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/\bdefineAction\(\{/g) ?? []);
    expect(defined).toHaveLength(actions.length);
  });
});
