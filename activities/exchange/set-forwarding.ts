import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { cannotSignIn, findUser, type GraphUser } from '../kit/graph/users.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import {
  findMailbox,
  isNone,
  type Mailbox,
  mailboxOf,
  nothingThere,
  setMailbox,
  skipped,
  userField,
} from './mailbox.ts';

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

  async run({ user, to, keepCopy = true }, { client, rememberBeforeWrite }: Context) {
    const mailbox = await mailboxOf(client, user);
    if (isNone(mailbox)) return { set: false, skipped: mailbox.none };
    const address = addressOf(to, await findUser(client, to, ['mail']));
    const isSet = forwardsTo(mailbox, address, keepCopy);
    const found = await rememberBeforeWrite(async () => ({
      isSet,
      forwardingTo: mailbox.forwardingTo ?? null,
    }));
    const did = found.isSet
      ? { set: false }
      : { set: true, ...defined({ before: found.forwardingTo || undefined }) };
    if (isSet) return did;
    const changes = {
      ForwardingSmtpAddress: `smtp:${address}`,
      // It would win over the address.
      ForwardingAddress: null,
      DeliverToMailboxAndForward: keepCopy,
    };
    await setMailbox(client, mailbox, changes);
    return did;
  },

  async preview({ user, to, keepCopy = true }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    if (isNone(mailbox)) return nothingThere(mailbox);
    const recipient = await findUser(client, to, ['mail', 'accountEnabled']);
    const address = addressOf(to, recipient);
    const name = mailbox?.name ?? user;
    if (mailbox && forwardsTo(mailbox, address, keepCopy))
      return { summary: `mail of ${name} goes to ${address} already`, nothingToDo: true };
    const instead = mailbox?.forwardingTo ? ` instead of ${mailbox.forwardingTo}` : '';
    return {
      summary: `would forward mail of ${name} to ${address}${instead}, ${keepCopy ? 'keeping a copy' : 'keeping none'}`,
      ...defined({ problems: cannotSignIn(recipient) }),
    };
  },

  async verify({ user, to, keepCopy = true }, { client }: Context) {
    const mailbox = await mailboxOf(client, user);
    return (
      isNone(mailbox) || forwardsTo(mailbox, addressOf(to, await findUser(client, to, ['mail'])), keepCopy)
    );
  },
});

/** A sign-in name need not be an address that gets mail. */
function addressOf(to: string, person: GraphUser | undefined): string {
  if (person) return person.mail ?? person.userPrincipalName;
  if (to.includes('@')) return to;
  throw new PermanentFailure(
    `Entra ID has no user ${to} to forward mail to. Correct \`to\`, or give an e-mail address.`,
  );
}

function forwardsTo(mailbox: Mailbox, address: string, keepCopy: boolean): boolean {
  return mailbox.forwardingTo?.toLowerCase() === address.toLowerCase() && mailbox.keepsCopy === keepCopy;
}
