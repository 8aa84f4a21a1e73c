/** `task`: a person does it by hand and reports it with a form. */
import { capitalised, enumerated, paragraph } from '../document.ts';
import { durationText, lengthOf, spaced, templateText } from '../durations-and-quorums.ts';
import type { Duration, JsonSchema, StepBase, Template } from '../values.ts';
import { duration, object, people, text } from './schemas.ts';
import type { StepDescription } from './step-kind.ts';

export interface TaskStep extends StepBase {
  kind: 'task';
  to: Template;
  instructions: Template;
  /** Field name -> JSON Schema. */
  form: Record<string, JsonSchema>;
  /** Fields that may be left empty. */
  optional?: string[];
  /** Fields that are sealed as soon as they are reported. */
  sensitive?: string[];
  within?: Duration;
  onExpiry?: 'continue';
}

export const task = {
  rank: 3,
  key: 'task',
  words: 'a task',
  tag: 'task',
  required: ['task'],
  keys: {
    task: object(
      {
        to: people('Who does it: e-mail addresses, role:NAME, or expressions that give them.'),
        instructions: text('What to do, as the person reads it.'),
        form: {
          type: 'object',
          additionalProperties: { $ref: '#/$defs/input' },
          description: 'What the person reports: a name and a JSON Schema for each field.',
        },
        within: duration('By when it must be done.'),
        onExpiry: { enum: ['park', 'continue'], description: 'What happens when the time has passed.' },
      },
      ['to', 'instructions'],
      'A person does it by hand and reports it.',
    ),
  },
  example: `- task: { to: role:it-coordinators, instructions: Place the laptop on the desk. }`,
  inside: [],
  flow: 'work',
  picture: 'hand',
  waitsFor: () => 'people',
  title: () => 'A task by hand',
  does: (step) => [
    `a task for ${templateText(step.to)}${step.within ? `, within ${durationText(step.within)}` : ''}`,
  ],
  details: () => ['by hand'],
  sentences: (step, tell) => [
    paragraph(
      ...capitalised(tell.person(step.to)),
      ' does this by hand',
      step.within ? ` within ${lengthOf(step.within)}` : '',
      ': ',
      ...tell.value(step.instructions),
    ),
    ...(Object.keys(step.form).length > 0
      ? [paragraph('They report: ', ...enumerated(Object.keys(step.form).map((key) => [spaced(key)])), '.')]
      : []),
    ...(step.onExpiry ? [paragraph('If it is not done in time, the procedure goes on.')] : []),
  ],
} satisfies StepDescription<TaskStep>;
