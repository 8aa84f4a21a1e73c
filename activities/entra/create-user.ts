import { type Static, Type } from 'typebox';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { lookPatiently } from '../kit/delay.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import { type GraphAnswer, successOf } from '../kit/graph/client.ts';
import { findUser, type GraphUser, nameOf } from '../kit/graph/users.ts';
import { passwordFrom } from '../kit/password.ts';
import type { EntraClient } from './client.ts';

const input = Type.Object(
  {
    userPrincipalName: Type.String({
      format: 'email',
      description: 'Name with which the person will sign in, in a domain of the directory.',
    }),
    displayName: Type.String({ minLength: 1, description: 'Full name, as address lists show it.' }),
    givenName: Type.Optional(Type.String({ description: 'First name.' })),
    surname: Type.Optional(Type.String({ description: 'Family name.' })),
    mailNickname: Type.Optional(
      Type.String({
        pattern: '^[^\\s@()\\[\\]";:<>,\\\\]+$',
        description: 'Mail alias. Unless given, the part of the sign-in name before the @.',
      }),
    ),
    usageLocation: Type.String({
      pattern: '^[A-Z]{2}$',
      description: 'Two-letter code of the country of work. No licence can be assigned without it.',
    }),
    jobTitle: Type.Optional(Type.String({ description: 'Job title.' })),
    department: Type.Optional(Type.String({ description: 'Department.' })),
    manager: Type.Optional(
      Type.String({ minLength: 1, description: 'Sign-in name, e-mail address or object id of the manager.' }),
    ),
    accountEnabled: Type.Optional(
      Type.Boolean({ description: 'Whether the person can sign in at once. Yes, unless said otherwise.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  id: Type.String({ description: 'Object id in the directory.' }),
  userPrincipalName: Type.String({ description: 'Name with which the person signs in.' }),
  displayName: Type.String({ description: 'Full name.' }),
  password: Type.String({ description: 'First password, to be changed at the first sign-in. Sealed.' }),
});

type Input = Static<typeof input>;
type Context = ActionContext<EntraClient>;

const fields = ['createdDateTime', 'onPremisesExtensionAttributes'];

export const createUser = defineAction({
  name: 'entra.createUser',
  title: 'Create an account',
  description:
    'Creates a person in Entra ID with a first password, and sets their manager. Trying again finds the account of the first try.',
  effect: 'write',
  source: 'Microsoft Graph: Create user',
  input,
  output,
  sensitive: ['password'],
  undo: 'entra.deleteUser',
  examples: [
    {
      title: 'A new hire',
      with: {
        userPrincipalName: 'a.lee@example.com',
        displayName: 'Ann Lee',
        givenName: 'Ann',
        surname: 'Lee',
        usageLocation: 'DE',
        manager: 'm.roth@example.com',
      },
    },
  ],

  async run(input, context: Context) {
    const { client } = context;
    const password = passwordFrom(context.secretFor('first password of a user'));
    context.conceal(password);
    // Before anything is created: a misspelt manager should cost nothing.
    const manager = input.manager ? await managerOf(client, input.manager) : undefined;
    const user = (await existing(input, context)) ?? (await create(input, password, context));
    if (manager) await setManager(client, user, manager);
    return {
      id: user.id,
      userPrincipalName: user.userPrincipalName,
      displayName: user.displayName ?? input.displayName,
      password,
    };
  },

  async preview(input, { client }: Context) {
    const problems: string[] = [];
    const found = await findUser(client, input.userPrincipalName, fields);
    if (found) problems.push(takenBy(found));
    if (input.manager && !(await findUser(client, input.manager, [])))
      problems.push(unknownManager(input.manager));
    return {
      summary: `would create ${input.userPrincipalName}`,
      ...defined({ problems: unlessEmpty(problems) }),
    };
  },

  async verify(input, { client, key }: Context) {
    const found = await byName(client, input.userPrincipalName);
    return found !== undefined && carries(found, client.marker, key);
  },
});

/** The account that an earlier try of this very step made. Rejects when the name is somebody else's. */
async function existing(input: Input, { client, key }: Context): Promise<GraphUser | undefined> {
  const found = await byName(client, input.userPrincipalName);
  if (!found || carries(found, client.marker, key)) return found;
  throw new PermanentFailure(takenBy(found));
}

async function create(input: Input, password: string, context: Context): Promise<GraphUser> {
  const { client } = context;
  const answer = await client.ask<GraphUser>('POST', '/users', {
    body: bodyOf(input, password, context),
  });
  if (isDuplicate(answer)) return afterDuplicate(input, answer, context);
  const created = successOf(answer);
  // The next step would get a 404 from a replica that has not heard of the user yet.
  const seen = await lookPatiently(() => byName(client, created.id), client.signal);
  if (seen) return seen;
  throw new RetryableFailure(
    `${input.userPrincipalName} was created, and the directory does not show it yet. The next try will find it.`,
    { status: 404 },
  );
}

function bodyOf(input: Input, password: string, { client, key }: Context): Record<string, unknown> {
  const { manager: _, mailNickname, accountEnabled = true, ...attributes } = input;
  return {
    ...attributes,
    accountEnabled,
    mailNickname: mailNickname ?? input.userPrincipalName.split('@')[0],
    passwordProfile: { password, forceChangePasswordNextSignIn: true },
    onPremisesExtensionAttributes: { [client.marker]: key },
  };
}

function isDuplicate({ status, error }: GraphAnswer<unknown>): boolean {
  return (status === 400 || status === 409) && /already exists/i.test(error?.message ?? '');
}

/**
 * The name is taken though the directory did not show it: either our own create of which the answer was lost, still on
 * its way to the replica that we ask, or somebody else's.
 */
async function afterDuplicate(
  input: Input,
  answer: GraphAnswer<unknown>,
  { client, key }: Context,
): Promise<GraphUser> {
  // Another property, such as a mail address, is taken: waiting for a user of this name would be in vain.
  const aboutName = /userPrincipalName/i.test(answer.error?.message ?? '');
  const look = () => byName(client, input.userPrincipalName);
  const found = aboutName ? await lookPatiently(look, client.signal) : await look();
  if (found && carries(found, client.marker, key)) return found;
  if (found) throw new PermanentFailure(takenBy(found));
  if (aboutName)
    throw new RetryableFailure(
      `The directory says that ${input.userPrincipalName} exists, and does not show it yet. The next try will look again.`,
      { status: answer.status },
    );
  throw (
    answer.failure ?? new PermanentFailure(`The directory refused ${input.userPrincipalName} as a duplicate.`)
  );
}

/** By sign-in name or id only: an e-mail address that somebody has as an alias is no account of that name. */
function byName(client: EntraClient, user: string): Promise<GraphUser | undefined> {
  const query = { $select: ['id', 'userPrincipalName', 'displayName', ...fields].join(',') };
  return client.find<GraphUser>(`/users/${encodeURIComponent(user)}`, { query });
}

function carries(user: GraphUser, marker: string, key: string): boolean {
  return user.onPremisesExtensionAttributes?.[marker] === key;
}

function takenBy(user: GraphUser): string {
  const since = user.createdDateTime ? `, created ${user.createdDateTime.slice(0, 10)}` : '';
  return (
    `${nameOf(user)} already belongs to ${user.displayName ?? 'somebody'} (${user.id}${since}), and not to this run. ` +
    'Choose another userPrincipalName; or, if this is the same person, complete the step by hand with that account.'
  );
}

async function managerOf(client: EntraClient, manager: string): Promise<GraphUser> {
  const found = await findUser(client, manager, []);
  if (found) return found;
  throw new PermanentFailure(unknownManager(manager));
}

function unknownManager(manager: string): string {
  return `Entra ID has no user ${manager} to be the manager. Correct \`manager\`, or leave it out.`;
}

/** Microsoft Graph: Assign manager. Replaces, so repeating it changes nothing. */
async function setManager(client: EntraClient, user: GraphUser, manager: GraphUser): Promise<void> {
  const body = client.reference(`/users/${manager.id}`);
  successOf(await client.ask('PUT', `/users/${user.id}/manager/$ref`, { body }));
}
