/** `repeat`: the same steps until something holds. */
import { paragraph } from '../document.ts';
import { durationText, lengthOf } from '../durations-and-quorums.ts';
import type { Cel, Length, StepBase, Template } from '../values.ts';
import { expression, length, object, steps } from './schemas.ts';
import type { AnyStep, StepDescription } from './step-kind.ts';

export interface RepeatStep<Inner> extends StepBase {
  kind: 'repeat';
  until: Cel;
  every: Length;
  atMost: number | Length;
  /** What it remembers from round to round: with what each begins. */
  state?: Record<string, Template>;
  steps: Inner[];
}

export const repeat = {
  rank: 8,
  key: 'repeat',
  words: 'a repeat',
  tag: 'repeats',
  required: ['repeat', 'steps'],
  keys: {
    repeat: object(
      {
        until: expression('The steps are repeated until this is true.'),
        every: length('How long to wait between two rounds.'),
        state: {
          type: 'object',
          minProperties: 1,
          description:
            'What is remembered from round to round: names, and the values with which they begin. Its steps read `state.NAME` and change it by `set`; afterwards it is `steps.ID.output.state`.',
        },
        atMost: { type: ['integer', 'string'], description: 'How many rounds, or how long in all.' },
      },
      ['until', 'every', 'atMost'],
      'Repeats its steps until something holds.',
    ),
    steps: steps('What is done in each round.'),
  },
  example: `- repeat: { until: steps.inside.output.id != "", every: 1m, atMost: 10 }
  steps:
    - id: inside
      uses: entra.getUser
      with: { user: m.roth@example.com }`,
  inside: [{ keys: ['steps'], field: 'steps' }],
  flow: 'body',
  picture: 'frame',
  waitsFor: () => 'time',
  holdsAfter: () => true,
  title: () => 'Until it is so',
  does: (step) => [`every ${durationText(step.every)} until ${step.until}`],
  sentences: (step, tell) => [
    paragraph(
      `Every ${lengthOf(step.every)}, `,
      typeof step.atMost === 'number'
        ? `at most ${step.atMost} times`
        : `for at most ${lengthOf(step.atMost)}`,
      ', until ',
      ...tell.condition(step.until),
      ':',
    ),
    tell.inside(step.steps),
  ],
} satisfies StepDescription<RepeatStep<AnyStep>>;
