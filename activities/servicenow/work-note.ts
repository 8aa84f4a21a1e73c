import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { HttpClient } from '../kit/http.ts';
import { addEntry, entryIsThere, journalInput, journalOutput, previewEntry } from './journal.ts';

export const workNote = defineAction({
  name: 'servicenow.workNote',
  title: 'Add a work note to a ticket',
  description:
    'Adds a note that only those who work on the ticket can read. It ends with a short reference, by which a second try finds it.',
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
  run: (input, context: ActionContext<HttpClient>) => addEntry('work_notes', input, context),
  preview: (input, context: ActionContext<HttpClient>) => previewEntry('work note', input, context),
  verify: (input, context: ActionContext<HttpClient>) => entryIsThere('work_notes', input, context),
});
