/** `end`: stops the run early. */
import { paragraph } from '../document.ts';
import type { StepBase, Template } from '../values.ts';
import { object, text } from './schemas.ts';
import type { StepDescription } from './step-kind.ts';

export interface EndStep extends StepBase {
  kind: 'end';
  status: 'succeeded' | 'cancelled' | 'failed';
  reason?: Template;
}

export const end = {
  rank: 11,
  key: 'end',
  words: 'an end',
  required: ['end'],
  keys: {
    end: object(
      {
        status: { enum: ['succeeded', 'cancelled', 'failed'], description: 'How the run ends.' },
        reason: text('Why, as people read it.'),
      },
      ['status'],
      'Ends the run early.',
    ),
  },
  example: `- end: { status: succeeded, reason: Nothing is left to do. }`,
  inside: [],
  flow: 'end',
  picture: 'end',
  waitsFor: () => 'nothing',
  title: () => 'The end',
  does: (step) => [`ends the run as ${step.status}`],
  sentences: (step, tell) => [
    paragraph(
      `The run ends here as ${step.status}`,
      ...(step.reason === undefined ? [] : [': ', ...tell.value(step.reason)]),
      '.',
    ),
  ],
} satisfies StepDescription<EndStep>;
