import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { HttpClient } from '../kit/http.ts';
import { findTicket, shownOf, type Ticket, ticketInput } from './ticket.ts';

const input = Type.Object(
  {
    ...ticketInput,
    fields: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z][a-z0-9_.]*$' }), {
        maxItems: 100,
        description: 'Names of more fields to read, such as cmdb_ci or requested_by.email.',
      }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  sysId: Type.String({ description: 'Id of the record.' }),
  table: Type.String({ description: 'Table of the ticket.' }),
  state: Type.String({ description: 'State, as people read it.' }),
  shortDescription: Type.String({ description: 'Short description.' }),
  requester: Type.Optional(
    Type.String({ description: 'E-mail address of who asked for it, where the ticket says.' }),
  ),
  fields: Type.Record(Type.String(), Type.String(), {
    description: 'The fields that were asked for, as people read them.',
  }),
  values: Type.Record(Type.String(), Type.String(), {
    description: 'The same fields as they are stored, such as times in universal time.',
  }),
});

/** Who asked stands elsewhere in each kind of ticket. */
const requesters = [
  'requested_for.email',
  'requested_by.email',
  'caller_id.email',
  'request.requested_for.email',
  'opened_by.email',
];

export const getTicket = defineAction({
  name: 'servicenow.getTicket',
  title: 'Look up a ticket',
  description: 'Reads a ticket: its state, its short description, who asked, and the fields that you name.',
  effect: 'read',
  source: 'ServiceNow Table API: Retrieve records (from its public documentation; no contract could be had)',
  input,
  output,
  examples: [
    {
      title: 'What a change is about',
      with: { ticket: '${{ ticket.key }}', fields: ['risk', 'cmdb_ci', 'start_date'] },
    },
  ],

  async run({ fields = [], ...at }, { client }: ActionContext<HttpClient>) {
    const wanted = ['short_description', ...requesters, ...fields];
    const ticket = await findTicket(client, at, [...new Set(wanted)]);
    const requester = requesters.map((name) => ticket.fields[name]?.value ?? '').find(Boolean);
    const unknown = fields.filter((name) => !ticket.fields[name]);
    if (unknown.length > 0) throw new PermanentFailure(notThere(ticket, unknown));
    return {
      sysId: ticket.sysId,
      table: ticket.table,
      state: shownOf(ticket.fields.state),
      shortDescription: shownOf(ticket.fields.short_description),
      ...defined({ requester: requester || undefined }),
      fields: Object.fromEntries(fields.map((name) => [name, shownOf(ticket.fields[name])])),
      values: Object.fromEntries(fields.map((name) => [name, ticket.fields[name]?.value ?? ''])),
    };
  },
});

/** ServiceNow leaves out what it does not know, without a word. */
function notThere({ number, table }: Ticket, names: string[]): string {
  return `${number} shows no ${names.join(', ')}. Correct \`fields\`: ${table} has no such field, or the account that Countersign uses may not read it.`;
}
