import { Type } from 'typebox';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { MailClient } from '../kit/mail/client.ts';
import { attachment, attachmentsOf, inWords, problemsOf } from './attachments.ts';

const address = Type.String({ format: 'email' });

const input = Type.Object(
  {
    to: Type.Array(address, { minItems: 1, description: 'E-mail addresses of the recipients.' }),
    cc: Type.Optional(Type.Array(address, { description: 'E-mail addresses of those who get a copy.' })),
    subject: Type.String({ minLength: 1, description: 'Subject, one line.' }),
    text: Type.String({ description: 'The message as plain text.' }),
    html: Type.Optional(
      Type.String({
        description: 'The message as a web page, for mail programs that show it. The plain text goes along.',
      }),
    ),
    attachments: Type.Optional(
      Type.Array(attachment, {
        maxItems: 20,
        description: 'What goes along, each with a name and one of `csv`, `html` and `file`.',
      }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  messageId: Type.String({ description: 'Message id, by which mail servers log the message.' }),
  accepted: Type.Array(Type.String(), { description: 'Addresses that the mail server accepted.' }),
  rejected: Type.Array(Type.String(), { description: 'Addresses that the mail server refused.' }),
});

type Context = ActionContext<MailClient>;

export const send = defineAction({
  name: 'mail.send',
  title: 'Send a mail',
  description:
    'Sends a mail. If the answer of the mail server is lost, the mail is sent once more with the same message id.',
  effect: 'write',
  // SMTP has no key by which a server would know a message again; many mailboxes drop a second one of the same id.
  delivery: 'at least once',
  source: 'RFC 5321: Simple Mail Transfer Protocol',
  input,
  output,
  examples: [
    {
      title: 'A list as a table, in the mail and as a file for spreadsheets',
      with: {
        to: ['a.lee@example.com'],
        subject: 'Devices that are overdue',
        text: 'Two devices are overdue.',
        attachments: [
          {
            name: 'overdue.csv',
            csv: [
              { name: 'LT-0117', owner: 'b.kim@example.com', days: 12 },
              { name: 'LT-0203', owner: 'c.ray@example.com', days: 3 },
            ],
            columns: ['name', 'owner', 'days'],
          },
        ],
      },
    },
    {
      title: 'A welcome',
      with: {
        to: ['a.lee@example.com'],
        subject: 'Welcome, Ann',
        text: 'Your account is ready. Your manager has your first password.',
      },
    },
  ],

  async run(input, { client, key }: Context) {
    const { to, cc = [], subject, text, html, attachments = [] } = input;
    refuseLineBreaks({ to, cc, subject: [subject] });
    const messageId = client.messageIdOf(key);
    const sent = await client.send({
      messageId,
      to,
      cc,
      subject,
      text,
      ...defined({
        html: html || undefined,
        attachments: unlessEmpty(attachmentsOf(attachments)),
      }),
    });
    return { messageId, ...sent };
  },

  async preview({ to, cc = [], subject, attachments = [] }) {
    const files = inWords(attachments);
    const summary = `would send "${subject}" to ${[...to, ...cc].join(', ')}${files ? `, with ${files}` : ''}`;
    return { summary, ...defined({ problems: unlessEmpty(problemsOf(attachments)) }) };
  },
});

/** A line break in a header would let its text add headers, and recipients, of its own. */
function refuseLineBreaks(headers: Record<string, string[]>): void {
  for (const [name, values] of Object.entries(headers))
    if (values.some((value) => /[\r\n\0]/.test(value)))
      throw new PermanentFailure(`\`${name}\` has a line break in it, and must be one line.`);
}
