import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { findMailbox, isNone, mailboxOf, nothingThere, setMailbox, skipped, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  cleared: Type.Boolean({ description: 'True when this step ended it, false when there was none.' }),
  skipped,
});

type Context = ActionContext<ExchangeClient>;

export const clearForwarding = defineAction({
  name: 'exchange.clearForwarding',
  title: 'Stop forwarding mail',
  description: 'Ends the forwarding of the mail that a person gets.',
  effect: 'write',
  source: sourceOf('Set-Mailbox'),
  input,
  output,
  examples: [{ title: 'After the hand-over', with: { user: 'a.lee@example.com' } }],

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const mailbox = await mailboxOf(client, user);
    if (isNone(mailbox)) return { cleared: false, skipped: mailbox.none };
    const wasForwarding = await rememberBeforeWrite(async () => mailbox.forwardingTo !== undefined);
    if (!mailbox.forwardingTo) return { cleared: wasForwarding };
    const changes = {
      ForwardingSmtpAddress: null,
      ForwardingAddress: null,
      DeliverToMailboxAndForward: false,
    };
    await setMailbox(client, mailbox, changes);
    return { cleared: wasForwarding };
  },

  async preview({ user }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    if (isNone(mailbox)) return nothingThere(mailbox);
    if (!mailbox?.forwardingTo)
      return { summary: `mail of ${mailbox?.name ?? user} goes nowhere else`, nothingToDo: true };
    return { summary: `would stop forwarding mail of ${mailbox.name} to ${mailbox.forwardingTo}` };
  },

  async verify({ user }, { client }: Context) {
    const mailbox = await mailboxOf(client, user);
    return isNone(mailbox) || mailbox.forwardingTo === undefined;
  },
});
