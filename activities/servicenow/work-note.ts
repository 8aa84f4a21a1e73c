import { defineAction } from '../kit/define-action.ts';
import { ensureEntry, journalInput, journalOutput } from './journal.ts';

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
  ...ensureEntry('work_notes', 'work note'),
});
