import { describe, expect, it } from '@jest/globals';
import { type TObject, Type } from 'typebox';
import { Caller } from '../activities/kit/call.ts';
import { defineAction, describeAction } from '../activities/kit/define-action.ts';
import { defineConnector } from '../activities/kit/define-connector.ts';
import { testClient, testServices } from '../activities/kit/testing.ts';
import { compile } from '../compiler/compile.ts';
import { completeExample } from '../compiler/diagnostics/registry.ts';
import { catalogueOf } from './catalogue.ts';
import type { Json } from './plan.ts';

const person = Type.Object({
  id: Type.String(),
  name: Type.String(),
  manager: Type.Optional(Type.Object({ id: Type.String(), mail: Type.String() })),
  about: Type.String(),
});
const list = defineAction({
  name: 'test.list',
  title: 'List',
  description: 'Lists people.',
  effect: 'read',
  source: 'None',
  input: Type.Object({ group: Type.String() }, { additionalProperties: false }),
  output: Type.Object({ people: Type.Array(person), count: Type.Integer() }),
  examples: [],
  run: async (input: { group: string }) => {
    if (Object.keys(input).length !== 1) throw new Error('it sees what is picked');
    const people = Array.from({ length: 400 }, (_, index) => ({
      id: `${index}`,
      name: `Person ${index}`,
      manager: { id: 'm', mail: 'dana@example.com' },
      about: 'x'.repeat(1_000),
    }));
    return { people, count: people.length };
  },
});
const description = describeAction(list as never);

const steps = (pick: string, expression: string) =>
  completeExample(
    `steps:\n  - { id: list, uses: test.list, with: { group: Finance, ${pick} } }\n  - { task: { to: role:it-managers, instructions: '\${{ ${expression} }}' } }`,
  );

function problems(pick: string, expression: string): string[] {
  const files = [{ path: 'example.yaml', text: steps(pick, expression) }];
  return compile({ files, catalogue: catalogueOf([description]) }).diagnostics.map(
    ({ code, message, suggestion }) => `${code} ${message}${suggestion ? ` [${suggestion}]` : ''}`,
  );
}

describe('`pick` of an action that lists', () => {
  it('types what the step gives: a field that is not picked is not there', () => {
    const pick = 'pick: [name, manager.mail]';
    expect(
      problems(pick, 'join(steps.list.output.people.map(p, p.name + p.manager.mail.orValue("")))'),
    ).toEqual([]);
    expect(problems(pick, 'join(steps.list.output.people.map(p, p.about))')).toEqual([
      'CS1305 `p` has no `about`. It has `name` or `manager`.',
    ]);
  });

  it('names fields that there are, and is no expression', () => {
    expect(problems('pick: [nmae]', 'string(steps.list.output.count)').join()).toMatch(/"nmae".*\[name\]$/);
    expect(problems('pick: ["${{ run.id }}"]', 'string(steps.list.output.count)').join()).toContain('CS15');
  });

  it('keeps those fields alone, so that a list that is too large for a run fits', async () => {
    const connector = defineConnector({
      name: 'test',
      title: 'The test system',
      settings: Type.Object({}) as TObject,
      sameSystem: [],
      connect: testClient,
      actions: [list],
    });
    const caller = new Caller(connector, testServices({ test: {} }));
    const call = { run: 'r', runbook: 'report', step: 'list' };
    const attempt = { signal: new AbortController().signal, timeoutMs: 5_000 };
    const called = (input: Json) => caller.run(list as never, input, call, attempt);
    await expect(called({ group: 'Finance' })).rejects.toThrow('`pick` says which fields');
    const { output } = await called({ group: 'Finance', pick: ['name', 'manager.mail'] });
    expect((output as { people: Json[] }).people[7]).toEqual({
      name: 'Person 7',
      manager: { mail: 'dana@example.com' },
    });
    await expect(called({ group: 'Finance', pik: ['name'] })).rejects.toThrow('does not fit');
  });

  it('is offered by every action that lists objects, and by none that writes', () => {
    expect(description.input.properties).toHaveProperty('pick');
    expect(describeAction({ ...list, effect: 'write' } as never).input.properties).not.toHaveProperty('pick');
  });
});
