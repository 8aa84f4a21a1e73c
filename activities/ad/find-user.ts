import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { flags, isDisabled } from './account.ts';
import type { AdClient } from './client.ts';
import type { Entry } from './entry.ts';
import * as fields from './fields.ts';
import { find } from './find.ts';
import { parentOf } from './names.ts';
import { fileTimeToIso, generalizedTimeToIso } from './times.ts';

const optional = (description: string) => Type.Optional(Type.String({ description }));

const output = Type.Object({
  found: Type.Boolean({ description: 'Whether there is such a person.' }),
  id: Type.Optional(fields.id),
  accountName: optional('Account name.'),
  userPrincipalName: optional('Name with which the person signs in.'),
  distinguishedName: Type.Optional(fields.distinguishedName),
  container: optional('Organisational unit that the account stands in.'),
  displayName: optional('Full name.'),
  mail: optional('E-mail address.'),
  jobTitle: optional('Job title.'),
  department: optional('Department.'),
  manager: optional('Distinguished name of the manager.'),
  enabled: Type.Optional(Type.Boolean({ description: 'Whether the person may sign in.' })),
  locked: Type.Optional(
    Type.Boolean({ description: 'Whether the account is locked after too many wrong passwords.' }),
  ),
  expires: optional('When the account ends. Absent when it never does.'),
  passwordSet: optional('When the password was last set. Absent when it must be changed.'),
  created: optional('When the account was made.'),
});

const attributes = [
  'displayName',
  'mail',
  'title',
  'department',
  'manager',
  'userAccountControl',
  'msDS-User-Account-Control-Computed',
  'accountExpires',
  'pwdLastSet',
  'whenCreated',
];

export const findUser = defineAction({
  name: 'ad.findUser',
  title: 'Look a person up',
  description:
    'Looks a person up in Active Directory by any of their names. Says so when there is none, which is no failure.',
  effect: 'read',
  source: 'MS-ADTS: Search Operation',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'By sign-in name', with: { user: 'a.lee@corp.example.com' } }],

  run: ({ user }, { client }: ActionContext<AdClient>) =>
    client.session(async (directory) => {
      const entry = await find(directory, 'user', user, attributes);
      return entry ? seen(entry) : { found: false };
    }),
});

function seen(entry: Entry): Static<typeof output> {
  return {
    found: true,
    id: entry.id,
    distinguishedName: entry.dn,
    container: parentOf(entry.dn),
    enabled: !isDisabled({ control: entry.number('userAccountControl') ?? 0 }),
    // userAccountControl itself does not show it.
    locked: ((entry.number('msDS-User-Account-Control-Computed') ?? 0) & flags.locked) !== 0,
    ...defined({
      accountName: entry.text('sAMAccountName'),
      userPrincipalName: entry.text('userPrincipalName'),
      displayName: entry.text('displayName'),
      mail: entry.text('mail'),
      jobTitle: entry.text('title'),
      department: entry.text('department'),
      manager: entry.text('manager'),
      expires: fileTimeToIso(entry.text('accountExpires')),
      passwordSet: fileTimeToIso(entry.text('pwdLastSet')),
      created: generalizedTimeToIso(entry.text('whenCreated')),
    }),
  };
}
