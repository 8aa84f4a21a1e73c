/** `uses`: an action of a connector, with its undo. */
import { type Block, code, type Inline, list, paragraph } from '../document.ts';
import { spaced } from '../durations-and-quorums.ts';
import type { ActionCall, Effect, JsonSchema, Retry, StepBase, Template, Undo } from '../values.ts';
import { duration, expression, object, retry, text } from './schemas.ts';
import type { StepDescription, Telling } from './step-kind.ts';

export interface ActionStep extends StepBase, ActionCall {
  kind: 'action';
  effect: Effect;
  timeoutMs?: number;
  retry?: Retry;
  undo?: Undo;
}

const withSchema: JsonSchema = { type: 'object', description: 'What the action gets.' };

const effects: Record<Effect, Inline> = {
  read: { quiet: 'reads' },
  write: 'writes',
  destructive: { strong: 'destroys' },
};

export const action = {
  rank: 1,
  key: 'uses',
  words: 'an action',
  required: ['uses'],
  keys: {
    uses: text('The action, for example entra.createUser.'),
    with: withSchema,
    timeout: duration('How long one try may take.'),
    retry,
    undo: object(
      {
        if: expression(
          'The step is taken back only if this is true, for example that it has changed anything at all.',
        ),
        uses: text('The action that takes the step back.'),
        with: withSchema,
      },
      ['uses'],
      'Takes the step back when the run is aborted.',
    ),
  },
  example: `- id: manager
  uses: entra.getUser
  with: { user: m.roth@example.com }`,
  inside: [],
  flow: 'work',
  picture: 'work',
  waitsFor: () => 'nothing',
  title: (step, titleOf) => titleOf(step.uses),
  does: (step) => [
    effects[step.effect],
    ` ${step.uses}`,
    ...(step.undo ? [{ quiet: ` (undo: ${step.undo.uses})` }] : []),
  ],
  details: (step) => [step.uses],
  sentences: (step, tell) => [
    paragraph(
      `${tell.action(step.uses)} (`,
      code(step.uses),
      ')',
      given(step.with).length > 0 ? ', with:' : '.',
    ),
    ...givenList(step.with, tell),
    ...(step.undo
      ? [
          paragraph(
            'Can be taken back: ',
            `${tell.action(step.undo.uses)} (`,
            code(step.undo.uses),
            ')',
            ...(step.undo.if === undefined ? [] : [', only if ', ...tell.condition(step.undo.if)]),
            '.',
          ),
        ]
      : []),
  ],
} satisfies StepDescription<ActionStep>;

/** What is given to an action or to another runbook, by name. */
export function given(values: Template): [string, Template][] {
  return values && typeof values === 'object' && !Array.isArray(values) ? Object.entries(values) : [];
}

export function givenList(values: Template, tell: Telling): Block[] {
  const entries = given(values);
  if (entries.length === 0) return [];
  return [list(entries.map(([key, value]) => [paragraph(`${spaced(key)}: `, ...tell.value(value))]))];
}
