import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import { passwordFrom } from '../kit/password.ts';
import { masteredElsewhere } from './account.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  password: Type.String({ description: 'New password, to be changed at the next sign-in. Sealed.' }),
});

type Context = ActionContext<GraphClient>;

export const resetPassword = defineAction({
  name: 'entra.resetPassword',
  title: 'Reset the password',
  description:
    'Gives a person a new password, which they must change at the next sign-in. Trying again sets the same one. A password from on-premises Active Directory has to be reset there.',
  effect: 'write',
  source: 'Microsoft Graph: Update user',
  input: fields.onlyUser,
  output,
  sensitive: ['password'],
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  async run({ user }, { client, secretFor, conceal }: Context) {
    const password = passwordFrom(secretFor('new password of a user'));
    conceal(password);
    const person = await userThatMustExist(client, user, ['onPremisesSyncEnabled']);
    const problem = masteredElsewhere(person, 'Reset the password of');
    if (problem) throw new PermanentFailure(problem);
    const body = { passwordProfile: { password, forceChangePasswordNextSignIn: true } };
    successOf(await client.ask('PATCH', `/users/${person.id}`, { body }));
    return { password };
  },

  async preview({ user }, { client }: Context) {
    const person = await findUser(client, user, ['onPremisesSyncEnabled']);
    if (!person) return { summary: `would reset the password of ${user} once the account is there` };
    const problem = masteredElsewhere(person, 'Reset the password of');
    return {
      summary: `would reset the password of ${nameOf(person)}`,
      ...defined({ problems: problem ? [problem] : undefined }),
    };
  },
});
