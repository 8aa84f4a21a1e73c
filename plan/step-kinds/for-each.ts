/** `forEach`: the same steps for every item of a list. */
import { paragraph } from '../document.ts';
import { spaced } from '../durations-and-quorums.ts';
import type { Cel, StepBase } from '../values.ts';
import { steps, text } from './schemas.ts';
import type { AnyStep, StepDescription } from './step-kind.ts';

export interface ForEachStep<Inner> extends StepBase {
  kind: 'forEach';
  items: Cel;
  as: string;
  concurrency: number;
  /** How many items may fail: a count, or a fraction of all of them from 0 to 1. */
  tolerate?: { count: number } | { fraction: number };
  /** What an item did is taken back when it fails, and the list goes on. */
  onItemError?: 'undo';
  /** More items than these are not begun: nobody who signed has seen how many there are. */
  upTo?: number;
  /** How many items' outputs the step's own output collects; without it, none. */
  collect?: number;
  /** They are collected in the order of the list; in older plans, as their items were done. */
  inOrder?: true;
  steps: Inner[];
}

export const forEach = {
  rank: 7,
  key: 'forEach',
  words: 'a forEach',
  tag: 'for each',
  required: ['forEach', 'as', 'steps'],
  keys: {
    forEach: {
      type: ['string', 'array'],
      description: 'The items: an expression that gives a list, or a list.',
    },
    as: text('Name of the item in the expressions of its steps.'),
    concurrency: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      description: 'How many items at the same time; one, unless said.',
    },
    tolerate: {
      type: ['integer', 'string'],
      description:
        'How many items may fail: a number or a share such as 5%. Those that fail on purpose (`fail`) are not counted. None, unless said; any number with `onItemError: undo`.',
    },
    onItemError: {
      enum: ['undo'],
      description: 'What an item did is taken back when it fails, and the list goes on.',
    },
    upTo: {
      type: 'integer',
      minimum: 1,
      description: 'With more items than these none is begun, and the step waits for a person.',
    },
    collect: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      description: "How many items' outputs are kept for later steps, in the order of the list.",
    },
    steps: steps('What is done for each item.'),
  },
  example: `- forEach: [m.roth@example.com, c.kim@example.com]
  as: person
  steps:
    - id: inside
      uses: entra.getUser
      with: { user: "\${{ person }}" }`,
  inside: [{ keys: ['steps'], field: 'steps' }],
  flow: 'body',
  picture: 'frame',
  waitsFor: () => 'nothing',
  // What is signed for one item holds for that item alone.
  holdsAfter: () => false,
  title: (step) => `For each ${spaced(step.as)}`,
  does: (step) => [
    `for each ${step.as} of ${step.items}, ${step.concurrency === 1 ? 'one by one' : `${step.concurrency} at once`}`,
  ],
  sentences: (step, tell) => [
    paragraph(
      'For each ',
      { quiet: spaced(step.as) },
      ' of ',
      ...tell.expression(step.items),
      step.concurrency > 1 ? `, up to ${step.concurrency} at once` : '',
      step.upTo === undefined ? '' : `, if there are at most ${step.upTo}`,
      ':',
    ),
    tell.inside(step.steps),
    ...(step.onItemError
      ? [
          paragraph(
            'When it fails for one of them, what was done for that one is taken back, and the others go on.',
          ),
        ]
      : []),
    ...(step.tolerate ? [paragraph(`At most ${shareText(step.tolerate)} of them may fail.`)] : []),
  ],
} satisfies StepDescription<ForEachStep<AnyStep>>;

function shareText(tolerate: { count: number } | { fraction: number }): string {
  return 'count' in tolerate ? String(tolerate.count) : `${Math.round(tolerate.fraction * 100)}%`;
}
