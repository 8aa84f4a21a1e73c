/** `note`: leaves a remark in the run's record. An example of a kind of step: see docs/contributing.md. */
import { paragraph } from '../document.ts';
import { templateText } from '../durations-and-quorums.ts';
import type { StepBase, Template } from '../values.ts';
import { text } from './schemas.ts';
import type { StepDescription } from './step-kind.ts';

export interface NoteStep extends StepBase {
  kind: 'note';
  note: Template;
}

export const note = {
  rank: 12,
  key: 'note',
  words: 'a note',
  tag: 'note',
  required: ['note'],
  keys: { note: text('What is to be remembered.') },
  example: '- note: The device was handed over.',
  inside: [],
  flow: 'work',
  picture: 'pause',
  waitsFor: () => 'nothing',
  title: () => 'A note',
  does: (step) => [`notes ${templateText(step.note)}`],
  sentences: (step, tell) => [paragraph('Write down: ', ...tell.value(step.note), '.')],
} satisfies StepDescription<NoteStep>;
