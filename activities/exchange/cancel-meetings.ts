import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { findMailbox, isNone, mailboxOf, nothingThere, skipped, userField } from './mailbox.ts';

/** The furthest that Exchange looks: five years. */
const days = 1_825;

const input = Type.Object(
  {
    user: userField,
    from: Type.Optional(
      Type.String({
        format: 'date',
        description: 'First day of the meetings to cancel. Unless given, today.',
      }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  done: Type.Boolean({ description: 'True when no meeting is left that the person invited to.' }),
  skipped,
});

type Context = ActionContext<ExchangeClient>;

export const cancelMeetings = defineAction({
  name: 'exchange.cancelMeetings',
  title: 'Cancel the meetings of a person',
  description:
    'Cancels the meetings that a person invited to, for the five years to come, and tells those who were invited. ' +
    'Trying again cancels only what is still there.',
  effect: 'destructive',
  source: sourceOf('Remove-CalendarEvents'),
  input,
  output,
  examples: [
    { title: 'A leaver', with: { user: 'a.lee@example.com' } },
    { title: 'After the last day', with: { user: 'a.lee@example.com', from: '2026-12-01' } },
  ],

  async run({ user, from }, { client }: Context) {
    const mailbox = await mailboxOf(client, user);
    if (isNone(mailbox)) return { done: true, skipped: mailbox.none };
    const { name } = mailbox;
    const parameters = {
      Identity: name,
      CancelOrganizedMeetings: true,
      QueryWindowInDays: days,
      ...defined({ QueryStartDate: from || undefined }),
      Confirm: false,
    };
    await client.cmdlets.invoke('Remove-CalendarEvents', parameters, { mailbox: name });
    return { done: true };
  },

  async preview({ user, from = 'today' }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    if (isNone(mailbox)) return nothingThere(mailbox);
    return {
      summary: `would cancel all meetings that ${mailbox?.name ?? user} invited to, from ${from} on`,
    };
  },
});
