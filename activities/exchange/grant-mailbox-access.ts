import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { cannotSignIn, nameOf } from '../kit/graph/users.ts';
import { sourceOf } from './cmdlets.ts';
import { ensureMailbox } from './ensure-mailbox.ts';
import { skipped, userField } from './mailbox.ts';
import { accessParameters, type Delegate, delegateAt } from './mailbox-access.ts';

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

type Input = Static<typeof input>;

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

  ...ensureMailbox<Input, Delegate, { granted: boolean }>({
    also: delegateAt,
    isDone: (_, { has }) => has,
    change: async (mailbox, { person }, _, client) => {
      const parameters = { ...accessParameters(mailbox, person), InheritanceType: 'All' };
      await client.cmdlets.invoke('Add-MailboxPermission', parameters, { mailbox: mailbox.name });
    },
    output: ({ did }) => ({ granted: did }),
    done: (name, { person }) => `${nameOf(person)} may open the mailbox of ${name} already`,
    would: (name, { person }) => `would let ${nameOf(person)} open the mailbox of ${name}`,
    warnings: ({ person }) => cannotSignIn(person),
  }),
});
