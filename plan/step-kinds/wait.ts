/** `wait`: for a length of time, until a moment, or for an event. */
import { code, enumerated, paragraph } from '../document.ts';
import { durationText, lengthOf, templateText } from '../durations-and-quorums.ts';
import type { Length, StepBase, Template } from '../values.ts';
import { length, object, people, text } from './schemas.ts';
import type { StepDescription } from './step-kind.ts';

export interface WaitStep extends StepBase {
  kind: 'wait';
  for?: Length;
  /** The moment that is waited for, or at which an event is waited for no longer. */
  until?: Template;
  /** `from`: who alone may send it. */
  event?: { name: string; key: Template; from?: Template[] };
  within?: Length;
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
        for: length('How long to wait.'),
        until: text(
          'A date (2026-01-31) or time (2026-01-31T09:00) to wait for; beside an event, the moment after which it is waited for no longer. In the time zone of the organisation or of its own: 2026-01-31T09:00[Europe/Lisbon].',
        ),
        event: text('Name of an event to wait for, such as order.shipped.'),
        key: text('Which of these events: the run wakes for the one with this key.'),
        from: people(
          'Who alone may send the event: e-mail addresses, role:NAME, `cxml: SUPPLIER`, or expressions that give them. Without it, whoever is signed in.',
        ),
        within: length('How long to wait for the event.'),
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
    if (step.until !== undefined && !step.event) return [`waits until ${templateText(step.until)}`];
    const from = step.event?.from?.map(templateText).join(' or ');
    const what = `waits for ${step.event?.name ?? ''} ${templateText(step.event?.key ?? '')}`.trimEnd();
    const until = step.until === undefined ? '' : `, until ${templateText(step.until)}`;
    return [`${from ? `${what} from ${from}` : what}${until}`];
  },
  sentences: (step, tell) => {
    if (step.for) return [paragraph(`Wait ${lengthOf(step.for)}.`)];
    if (step.until !== undefined && !step.event)
      return [paragraph('Wait until ', ...tell.value(step.until), '.')];
    return [
      paragraph(
        'Wait for the event ',
        code(step.event?.name ?? ''),
        ' of ',
        ...tell.value(step.event?.key ?? ''),
        ...(step.event?.from
          ? [
              ' from ',
              ...enumerated(
                step.event.from.map((from) => tell.person(from)),
                'or',
              ),
            ]
          : []),
        step.within ? `, for at most ${lengthOf(step.within)}` : '',
        ...(step.until === undefined ? [] : [', until ', ...tell.value(step.until)]),
        '.',
        step.onExpiry ? ' After that, go on.' : '',
      ),
    ];
  },
} satisfies StepDescription<WaitStep>;
