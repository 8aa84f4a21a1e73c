/** `steps` alone: a group; with `if` it may have `else`. */
import { paragraph } from '../document.ts';
import type { StepBase } from '../values.ts';
import { steps } from './schemas.ts';
import type { AnyStep, StepDescription } from './step-kind.ts';

export interface GroupStep<Inner> extends StepBase {
  kind: 'group';
  steps: Inner[];
  else?: Inner[];
}

export const group = {
  rank: 13,
  key: 'steps',
  words: 'a group',
  required: ['steps'],
  keys: {
    steps: steps('Steps that belong together.'),
    else: steps('What is done when `if` is false.'),
  },
  example: `- if: organisation.seats > 10
  steps:
    - id: inside1
      uses: entra.getUser
      with: { user: m.roth@example.com }
  else:
    - id: inside2
      uses: entra.getUser
      with: { user: c.kim@example.com }`,
  inside: [
    { keys: ['steps'], field: 'steps' },
    { keys: ['else'], field: 'else', token: 'else' },
  ],
  flow: 'choice',
  picture: 'frame',
  waitsFor: () => 'nothing',
  title: (step) => (step.if === undefined ? 'Together' : 'Depending on the case'),
  does: () => [],
  sentences: (step, tell) => [
    ...(step.if === undefined ? [] : [paragraph('If ', ...tell.condition(step.if), ':')]),
    tell.inside(step.steps),
    ...(step.else ? [paragraph('Otherwise:'), tell.inside(step.else, 'b')] : []),
  ],
} satisfies StepDescription<GroupStep<AnyStep>>;
