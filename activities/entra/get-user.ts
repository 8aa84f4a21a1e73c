import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { findUser, type GraphUser } from '../kit/graph/users.ts';
import { onlyUser } from './fields.ts';

const person = {
  id: Type.String({ description: 'Object id in the directory.' }),
  userPrincipalName: Type.String({ description: 'Name with which the person signs in.' }),
  displayName: Type.Optional(Type.String({ description: 'Full name.' })),
  mail: Type.Optional(Type.String({ description: 'E-mail address.' })),
};

const output = Type.Object({
  ...person,
  accountEnabled: Type.Boolean({ description: 'Whether the person can sign in.' }),
  onPremises: Type.Boolean({
    description: 'Whether the account comes from on-premises Active Directory, and has to be changed there.',
  }),
  jobTitle: Type.Optional(Type.String({ description: 'Job title.' })),
  department: Type.Optional(Type.String({ description: 'Department.' })),
  usageLocation: Type.Optional(Type.String({ description: 'Two-letter code of the country of work.' })),
  manager: Type.Optional(Type.Object(person, { description: 'The manager; absent when none is set.' })),
});

const fields = ['mail', 'accountEnabled', 'jobTitle', 'department', 'usageLocation', 'onPremisesSyncEnabled'];

export const getUser = defineAction({
  name: 'entra.getUser',
  title: 'Look up a person',
  description: 'Finds a person in Entra ID, with their manager.',
  effect: 'read',
  source: 'Microsoft Graph: Get user',
  input: onlyUser,
  output,
  examples: [
    { title: 'By sign-in name', with: { user: 'm.roth@example.com' } },
    { title: 'By a value from the ticket', with: { user: '${{ inputs.manager }}' } },
  ],

  async run({ user }, { client }: ActionContext<GraphClient>) {
    const expand = 'manager($select=id,userPrincipalName,displayName,mail)';
    const found = await findUser(client, user, fields, expand);
    if (!found)
      throw new PermanentFailure(
        `Entra ID has no user ${user}. Check the spelling, or create the user first.`,
        {
          status: 404,
        },
      );
    return {
      ...personOf(found),
      accountEnabled: found.accountEnabled ?? false,
      onPremises: found.onPremisesSyncEnabled ?? false,
      ...present({
        jobTitle: found.jobTitle,
        department: found.department,
        usageLocation: found.usageLocation,
      }),
      ...defined({ manager: found.manager ? personOf(found.manager) : undefined }),
    };
  },
});

function personOf(user: GraphUser): Pick<Static<typeof output>, keyof typeof person> {
  return {
    id: user.id,
    userPrincipalName: user.userPrincipalName,
    ...present({ displayName: user.displayName, mail: user.mail }),
  };
}

/** The fields that are set: an output is absent rather than null, so that runbooks handle one case and not two. */
function present<K extends string>(fields: Record<K, string | null | undefined>): Partial<Record<K, string>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value)) as Partial<
    Record<K, string>
  >;
}
