/** Tickets by their number, in the table that the number's prefix tells. */
import { Type } from 'typebox';
import { PermanentFailure } from '../kit/failures.ts';
import type { HttpClient } from '../kit/http.ts';

/** What every action here is told of its ticket. */
export const ticketInput = {
  ticket: Type.String({
    pattern: '^[A-Za-z0-9_-]+$',
    description: 'Number of the ticket, such as CHG0030001, RITM0010001 or INC0010001.',
  }),
  table: Type.Optional(
    Type.String({
      pattern: '^[a-z][a-z0-9_]*$',
      description: 'Table of the ticket, where its number does not tell, such as u_access_request.',
    }),
  ),
};

export interface TicketAt {
  ticket: string;
  table?: string | undefined;
}

/** As people read it, and as it is stored. */
export interface FieldValue {
  display_value: string | null;
  value: string | null;
}

export interface Ticket {
  sysId: string;
  number: string;
  table: string;
  /** Those that were asked for and that the account may read. */
  fields: Record<string, FieldValue>;
}

const tables: Record<string, string> = {
  CHG: 'change_request',
  CTASK: 'change_task',
  INC: 'incident',
  PRB: 'problem',
  PTASK: 'problem_task',
  REQ: 'sc_request',
  RITM: 'sc_req_item',
  SCTASK: 'sc_task',
  TASK: 'sc_task',
};

function tableOf({ ticket, table }: TicketAt): string {
  if (table) return table;
  const prefix = ticket.replace(/[^A-Za-z].*$/, '').toUpperCase();
  const known = Object.hasOwn(tables, prefix) ? tables[prefix] : undefined;
  if (known) return known;
  const all = Object.keys(tables).join(', ');
  throw new PermanentFailure(
    `The number ${ticket} does not tell its table. Known beginnings are ${all}; for any other give \`table\`.`,
  );
}

/** Table API: Retrieve records. Fails for good when there is no such ticket. */
export async function findTicket(client: HttpClient, at: TicketAt, fields: string[]): Promise<Ticket> {
  const table = tableOf(at);
  const { body } = await client.send({
    method: 'GET',
    path: `/api/now/table/${table}`,
    query: {
      sysparm_query: `number=${at.ticket}`,
      sysparm_fields: ['sys_id', 'number', 'state', ...fields].join(','),
      sysparm_display_value: 'all',
      sysparm_exclude_reference_link: true,
      sysparm_limit: 1,
    },
  });
  const [record] = (body as { result: Record<string, FieldValue>[] }).result;
  const sysId = record?.sys_id?.value;
  // A record that the account may not read looks as if it were not there.
  if (!record || !sysId)
    throw new PermanentFailure(
      `ServiceNow shows no ${at.ticket} in ${table}. Check the number, and that the account that Countersign uses may read that table.`,
    );
  return { sysId, number: record.number?.value ?? at.ticket, table, fields: record };
}

export function recordPath({ table, sysId }: Pick<Ticket, 'table' | 'sysId'>): string {
  return `/api/now/table/${table}/${sysId}`;
}

export function shownOf(field: FieldValue | undefined): string {
  return field?.display_value ?? field?.value ?? '';
}
