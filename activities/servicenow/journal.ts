/** Comments and work notes: entries of a ticket's journal, which can only be added. */
import { type Static, Type } from 'typebox';
import type { ActionContext } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import type { HttpClient } from '../kit/http.ts';
import { findTicket, recordPath, type Ticket, ticketInput } from './ticket.ts';

type JournalField = 'comments' | 'work_notes';

export const journalInput = Type.Object(
  {
    ...ticketInput,
    text: Type.String({ pattern: '\\S', description: 'What to write, as plain text.' }),
  },
  { additionalProperties: false },
);

export const journalOutput = Type.Object({
  added: Type.Boolean({ description: 'True when this step added it, false when it was there before.' }),
});

type Context = ActionContext<HttpClient>;

/** Table API: Update a record. `what` names an entry in a preview. */
export function ensureEntry(field: JournalField, what: string) {
  return ensure<Static<typeof journalInput>, HttpClient, Entry, Static<typeof journalOutput>>({
    look: async (input, context) => {
      const ticket = await findTicket(context.client, input, []);
      return { ticket, isThere: await hasEntry(field, ticket, context) };
    },
    isDone: ({ isThere }) => isThere,
    change: async ({ ticket }, { text }, { client, key }) => {
      await client.send({
        method: 'PATCH',
        path: recordPath(ticket),
        query: { sysparm_fields: 'sys_id' },
        body: { [field]: `${text.trimEnd()}\n\n${markOf(key)}` },
      });
    },
    output: ({ did }) => ({ added: did }),
    words: {
      done: ({ ticket }) => `has added the ${what} to ${ticket.number} already`,
      would: (entry, { ticket, text }) => {
        const start = text.trim().split('\n')[0] ?? '';
        return `would add a ${what} to ${entry?.ticket.number ?? ticket}: ${start.length > 60 ? `${start.slice(0, 59)}…` : start}`;
      },
    },
  });
}

interface Entry {
  ticket: Ticket;
  isThere: boolean;
}

/**
 * The journal has no place for a key of ours but its text, so each entry ends with a short reference. It is looked for in
 * what the record shows: the table behind it (sys_journal_field) is closed to most accounts, and answers as if it were empty.
 */
async function hasEntry(field: JournalField, ticket: Ticket, { client, key }: Context): Promise<boolean> {
  const { body } = await client.send({
    method: 'GET',
    path: recordPath(ticket),
    query: { sysparm_fields: field, sysparm_display_value: true },
  });
  const shown = (body as { result: Partial<Record<JournalField, string>> }).result[field] ?? '';
  return shown.includes(markOf(key));
}

/** 60 bits: enough to tell the entries of one ticket apart. */
function markOf(key: string): string {
  return `(Countersign ${key.slice(0, 10)})`;
}
