/** A question at a gate, with its answers. */
import { listOf, moment, object, text } from './dsl.ts';

const answer = object({ by: text(), at: moment, text: text() });

export const question = object({
  id: { type: 'integer', description: 'Number of its record in the audit chain.' },
  by: text(),
  at: moment,
  text: text(),
  'revision?': { type: 'integer', description: 'Of the gate, when it was asked.' },
  to: listOf(text('Who was asked to answer.')),
  answers: listOf(answer),
});
