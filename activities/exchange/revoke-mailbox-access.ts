import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { nameOf } from '../kit/graph/users.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { findMailbox, isNone, mailboxOf, nothingThere, skipped, userField } from './mailbox.ts';
import { accessParameters, delegateOf, hasAccess } from './mailbox-access.ts';

const input = Type.Object(
  {
    user: userField,
    to: Type.String({
      minLength: 1,
      description: 'Whoever may no longer open it: sign-in name, e-mail address or object id.',
    }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  revoked: Type.Boolean({ description: 'True when this step took access away, false when there was none.' }),
  skipped,
});

type Context = ActionContext<ExchangeClient>;

export const revokeMailboxAccess = defineAction({
  name: 'exchange.revokeMailboxAccess',
  title: 'Take back access to a mailbox',
  description: 'Ends the access of somebody to the mailbox of another person.',
  effect: 'write',
  source: sourceOf('Remove-MailboxPermission'),
  input,
  output,
  undo: 'exchange.grantMailboxAccess',
  examples: [{ title: 'After the hand-over', with: { user: 'a.lee@example.com', to: 'm.roth@example.com' } }],

  async run({ user, to }, { client, rememberBeforeWrite }: Context) {
    const mailbox = await mailboxOf(client, user);
    if (isNone(mailbox)) return { revoked: false, skipped: mailbox.none };
    const person = await delegateOf(client, to);
    const has = await hasAccess(client, mailbox, person);
    const had = await rememberBeforeWrite(async () => has);
    if (!has) return { revoked: had };
    const parameters = { ...accessParameters(mailbox, person), Confirm: false };
    await client.cmdlets.invoke('Remove-MailboxPermission', parameters, { mailbox: mailbox.name });
    return { revoked: had };
  },

  async preview({ user, to }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    if (isNone(mailbox)) return nothingThere(mailbox);
    const person = await delegateOf(client, to);
    const name = mailbox?.name ?? user;
    if (!mailbox || !(await hasAccess(client, mailbox, person)))
      return { summary: `${nameOf(person)} may not open the mailbox of ${name}`, nothingToDo: true };
    return { summary: `would no longer let ${nameOf(person)} open the mailbox of ${name}` };
  },

  async verify({ user, to }, { client }: Context) {
    const mailbox = await mailboxOf(client, user);
    return isNone(mailbox) || !(await hasAccess(client, mailbox, await delegateOf(client, to)));
  },
});
