import { defineAction } from '../kit/define-action.ts';
import { ensureEntry, journalInput, journalOutput } from './journal.ts';

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
  ...ensureEntry('comments', 'comment'),
});
