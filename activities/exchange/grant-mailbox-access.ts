import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { cannotSignIn, nameOf } from '../kit/graph/users.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { findMailbox, isNone, mailboxOf, nothingThere, skipped, userField } from './mailbox.ts';
import { accessParameters, delegateOf, hasAccess } from './mailbox-access.ts';

const input = Type.Object(
  {
    user: userField,
    to: Type.String({
      minLength: 1,
      description: 'Whoever may open it: sign-in name, e-mail address or object id.',
    }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  granted: Type.Boolean({ description: 'True when this step gave access, false when it was there already.' }),
  skipped,
});

type Context = ActionContext<ExchangeClient>;

export const grantMailboxAccess = defineAction({
  name: 'exchange.grantMailboxAccess',
  title: 'Give access to a mailbox',
  description: 'Lets somebody open the mailbox of another person and do everything in it but send from it.',
  effect: 'write',
  source: sourceOf('Add-MailboxPermission'),
  input,
  output,
  undo: 'exchange.revokeMailboxAccess',
  examples: [{ title: 'To the manager', with: { user: 'a.lee@example.com', to: 'm.roth@example.com' } }],

  async run({ user, to }, { client, rememberBeforeWrite }: Context) {
    const mailbox = await mailboxOf(client, user);
    if (isNone(mailbox)) return { granted: false, skipped: mailbox.none };
    const person = await delegateOf(client, to);
    const has = await hasAccess(client, mailbox, person);
    const had = await rememberBeforeWrite(async () => has);
    if (has) return { granted: !had };
    const parameters = { ...accessParameters(mailbox, person), InheritanceType: 'All' };
    await client.cmdlets.invoke('Add-MailboxPermission', parameters, { mailbox: mailbox.name });
    return { granted: !had };
  },

  async preview({ user, to }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    if (isNone(mailbox)) return nothingThere(mailbox);
    const person = await delegateOf(client, to);
    if (mailbox && (await hasAccess(client, mailbox, person)))
      return {
        summary: `${nameOf(person)} may open the mailbox of ${mailbox.name} already`,
        nothingToDo: true,
      };
    return {
      summary: `would let ${nameOf(person)} open the mailbox of ${mailbox?.name ?? user}`,
      ...defined({ problems: cannotSignIn(person) }),
    };
  },

  async verify({ user, to }, { client }: Context) {
    const mailbox = await mailboxOf(client, user);
    return isNone(mailbox) || hasAccess(client, mailbox, await delegateOf(client, to));
  },
});
