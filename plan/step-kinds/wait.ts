/** `wait`: for a length of time, until a moment, or for an event. */
import { code, paragraph } from '../document.ts';
import { durationText, lengthOf, templateText } from '../durations-and-quorums.ts';
import type { Duration, StepBase, Template } from '../values.ts';
import { duration, object, text } from './schemas.ts';
import type { StepDescription } from './step-kind.ts';

export interface WaitStep extends StepBase {
  kind: 'wait';
  for?: Duration;
  until?: Template;
  event?: { name: string; key: Template };
  within?: Duration;
  onExpiry?: 'continue';
}

export const wait = {
  rank: 4,
  key: 'wait',
  words: 'a wait',
  wordsWithoutOutput: 'a wait for a time',
  tag: 'wait',
  required: ['wait'],
  keys: {
    wait: object(
      {
        for: duration('How long to wait.'),
        until: text(
          'A date (2026-01-31) or time (2026-01-31T09:00) to wait for, in the time zone of the organisation or of its own: 2026-01-31T09:00[Europe/Lisbon].',
        ),
        event: text('Name of an event to wait for, such as order.shipped.'),
        key: text('Which of these events: the run wakes for the one with this key.'),
        within: duration('How long to wait for the event.'),
        onExpiry: { enum: ['park', 'continue'], description: 'What happens when the time has passed.' },
      },
      [],
      'Waits for a length of time, until a moment, or for an event.',
    ),
  },
  example: `- wait: { for: 10m }`,
  inside: [],
  flow: 'work',
  picture: 'pause',
  waitsFor: (step) => (step.event ? 'event' : 'time'),
  title: () => 'A wait',
  does: (step) => {
    if (step.for) return [`waits ${durationText(step.for)}`];
    if (step.until !== undefined) return [`waits until ${templateText(step.until)}`];
    return [`waits for ${step.event?.name ?? ''} ${templateText(step.event?.key ?? '')}`.trimEnd()];
  },
  sentences: (step, tell) => {
    if (step.for) return [paragraph(`Wait ${lengthOf(step.for)}.`)];
    if (step.until !== undefined) return [paragraph('Wait until ', ...tell.value(step.until), '.')];
    return [
      paragraph(
        'Wait for the event ',
        code(step.event?.name ?? ''),
        ' of ',
        ...tell.value(step.event?.key ?? ''),
        step.within ? `, for at most ${lengthOf(step.within)}` : '',
        '.',
        step.onExpiry ? ' After that, go on.' : '',
      ),
    ];
  },
} satisfies StepDescription<WaitStep>;
