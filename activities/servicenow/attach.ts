import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import type { HttpClient } from '../kit/http.ts';
import { findTicket, type Ticket, ticketInput } from './ticket.ts';

const input = Type.Object(
  {
    ...ticketInput,
    fileName: Type.String({
      pattern: '^[^\\^/\\\\\\x00-\\x1f]+$',
      maxLength: 100,
      description: 'Name of the file, such as evidence.txt.',
    }),
    text: Type.String({ minLength: 1, description: 'What is in the file, as text.' }),
    contentType: Type.Optional(
      Type.String({
        pattern: '^[a-z]+/[a-zA-Z0-9.+-]+$',
        description: 'Kind of the file, such as text/csv. Plain text, unless said otherwise.',
      }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  attachmentId: Type.String({ description: 'Id of the attachment.' }),
  attached: Type.Boolean({
    description: 'True when this step attached it, false when the same file was there already.',
  }),
});

type Input = Static<typeof input>;

interface Attachment {
  sys_id: string;
  /** SHA-256 of the content, in hexadecimal digits. */
  hash?: string;
  size_bytes?: string;
}

export const attach = defineAction({
  name: 'servicenow.attach',
  title: 'Attach a file to a ticket',
  description: 'Attaches a file with the given text, unless one of the same name and content is there.',
  effect: 'write',
  source:
    'ServiceNow Attachment API: Upload an attachment (from its public documentation; no contract could be had)',
  input,
  output,
  examples: [
    {
      title: 'What was done, for the record',
      with: {
        ticket: '${{ ticket.key }}',
        fileName: 'rule-before.txt',
        text: 'permit tcp any host 192.0.2.4',
      },
    },
  ],

  ...ensure<Input, HttpClient, State, Static<typeof output>, string>({
    look: async (input, { client }) => {
      const ticket = await findTicket(client, input, []);
      return { ticket, ...defined({ there: (await find(client, ticket, input))?.sys_id }) };
    },
    isDone: ({ there }) => there !== undefined,
    change: async ({ ticket }, { fileName, text, contentType = 'text/plain' }, { client }) => {
      const { body } = await client.send({
        method: 'POST',
        path: '/api/now/attachment/file',
        query: { table_name: ticket.table, table_sys_id: ticket.sysId, file_name: fileName },
        file: { content: text, contentType },
      });
      return (body as { result: Attachment }).result.sys_id;
    },
    output: ({ did, now, changed }) => ({ attachmentId: changed ?? now.there ?? '', attached: did }),
    words: {
      done: ({ ticket }, { fileName }) => `${fileName} is attached to ${ticket.number} already`,
      would: (state, { fileName, ticket }) => `would attach ${fileName} to ${state?.ticket.number ?? ticket}`,
    },
  }),
});

interface State {
  ticket: Ticket;
  /** Id of the same file, where it is attached already. */
  there?: string;
}

/** Attachment API: Retrieve metadata of attachments. Among the newest hundred of this name, by content. */
async function find(
  client: HttpClient,
  { table, sysId }: Ticket,
  { fileName, text }: Input,
): Promise<Attachment | undefined> {
  const { body } = await client.send({
    method: 'GET',
    path: '/api/now/attachment',
    query: {
      sysparm_query: `table_name=${table}^table_sys_id=${sysId}^file_name=${fileName}^ORDERBYDESCsys_created_on`,
      sysparm_limit: 100,
    },
  });
  const hash = createHash('sha256').update(text).digest('hex');
  const size = String(Buffer.byteLength(text));
  // Instances older than the hash know the size only.
  return (body as { result: Attachment[] }).result.find((each) =>
    each.hash ? each.hash.toLowerCase() === hash : each.size_bytes === size,
  );
}
