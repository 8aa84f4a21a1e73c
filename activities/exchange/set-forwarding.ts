import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { cannotSignIn, findUser } from '../kit/graph/users.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { ensureMailbox } from './ensure-mailbox.ts';
import { type Mailbox, setMailbox, skipped, userField } from './mailbox.ts';

const input = Type.Object(
  {
    user: userField,
    to: Type.String({
      minLength: 1,
      description: 'Whoever gets the mail: sign-in name or object id of a person, or any e-mail address.',
    }),
    keepCopy: Type.Optional(
      Type.Boolean({ description: 'Whether the mailbox keeps the mail, too. Yes, unless said otherwise.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  set: Type.Boolean({ description: 'True when this step set it, false when it was set so already.' }),
  before: Type.Optional(Type.String({ description: 'Where mail went before, if it went elsewhere.' })),
  skipped,
});

type Input = Static<typeof input>;

export const setForwarding = defineAction({
  name: 'exchange.setForwarding',
  title: 'Forward mail',
  description:
    'Sends the mail that a person gets on to somebody else. A forwarding that was there before is replaced.',
  effect: 'write',
  source: sourceOf('Set-Mailbox'),
  input,
  output,
  undo: 'exchange.clearForwarding',
  examples: [
    { title: 'To the manager', with: { user: 'a.lee@example.com', to: 'm.roth@example.com' } },
    {
      title: 'Without keeping a copy',
      with: { user: 'a.lee@example.com', to: 'm.roth@example.com', keepCopy: false },
    },
  ],

  ...ensureMailbox<Input, Recipient, Omit<Static<typeof output>, 'skipped'>>({
    also: recipientOf,
    isDone: (mailbox, { address }, { keepCopy = true }) => forwardsTo(mailbox, address, keepCopy),
    change: (mailbox, { address }, { keepCopy = true }, client) =>
      setMailbox(client, mailbox, {
        ForwardingSmtpAddress: `smtp:${address}`,
        // It would win over the address.
        ForwardingAddress: null,
        DeliverToMailboxAndForward: keepCopy,
      }),
    output: ({ did, before }) => ({
      set: did,
      ...defined({ before: did ? before.found?.forwardingTo : undefined }),
    }),
    done: (name, { address }) => `mail of ${name} goes to ${address} already`,
    would: (name, { address }, { keepCopy = true }, mailbox) => {
      const instead = mailbox?.forwardingTo ? ` instead of ${mailbox.forwardingTo}` : '';
      return `would forward mail of ${name} to ${address}${instead}, ${keepCopy ? 'keeping a copy' : 'keeping none'}`;
    },
    warnings: ({ warnings }) => warnings,
  }),
});

interface Recipient {
  address: string;
  warnings: readonly string[] | undefined;
}

/** A sign-in name need not be an address that gets mail. */
async function recipientOf(
  { to }: Input,
  _: Mailbox | undefined,
  client: ExchangeClient,
): Promise<Recipient> {
  const person = await findUser(client, to, ['mail', 'accountEnabled']);
  if (person) return { address: person.mail ?? person.userPrincipalName, warnings: cannotSignIn(person) };
  if (to.includes('@')) return { address: to, warnings: undefined };
  throw new PermanentFailure(
    `Entra ID has no user ${to} to forward mail to. Correct \`to\`, or give an e-mail address.`,
  );
}

function forwardsTo(mailbox: Mailbox, address: string, keepCopy: boolean): boolean {
  return mailbox.forwardingTo?.toLowerCase() === address.toLowerCase() && mailbox.keepsCopy === keepCopy;
}
