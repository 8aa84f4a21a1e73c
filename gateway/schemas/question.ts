/** A question at a gate, with its answers. */
import { listOf, moment, object, text, which } from './dsl.ts';

const answer = object({ by: text(), at: moment, text: text() });

export const suggested = object(
  { input: text(), before: { description: 'What stood when it was suggested.' }, after: {} },
  'Another value that was suggested for an input.',
);

export const question = object({
  id: { type: 'integer', description: 'Number of its record in the audit chain.' },
  by: text(),
  at: moment,
  text: text(),
  'revision?': { type: 'integer', description: 'Of the gate, when it was asked.' },
  to: listOf(text('Who was asked to answer.')),
  answers: listOf(answer),
  'instead?': listOf(suggested),
  'became?': which('accepted', 'declined'),
  'proposed?': listOf(text('Accepted, and not changed before those who signed it have signed again.')),
  'overtaken?': text('Why a suggestion that nobody has answered cannot be accepted any more.'),
});
