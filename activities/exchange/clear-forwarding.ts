import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { sourceOf } from './cmdlets.ts';
import { ensureMailbox, nothingElse } from './ensure-mailbox.ts';
import { setMailbox, skipped, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  cleared: Type.Boolean({ description: 'True when this step ended it, false when there was none.' }),
  skipped,
});

type Input = Static<typeof input>;

export const clearForwarding = defineAction({
  name: 'exchange.clearForwarding',
  title: 'Stop forwarding mail',
  description: 'Ends the forwarding of the mail that a person gets.',
  effect: 'write',
  source: sourceOf('Set-Mailbox'),
  input,
  output,
  examples: [{ title: 'After the hand-over', with: { user: 'a.lee@example.com' } }],

  ...ensureMailbox<Input, undefined, { cleared: boolean }>({
    also: nothingElse,
    isDone: ({ forwardingTo }) => forwardingTo === undefined,
    isDoneBefore: true,
    change: (mailbox, _, __, client) =>
      setMailbox(client, mailbox, {
        ForwardingSmtpAddress: null,
        ForwardingAddress: null,
        DeliverToMailboxAndForward: false,
      }),
    output: ({ did }) => ({ cleared: did }),
    done: (name) => `mail of ${name} goes nowhere else`,
    would: (name, _, __, mailbox) =>
      `would stop forwarding mail of ${name}${mailbox?.forwardingTo ? ` to ${mailbox.forwardingTo}` : ''}`,
  }),
});
