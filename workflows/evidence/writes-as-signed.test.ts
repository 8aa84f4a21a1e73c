/** What an auditor computes again of a list whose items are tried again, or go on after the list was changed. */
import { describe, expect, it } from '@jest/globals';
import type { ForEachStep, Json, JsonObject } from '../../plan/plan.ts';
import type { JournalEntry } from '../journal.ts';
import { action, approve, planOf } from '../testing.ts';
import { keptPlan } from './kept-plan.ts';
import { type CheckedWrites, writesAsSigned } from './writes-as-signed.ts';

type Line = [kind: JournalEntry['kind'], step?: string, data?: JsonObject];

function findings(...of: Parameters<typeof checked>): string[] {
  return checked(...of).findings.map(({ entry, message }) => `${entry}: ${message}`);
}

function checked(steps: Parameters<typeof planOf>[0], lines: readonly Line[]): CheckedWrites {
  const plan = planOf(steps, { inputs: { list: { schema: { type: 'array' }, required: true } } });
  const journal = lines.map(([kind, step, data], seq): JournalEntry => {
    const entry: JournalEntry = { seq, at: 0, kind, data: data ?? {} };
    return step === undefined ? entry : { ...entry, step };
  });
  return writesAsSigned({ id: 'run' }, keptPlan(plan as Parameters<typeof keptPlan>[0]), journal);
}

const started = (list: Json): Line => ['run.started', undefined, { inputs: { list } }];

function each(steps: ForEachStep['steps']): ForEachStep {
  return { id: 'each', kind: 'forEach', items: 'inputs.list', as: 'name', concurrency: 1, steps };
}

describe('An item that is tried again', () => {
  const steps = [
    each([
      action('find', { effect: 'read', if: 'size(inputs.list) == 1' }),
      action('make', { with: { x: { $expr: 'default(steps.find.output.id, "none")' } } }),
    ]),
  ];
  const firstTry: Line[] = [
    started(['a']),
    ['step.started', 'each'],
    ['step.started', 'find[0]'],
    ['step.succeeded', 'find[0]', { output: { id: 'f1' } }],
    ['step.started', 'make[0]'],
    ['step.failed', 'make[0]', { type: 'PermanentFailure', message: 'no', input: { x: 'f1' } }],
    ['step.parked', 'each'],
    ['run.amended', undefined, { by: 'o', before: { list: ['a'] }, after: { list: ['a', 'b'] } }],
    ['step.started', 'each'],
    ['step.skipped', 'find[0]'],
    ['step.started', 'make[0]'],
  ];

  it('begins without what a step that is left out this time gave before', () => {
    expect(findings(steps, [...firstTry, ['step.succeeded', 'make[0]', { input: { x: 'none' } }]])).toEqual(
      [],
    );
    expect(findings(steps, [...firstTry, ['step.succeeded', 'make[0]', { input: { x: 'f1' } }]])).toEqual([
      expect.stringContaining('with something else than its plan makes'),
    ]);
  });
});

describe('An item that was begun', () => {
  const steps = [
    approve('sign', ['dana@example.com']),
    each([
      action('make', { with: { x: { $expr: 'name' } } }),
      action('tell', { with: { x: { $expr: 'name' } } }),
    ]),
  ];
  const signed = (list: Json): Line[] => [
    ['gate.opened', 'sign', { shown: { inputs: { list } } }],
    ['gate.approved', 'sign', { by: ['dana@example.com'] }],
  ];
  const emptied: Line[] = [
    ['run.amended', undefined, { by: 'o', before: { list: ['a'] }, after: { list: [] } }],
    [
      'proposal.made',
      undefined,
      { id: 1, by: 'o', changes: [{ path: 'inputs.list', before: ['a'], after: [] }] },
    ],
    ...signed(['a']),
    [
      'proposal.countersigned',
      undefined,
      { id: 1, changes: [{ path: 'inputs.list', before: ['a'], after: [] }] },
    ],
    // Asked about something else: by now they are shown the list without it.
    ...signed([]),
  ];
  const made: Line[] = [
    ['step.started', 'make[0]'],
    ['step.succeeded', 'make[0]', { input: { x: 'a' } }],
  ];
  const told: Line[] = [
    ['step.started', 'tell[0]'],
    ['step.succeeded', 'tell[0]', { input: { x: 'a' } }],
  ];
  const begun: Line[] = [started(['a']), ...signed(['a']), ['step.started', 'each']];

  it('goes on with what was signed by then, also where a list that was signed since does not have it', () => {
    expect(findings(steps, [...begun, ...made, ...emptied, ...told])).toEqual([]);
  });

  it('only after it was taken out of the list stands in none that was signed', () => {
    expect(findings(steps, [...begun, ...emptied, ...made])).toEqual([
      expect.stringContaining('a name that stands in no list that was signed'),
    ]);
  });

  it('is begun anew where its list is tried again', () => {
    const again: Line[] = [['step.parked', 'each'], ...emptied, ['step.started', 'each']];
    expect(findings(steps, [...begun, ...made, ...again, ...told])).toEqual([
      expect.stringContaining('a name that stands in no list that was signed'),
    ]);
  });
});

describe('A write of which the journal does not tell all', () => {
  it('is named, with the reason', () => {
    const make = action('make', { with: { x: { $expr: 'inputs.list[0]' } } });
    const made: Line[] = [
      ['step.started', 'make'],
      ['step.succeeded', 'make', { output: {} }],
    ];
    const by = (inputs: JsonObject, data: JsonObject) =>
      checked(
        [make],
        [
          ['run.started', undefined, inputs],
          ...made.map(([kind, step, more]): Line => [kind, step, { ...more, ...data }]),
        ],
      );
    expect(by({ inputs: { list: ['a'] } }, {}).left).toEqual([
      { what: 'make', why: 'the journal of its engine does not tell what it was called with', times: 1 },
    ]);
    expect(by({ inputs: { list: ['a'] } }, { input: { x: 'a' } })).toMatchObject({ derived: 1, left: [] });
  });
});
