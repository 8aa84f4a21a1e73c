import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { nameOf } from '../kit/graph/users.ts';
import { sourceOf } from './cmdlets.ts';
import { ensureMailbox } from './ensure-mailbox.ts';
import { skipped, userField } from './mailbox.ts';
import { accessParameters, type Delegate, delegateAt } from './mailbox-access.ts';

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

type Input = Static<typeof input>;

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

  ...ensureMailbox<Input, Delegate, { revoked: boolean }>({
    also: delegateAt,
    isDone: (_, { has }) => !has,
    isDoneBefore: true,
    change: async (mailbox, { person }, _, client) => {
      const parameters = { ...accessParameters(mailbox, person), Confirm: false };
      await client.cmdlets.invoke('Remove-MailboxPermission', parameters, { mailbox: mailbox.name });
    },
    output: ({ did }) => ({ revoked: did }),
    done: (name, { person }) => `${nameOf(person)} may not open the mailbox of ${name}`,
    would: (name, { person }) => `would no longer let ${nameOf(person)} open the mailbox of ${name}`,
  }),
});
