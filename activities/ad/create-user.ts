import { type Static, Type } from 'typebox';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { flags } from './account.ts';
import { accountNameProblem, problemOf, refusalOf } from './checks.ts';
import type { AdClient } from './client.ts';
import type { Directory, Values } from './directory.ts';
import type { Entry } from './entry.ts';
import * as fields from './fields.ts';
import { is } from './filters.ts';
import { find, findSurely, nameOf } from './find.ts';
import { childOf } from './names.ts';
import { passwordFor, passwordValue } from './passwords.ts';

const input = Type.Object(
  {
    accountName: Type.String({
      minLength: 1,
      description: 'Short name with which the person can sign in, too: at most 20 characters.',
    }),
    userPrincipalName: Type.String({
      format: 'email',
      description: 'Name with which the person will sign in, in a domain of the forest.',
    }),
    displayName: Type.String({ minLength: 1, description: 'Full name, as address lists show it.' }),
    name: Type.Optional(
      Type.String({ minLength: 1, description: 'Name of the entry, unless it is the full name.' }),
    ),
    container: fields.container('Organisational unit in which the account is made'),
    givenName: Type.Optional(Type.String({ minLength: 1, description: 'First name.' })),
    surname: Type.Optional(Type.String({ minLength: 1, description: 'Family name.' })),
    mail: Type.Optional(Type.String({ format: 'email', description: 'E-mail address.' })),
    jobTitle: Type.Optional(Type.String({ minLength: 1, description: 'Job title.' })),
    department: Type.Optional(Type.String({ minLength: 1, description: 'Department.' })),
    country: Type.Optional(
      Type.String({ pattern: '^[A-Z]{2}$', description: 'Two-letter code of the country of work.' }),
    ),
    manager: Type.Optional(
      Type.String({ minLength: 1, description: 'Sign-in name, account name or object id of the manager.' }),
    ),
    attributes: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Further attributes by their names in the schema, such as physicalDeliveryOfficeName.',
      }),
    ),
    accountEnabled: Type.Optional(
      Type.Boolean({ description: 'Whether the person can sign in at once. Yes, unless said otherwise.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  id: fields.id,
  accountName: Type.String({ description: 'Account name.' }),
  userPrincipalName: Type.String({ description: 'Name with which the person signs in.' }),
  distinguishedName: fields.distinguishedName,
  password: Type.String({ description: 'First password, to be changed at the first sign-in. Sealed.' }),
});

type Input = Static<typeof input>;
type Context = ActionContext<AdClient>;

const attributeNames: Partial<Record<keyof Input, string>> = {
  displayName: 'displayName',
  givenName: 'givenName',
  surname: 'sn',
  mail: 'mail',
  jobTitle: 'title',
  department: 'department',
  country: 'c',
};

export const createUser = defineAction({
  name: 'ad.createUser',
  title: 'Create an account',
  description:
    'Creates a person in Active Directory with a first password, all at once. Names that are taken, or longer than Windows allows, are refused before. Trying again finds the account of the first try.',
  effect: 'write',
  source: 'MS-ADTS: Add Operation, unicodePwd',
  input,
  output,
  sensitive: ['password'],
  undo: 'ad.deleteUser',
  examples: [
    {
      title: 'A new hire',
      with: {
        accountName: 'a.lee',
        userPrincipalName: 'a.lee@corp.example.com',
        displayName: 'Ann Lee',
        givenName: 'Ann',
        surname: 'Lee',
        container: 'OU=Staff,DC=corp,DC=example,DC=com',
        manager: 'm.roth',
      },
    },
  ],

  async run(input, context: Context) {
    const { client, key } = context;
    const password = passwordFor('first password of a user', [input.accountName, input.displayName], context);
    return client.session(async (directory) => {
      const { own, problems } = await look(directory, input, client.marker, key);
      if (own === undefined && problems[0] !== undefined) throw new PermanentFailure(problems[0]);
      const entry = own ?? (await create(directory, input, password, context));
      return {
        id: entry.id,
        accountName: input.accountName,
        userPrincipalName: input.userPrincipalName,
        distinguishedName: entry.dn,
        password,
      };
    });
  },

  preview: (input, { client, key }: Context) =>
    client.session(async (directory) => {
      const { problems } = await look(directory, input, client.marker, key);
      return {
        summary: `would create ${input.userPrincipalName} (${input.accountName}) in ${input.container}`,
        ...defined({ problems: unlessEmpty(problems) }),
      };
    }),

  verify: (input, { client, key }: Context) =>
    client.session(async (directory) => {
      const { own } = await look(directory, input, client.marker, key);
      return own !== undefined;
    }),
});

/** `own` is the account that an earlier try of this very step made. */
async function look(
  directory: Directory,
  input: Input,
  marker: string,
  key: string,
): Promise<{ own?: Entry; problems: string[] }> {
  const about = [marker, 'whenCreated', 'displayName'];
  const named = await find(directory, 'user', input.accountName, about);
  if (named?.text(marker) === key) return { own: named, problems: [] };
  const problems = formProblems(input);
  const byName = named ?? (await taken(directory, 'sAMAccountName', input.accountName));
  if (byName) problems.push(takenBy('accountName', input.accountName, byName));
  const bySignIn = await taken(directory, 'userPrincipalName', input.userPrincipalName);
  if (bySignIn && bySignIn.id !== byName?.id)
    problems.push(takenBy('userPrincipalName', input.userPrincipalName, bySignIn));
  if (!(await directory.read(input.container, ['objectGUID'])))
    problems.push(`Active Directory has no ${input.container}. Correct \`container\`.`);
  else if (await directory.read(dnOf(input), ['objectGUID']))
    problems.push(
      `${dnOf(input)} is there already. Give the entry another \`name\`, or take another container.`,
    );
  if (input.manager !== undefined && !(await find(directory, 'user', input.manager)))
    problems.push(
      `Active Directory has no user ${input.manager} to be the manager. Correct \`manager\`, or leave it out.`,
    );
  return { problems };
}

function formProblems(input: Input): string[] {
  const plain = Object.entries(attributesOf(input));
  return [
    accountNameProblem(input.accountName),
    problemOf('cn', input.name ?? input.displayName),
    problemOf('userPrincipalName', input.userPrincipalName),
    ...Object.keys(input.attributes ?? {}).map(refusalOf),
    ...plain.map(([name, value]) => problemOf(name, value)),
  ].filter((problem) => problem !== undefined);
}

/** Of any kind: a group or a computer has the name for itself, too. */
async function taken(directory: Directory, attribute: string, value: string): Promise<Entry | undefined> {
  const wanted = ['objectGUID', 'sAMAccountName', 'userPrincipalName', 'displayName', 'whenCreated'];
  return (
    await directory.search({ base: directory.domain, filter: is(attribute, value), attributes: wanted })
  )[0];
}

function takenBy(field: string, value: string, entry: Entry): string {
  return (
    `${value} already belongs to ${entry.text('displayName') ?? nameOf(entry)} (${entry.id}), and not to this run. ` +
    `Choose another ${field}; or, if this is the same person, complete the step by hand with that account.`
  );
}

function dnOf({ container, name, displayName }: Input): string {
  return childOf(container, name ?? displayName);
}

function attributesOf(input: Input): Record<string, string> {
  const named = Object.entries(attributeNames).flatMap(([field, attribute]) => {
    const value = input[field as keyof Input];
    return typeof value === 'string' ? [[attribute, value] as const] : [];
  });
  return { ...Object.fromEntries(named), ...input.attributes };
}

async function create(
  directory: Directory,
  input: Input,
  password: string,
  { client, key }: Context,
): Promise<Entry> {
  const manager =
    input.manager === undefined ? undefined : await findSurely(directory, 'user', input.manager);
  const control = flags.normal | (input.accountEnabled === false ? flags.disabled : 0);
  // The password in the same request: Windows enables no account that has none.
  const attributes: Record<string, Values> = {
    objectClass: 'user',
    sAMAccountName: input.accountName,
    userPrincipalName: input.userPrincipalName,
    ...attributesOf(input),
    ...defined({ manager: manager?.dn }),
    unicodePwd: passwordValue(password),
    userAccountControl: String(control),
    pwdLastSet: '0',
    [client.marker]: key,
  };
  await directory.add(dnOf(input), attributes);
  return findSurely(directory, 'user', input.accountName);
}
