/** `set`: gives what a repeat remembers from round to round another value. */
import { list, paragraph } from '../document.ts';
import { spaced } from '../durations-and-quorums.ts';
import type { StepBase, Template } from '../values.ts';
import type { StepDescription } from './step-kind.ts';

export interface SetStep extends StepBase {
  kind: 'set';
  values: Record<string, Template>;
}

export const set = {
  rank: 9,
  key: 'set',
  words: 'a set',
  required: ['set'],
  keys: {
    set: {
      type: 'object',
      minProperties: 1,
      description:
        'In the steps of a repeat with `state`: names of it, and the values that they have from here on, also in later rounds.',
    },
  },
  example: `- repeat: { state: { asked: 0 }, until: state.asked > 3, every: 1d, atMost: 10 }
  steps:
    - id: inside
      set: { asked: "\${{ state.asked + 1 }}" }`,
  inside: [],
  flow: 'work',
  picture: 'work',
  waitsFor: () => 'nothing',
  title: () => 'Remember for the next round',
  does: (step) => [`sets ${Object.keys(step.values).join(', ')}`],
  sentences: (step, tell) => [
    paragraph('From here on, this holds:'),
    list(
      Object.entries(step.values).map(([name, value]) => [
        paragraph(`${spaced(name)}: `, ...tell.value(value)),
      ]),
    ),
  ],
} satisfies StepDescription<SetStep>;
