/** `window`: waits for a change window and does its steps in it. */
import { paragraph } from '../document.ts';
import { durationText, lengthOf } from '../durations-and-quorums.ts';
import type { Duration, StepBase } from '../values.ts';
import { duration, object, steps, text } from './schemas.ts';
import type { AnyStep, StepDescription } from './step-kind.ts';

export interface WindowStep<Inner> extends StepBase {
  kind: 'window';
  calendar: string;
  freeze: string[];
  needs?: Duration;
  overrun: 'undo' | 'finish' | 'park';
  steps: Inner[];
}

const overruns = {
  undo: 'When the window ends before this is done, it is taken back.',
  finish: 'When the window ends before this is done, it is finished all the same.',
  park: 'When the window ends before this is done, it stops and its owner is told.',
};

export const window = {
  rank: 5,
  key: 'window',
  words: 'a window',
  tag: 'window',
  required: ['window'],
  keys: {
    window: object(
      {
        calendar: text('A calendar from countersign.yaml whose windows count.'),
        freeze: {
          type: 'array',
          items: { type: 'string' },
          description: 'Calendars during which nothing may run.',
        },
        needs: duration('Enters a window only with this much of it left.'),
        overrun: {
          enum: ['undo', 'finish', 'park'],
          description: 'When the window closes before the steps are done.',
        },
        steps: steps('What is done in the window.'),
      },
      ['calendar', 'steps'],
      'Waits for a change window and does its steps in it.',
    ),
  },
  example: `- window:
    calendar: prod-maintenance
    steps:
      - id: inside
        uses: entra.getUser
        with: { user: m.roth@example.com }`,
  inside: [{ keys: ['window', 'steps'], field: 'steps' }],
  flow: 'body',
  picture: 'frame',
  waitsFor: () => 'window',
  // What the end of the window cuts off and takes back may not have been signed.
  holdsAfter: (step) => step.overrun !== 'undo',
  title: () => 'In a window',
  does: (step) => [
    `in a window of ${step.calendar}${step.needs ? ` with ${durationText(step.needs)} left` : ''}`,
  ],
  sentences: (step, tell) => [
    paragraph(
      `Wait for the next window of the calendar ${step.calendar}`,
      step.freeze.length > 0 ? `, outside the freeze ${step.freeze.join(', ')}` : '',
      step.needs ? `, with at least ${lengthOf(step.needs)} left` : '',
      '. Then:',
    ),
    tell.inside(step.steps),
    paragraph(overruns[step.overrun]),
  ],
} satisfies StepDescription<WindowStep<AnyStep>>;
