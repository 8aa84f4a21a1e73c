import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { isEnabled, previewEnabled, setEnabled } from './account.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  id: Type.String({ description: 'Object id in the directory.' }),
  userPrincipalName: Type.String({ description: 'Name with which the person signs in.' }),
  disabled: Type.Boolean({
    description: 'True when this step disabled the account, false when it was disabled already.',
  }),
});

type Context = ActionContext<GraphClient>;

export const disableUser = defineAction({
  name: 'entra.disableUser',
  title: 'Disable an account',
  description:
    'Keeps a person from signing in. Sessions that are open go on until they are revoked. An account from on-premises Active Directory has to be disabled there. Its undo enables the account, also when it had been disabled before.',
  effect: 'write',
  source: 'Microsoft Graph: Update user',
  input: fields.onlyUser,
  output,
  undo: 'entra.enableUser',
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  async run({ user }, context: Context) {
    const { person, changed } = await setEnabled(user, false, context);
    return { id: person.id, userPrincipalName: person.userPrincipalName, disabled: changed };
  },

  preview: ({ user }, { client }: Context) => previewEnabled(client, user, false),

  verify: async ({ user }, { client }: Context) => !(await isEnabled(client, user)),
});
