import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { HttpClient } from '../kit/http.ts';
import { addEntry, entryIsThere, journalInput, journalOutput, previewEntry } from './journal.ts';

export const comment = defineAction({
  name: 'servicenow.comment',
  title: 'Comment on a ticket',
  description:
    'Adds a comment that the person who asked can read. It ends with a short reference, by which a second try finds it.',
  effect: 'write',
  source: 'ServiceNow Table API: Update a record (from its public documentation; no contract could be had)',
  input: journalInput,
  output: journalOutput,
  examples: [
    {
      title: 'On the ticket of the run',
      with: { ticket: '${{ ticket.key }}', text: 'The rule is in place.' },
    },
  ],
  run: (input, context: ActionContext<HttpClient>) => addEntry('comments', input, context),
  preview: (input, context: ActionContext<HttpClient>) => previewEntry('comment', input, context),
  verify: (input, context: ActionContext<HttpClient>) => entryIsThere('comments', input, context),
});
