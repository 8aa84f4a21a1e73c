import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { isNone, mailboxOf, mailboxTypes, sizeMegabytes, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  type: Type.Enum([...mailboxTypes, 'none'], {
    description:
      'Kind of mailbox: of a person, shared, or of a room or a piece of equipment; none where there is no mailbox, and none is on its way.',
  }),
  sizeMegabytes: Type.Integer({ description: 'How much is in it, in megabytes, rounded up.' }),
  hidden: Type.Boolean({ description: 'Whether address lists leave it out.' }),
  forwardingTo: Type.Optional(
    Type.String({ description: 'Where its mail goes; absent when it goes nowhere else.' }),
  ),
  primaryAddress: Type.String({
    description: 'E-mail address from which it sends; empty where there is none.',
  }),
});

export const getMailbox = defineAction({
  name: 'exchange.getMailbox',
  title: 'Look up a mailbox',
  description: 'Tells what kind of mailbox a person has, how full it is, and where its mail goes.',
  effect: 'read',
  source: sourceOf('Get-Mailbox', 'Get-MailboxStatistics'),
  input,
  output,
  examples: [{ title: 'By sign-in name', with: { user: 'a.lee@example.com' } }],

  async run({ user }, { client }: ActionContext<ExchangeClient>) {
    const mailbox = await mailboxOf(client, user);
    if (isNone(mailbox))
      return { type: 'none' as const, sizeMegabytes: 0, hidden: false, primaryAddress: '' };
    const { type, hidden, primaryAddress, forwardingTo } = mailbox;
    return {
      type,
      sizeMegabytes: await sizeMegabytes(client, mailbox),
      hidden,
      ...defined({ forwardingTo: forwardingTo || undefined }),
      primaryAddress,
    };
  },
});
