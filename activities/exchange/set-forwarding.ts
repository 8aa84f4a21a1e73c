import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { findUser } from '../kit/graph/users.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { findMailbox, type Mailbox, mailboxThatMustExist, setMailbox, userField } from './mailbox.ts';

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
});

type Context = ActionContext<ExchangeClient>;

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

  async run({ user, to, keepCopy = true }, { client }: Context) {
    const mailbox = await mailboxThatMustExist(client, user);
    const address = await addressOf(client, to);
    if (forwardsTo(mailbox, address, keepCopy)) return { set: false };
    const changes = {
      ForwardingSmtpAddress: `smtp:${address}`,
      // It would win over the address.
      ForwardingAddress: null,
      DeliverToMailboxAndForward: keepCopy,
    };
    await setMailbox(client, mailbox, changes);
    return { set: true, ...defined({ before: mailbox.forwardingTo || undefined }) };
  },

  async preview({ user, to, keepCopy = true }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    const address = await addressOf(client, to);
    const name = mailbox?.name ?? user;
    if (mailbox && forwardsTo(mailbox, address, keepCopy))
      return { summary: `mail of ${name} goes to ${address} already`, nothingToDo: true };
    const instead = mailbox?.forwardingTo ? ` instead of ${mailbox.forwardingTo}` : '';
    return {
      summary: `would forward mail of ${name} to ${address}${instead}, ${keepCopy ? 'keeping a copy' : 'keeping none'}`,
    };
  },

  async verify({ user, to, keepCopy = true }, { client }: Context) {
    const mailbox = await mailboxThatMustExist(client, user);
    return forwardsTo(mailbox, await addressOf(client, to), keepCopy);
  },
});

/** A sign-in name need not be an address that gets mail. */
async function addressOf(client: ExchangeClient, to: string): Promise<string> {
  const person = await findUser(client, to, ['mail']);
  if (person) return person.mail ?? person.userPrincipalName;
  if (to.includes('@')) return to;
  throw new PermanentFailure(
    `Entra ID has no user ${to} to forward mail to. Correct \`to\`, or give an e-mail address.`,
  );
}

function forwardsTo(mailbox: Mailbox, address: string, keepCopy: boolean): boolean {
  return mailbox.forwardingTo?.toLowerCase() === address.toLowerCase() && mailbox.keepsCopy === keepCopy;
}
