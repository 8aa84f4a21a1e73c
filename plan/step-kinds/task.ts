/** `task`: a person does it by hand and reports it with a form. */
import { capitalised, enumerated, type Inline, paragraph } from '../document.ts';
import { durationText, lengthOf, spaced, templateText } from '../durations-and-quorums.ts';
import type { JsonSchema, Length, StepBase, Template } from '../values.ts';
import { length, object, people, text } from './schemas.ts';
import type { StepDescription, Telling } from './step-kind.ts';

export interface TaskStep extends StepBase {
  kind: 'task';
  to: Template;
  /** Who may not do it, though among those asked. */
  except?: Template[];
  instructions: Template;
  /** Field name -> JSON Schema. */
  form: Record<string, JsonSchema>;
  /** Fields that may be left empty. */
  optional?: string[];
  /** Fields that are sealed as soon as they are reported. */
  sensitive?: string[];
  /** The moment by which it must be done. */
  due?: Template;
  /** How long there is for it; beside `due`, how long there is more once it was taken further. */
  within?: Length;
  /** After each such time those who are asked hear of it again. */
  remind?: Length;
  /** Who is asked in addition when it is late. */
  escalate?: Template;
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
        except: people(
          'Who may not do it, though they are among those asked: e-mail addresses, role:NAME, or expressions that give them. Operators of the run are held to it too.',
        ),
        instructions: text('What to do, as the person reads it.'),
        form: {
          type: 'object',
          additionalProperties: { $ref: '#/$defs/input' },
          description: 'What the person reports: a name and a JSON Schema for each field.',
        },
        due: text(
          'The moment by which it must be done: a date (2026-01-31) or time (2026-01-31T09:00), usually computed, such as ${{ addDays(inputs.startDate, -3) }}. It follows what is amended.',
        ),
        within: length(
          'How long there is for it. Beside `due` and `escalate`: how long there is more after that.',
        ),
        remind: length('Those who are asked hear of it again after each such time, until it is done.'),
        escalate: text(
          'Who is asked too when the time has passed: the task stays open, for as long again as `within` says, or until it is done.',
        ),
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
    [
      `a task for ${templateText(step.to)}`,
      ...(step.due === undefined ? [] : [`due ${templateText(step.due)}`]),
      ...(step.within ? [`within ${durationText(step.within)}`] : []),
      ...(step.escalate === undefined ? [] : [`then ${templateText(step.escalate)} too`]),
    ].join(', '),
  ],
  details: () => ['by hand'],
  sentences: (step, tell) => [
    paragraph(
      ...capitalised(tell.person(step.to)),
      ' does this by hand',
      ...(step.due === undefined ? [] : [' by ', ...tell.value(step.due)]),
      step.within && step.due === undefined ? ` within ${lengthOf(step.within)}` : '',
      ': ',
      ...tell.value(step.instructions),
    ),
    ...(step.except ? [paragraph('Not by ', ...enumerated(step.except.map(tell.person), 'or'), '.')] : []),
    ...(Object.keys(step.form).length > 0
      ? [paragraph('They report: ', ...enumerated(Object.keys(step.form).map((key) => [spaced(key)])), '.')]
      : []),
    ...chasing(step, tell),
    ...(step.onExpiry ? [paragraph('If it is not done in time, the procedure goes on.')] : []),
  ],
} satisfies StepDescription<TaskStep>;

function chasing({ remind, escalate, due, within }: TaskStep, tell: Telling) {
  const more = within ? `, who then has ${lengthOf(within)} more` : '';
  const said: Inline[] = [
    ...(remind ? [`They are reminded after every ${lengthOf(remind)}. `] : []),
    ...(escalate === undefined
      ? []
      : [
          `When ${due === undefined ? 'the time' : 'that moment'} has passed, `,
          ...tell.person(escalate),
          ` is asked too${more}.`,
        ]),
  ];
  return said.length > 0 ? [paragraph(...said)] : [];
}
