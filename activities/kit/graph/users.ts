/** Finding people in the directory, as several actions need it. */
import { defined } from '../../../plan/defined.ts';
import type { ActionContext } from '../define-action.ts';
import { PermanentFailure, RetryableFailure } from '../failures.ts';
import type { GraphClient } from './client.ts';

/** The part of Graph's user that the actions read (user resource type). */
export interface GraphUser {
  id: string;
  userPrincipalName: string;
  displayName: string | null;
  mail?: string | null;
  accountEnabled?: boolean | null;
  jobTitle?: string | null;
  department?: string | null;
  usageLocation?: string | null;
  createdDateTime?: string | null;
  onPremisesSyncEnabled?: boolean | null;
  assignedLicenses?: { skuId: string }[];
  assignedPlans?: { service?: string | null; capabilityStatus?: string | null }[] | null;
  onPremisesExtensionAttributes?: Record<string, string | null> | null;
  manager?: GraphUser | null;
}

const always = ['id', 'userPrincipalName', 'displayName'];

/**
 * Finds a user by object id, sign-in name (guests' `#EXT#` included) or e-mail address. Undefined when there is none;
 * rejects when an address belongs to several.
 */
export async function findUser(
  client: GraphClient,
  user: string,
  fields: readonly string[],
  expand?: string,
): Promise<GraphUser | undefined> {
  const query = {
    $select: [...new Set([...always, ...fields])].join(','),
    ...defined({ $expand: expand }),
  };
  const found = await client.find<GraphUser>(`/users/${encodeURIComponent(user)}`, { query });
  if (found || !user.includes('@')) return found;
  // An e-mail address need not be the sign-in name.
  const $filter = `mail eq '${user.replaceAll("'", "''")}'`;
  const matches = await client.list<GraphUser>('/users', { query: { ...query, $filter } });
  if (matches.length > 1)
    throw new PermanentFailure(
      `${matches.length} users have the e-mail address ${user}: ${matches.map(nameOf).join(', ')}. Name one by its sign-in name.`,
    );
  return matches[0];
}

/** The same for a user who must be there: one that is not may have been created moments ago, so it is worth a retry. */
export async function userThatMustExist(
  client: GraphClient,
  user: string,
  fields: readonly string[],
): Promise<GraphUser> {
  const found = await findUser(client, user, fields);
  if (found) return found;
  throw new RetryableFailure(
    `The directory shows no user ${user}. One created moments ago may take a while to appear; else check the name.`,
    { status: 404 },
  );
}

/** How an action about a person looks: by reading alone, and where they must be there. */
export function personLooks<Input extends { user: string }, Client extends GraphClient, State>(
  fields: readonly string[],
  stateOf: (person: GraphUser, input: Input, client: Client) => State | Promise<State>,
) {
  return {
    async look(input: Input, { client }: ActionContext<Client>): Promise<State | undefined> {
      const person = await findUser(client, input.user, fields);
      return person && stateOf(person, input, client);
    },
    async need(input: Input, { client }: ActionContext<Client>): Promise<State> {
      return stateOf(await userThatMustExist(client, input.user, fields), input, client);
    },
  };
}

/** How messages name a user: by the sign-in name, since names of people repeat. */
export function nameOf(user: GraphUser): string {
  return user.userPrincipalName;
}

/** What a gate is told of somebody who is to get something and could not use it. Nothing for whoever can, or is unknown here. */
export function cannotSignIn(person: GraphUser | undefined): string[] | undefined {
  if (person?.accountEnabled !== false) return undefined;
  return [
    `The account of ${nameOf(person)} is disabled: they could not use what they are given. Name somebody else, or enable it first.`,
  ];
}
