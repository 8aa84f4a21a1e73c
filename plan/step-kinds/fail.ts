/** `fail`: ends an item of a list, or the run, as failed, since its author says so. */
import { paragraph } from '../document.ts';
import type { StepBase, Template } from '../values.ts';
import { text } from './schemas.ts';
import type { StepDescription } from './step-kind.ts';

export interface FailStep extends StepBase {
  kind: 'fail';
  reason: Template;
}

export const fail = {
  rank: 12,
  key: 'fail',
  words: 'a fail',
  required: ['fail'],
  keys: {
    fail: text(
      'Why, as people read it. Inside a forEach it ends that item alone, which counts as failed; the list goes on, however many it tolerates. Elsewhere it ends the run as failed, which is taken back.',
    ),
  },
  example: `- if: organisation.seats > 10
  fail: More seats are taken than there are.`,
  inside: [],
  flow: 'end',
  picture: 'end',
  waitsFor: () => 'nothing',
  title: () => 'It cannot be done',
  does: () => ['ends as failed'],
  sentences: (step, tell) => [paragraph('It ends here as failed: ', ...tell.value(step.reason), '.')],
} satisfies StepDescription<FailStep>;
