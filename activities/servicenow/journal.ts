/** Comments and work notes: entries of a ticket's journal, which can only be added. */
import { Type } from 'typebox';
import type { ActionContext, Preview } from '../kit/define-action.ts';
import type { HttpClient } from '../kit/http.ts';
import { findTicket, recordPath, type Ticket, type TicketAt, ticketInput } from './ticket.ts';

export type JournalField = 'comments' | 'work_notes';

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

type Input = TicketAt & { text: string };
type Context = ActionContext<HttpClient>;

/** Table API: Update a record. */
export async function addEntry(
  field: JournalField,
  input: Input,
  context: Context,
): Promise<{ added: boolean }> {
  const { client, key, rememberBeforeWrite } = context;
  const ticket = await findTicket(client, input, []);
  const is = await hasEntry(field, ticket, context);
  const was = await rememberBeforeWrite(async () => is);
  if (is) return { added: !was };
  await client.send({
    method: 'PATCH',
    path: recordPath(ticket),
    query: { sysparm_fields: 'sys_id' },
    body: { [field]: `${input.text.trimEnd()}\n\n${markOf(key)}` },
  });
  return { added: !was };
}

export async function entryIsThere(field: JournalField, input: Input, context: Context): Promise<boolean> {
  return hasEntry(field, await findTicket(context.client, input, []), context);
}

export async function previewEntry(what: string, input: Input, { client }: Context): Promise<Preview> {
  const { number } = await findTicket(client, input, []);
  const start = input.text.trim().split('\n')[0] ?? '';
  return {
    summary: `would add a ${what} to ${number}: ${start.length > 60 ? `${start.slice(0, 59)}…` : start}`,
  };
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
