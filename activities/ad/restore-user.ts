import { type Static, Type } from 'typebox';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { type Account, accountAttributes, accountOf, isDisabled, setDisabled } from './account.ts';
import { joinAll } from './add-user-to-groups.ts';
import type { AdClient } from './client.ts';
import { type Deleted, deletedUser } from './deleted.ts';
import type { Directory } from './directory.ts';
import * as fields from './fields.ts';
import { is } from './filters.ts';
import { find, findSurely } from './find.ts';
import { type Group, groupAttributes, groupOf, isMember } from './groups.ts';
import { childOf } from './names.ts';

const input = Type.Object(
  {
    user: fields.user,
    userPrincipalName: Type.Optional(
      Type.String({ format: 'email', description: 'Name with which the person shall sign in again.' }),
    ),
    groups: Type.Optional(
      Type.Array(fields.group, { description: 'Groups that the person shall be in again.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  id: Type.String({ description: 'Object id, the same as before.' }),
  name: Type.String({ description: 'Account name.' }),
  distinguishedName: fields.distinguishedName,
  restored: Type.Boolean({
    description: 'True when this step restored the account, false when it was there already.',
  }),
  joined: Type.Array(Type.String(), { description: 'Names of the groups that the person is in again.' }),
  skipped: Type.Array(fields.groupAndReason, {
    description: 'Groups that the person is not in again, and why.',
  }),
});

type Input = Static<typeof input>;
type Context = ActionContext<AdClient>;

interface State {
  account?: Account;
  /** Only looked for where there is no such account. */
  deleted?: Deleted;
  /** What stands in its way. */
  problem?: string;
}

export const restoreUser = defineAction({
  name: 'ad.restoreUser',
  title: 'Restore a deleted account',
  description:
    'Brings back a deleted account under its object id, disabled, where it stood before. What the domain does not keep, its password, groups and most attributes, it lacks: sign-in name and groups can be given again here. When several accounts had the name, the one deleted last is restored. An account that has taken its name meanwhile stands in its way.',
  effect: 'write',
  source: 'MS-ADTS: Undelete Operation',
  input,
  output,
  examples: [
    {
      title: 'Deleted by mistake',
      with: { user: 'a.lee', userPrincipalName: 'a.lee@corp.example.com', groups: ['Sales'] },
    },
  ],

  // Not made by `ensure`: it has several writes, and after the first a look alone cannot tell a restored account from any other.
  async run(input, context: Context) {
    const { client } = context;
    const now = await client.session((directory) => look(directory, input));
    const before = await context.rememberBeforeWrite(async () => now);
    const did = before.account === undefined;
    return client.session(async (directory) => {
      if (now.account === undefined) await restore(directory, now, input);
      const id = (before.account ?? before.deleted ?? now.account)?.id ?? input.user;
      const account = accountOf(await findSurely(directory, 'user', id, accountAttributes));
      if (did && !isDisabled(account)) await setDisabled(directory, account, true);
      const { joined, skipped } = did
        ? await complete(directory, account, input)
        : { joined: [], skipped: [] };
      return { id, name: account.accountName, distinguishedName: account.dn, restored: did, joined, skipped };
    });
  },

  async preview(input, { client }: Context) {
    const { account, deleted, problem } = await client.session((directory) => look(directory, input));
    const back = input.groups?.length ? ` and put it back into ${input.groups.join(', ')}` : '';
    return {
      summary: account
        ? `${account.name} is there already`
        : `would restore ${deleted?.accountName ?? input.user}, disabled,${back} in ${deleted?.parent ?? 'its place'}`,
      ...defined({
        nothingToDo: account ? true : undefined,
        problems: unlessEmpty(problem === undefined ? [] : [problem]),
      }),
    };
  },

  verify: ({ user }, { client }: Context, output) =>
    client.session(async (directory) => (await find(directory, 'user', output?.id ?? user)) !== undefined),
});

async function look(directory: Directory, { user, userPrincipalName }: Input): Promise<State> {
  const entry = await find(directory, 'user', user, accountAttributes);
  if (entry) return { account: accountOf(entry) };
  const deleted = await deletedUser(directory, user);
  if (!deleted) return { problem: nowhere(user) };
  return { deleted, ...defined({ problem: await inItsWay(directory, deleted, userPrincipalName) }) };
}

/** Samba restores an account beside one of the same name. */
async function inItsWay(
  directory: Directory,
  deleted: Deleted,
  signIn: string | undefined,
): Promise<string | undefined> {
  const way = 'Rename that one first, or leave this one deleted.';
  const place = childOf(deleted.parent, deleted.name);
  if (deleted.parent === '' || !(await directory.read(deleted.parent, ['objectGUID'])))
    return `${deleted.accountName} stood in ${deleted.parent || 'a place that is not known'}, which is gone. Make that again first.`;
  const taken = [
    await directory.read(place, ['objectGUID']),
    ...(await directory.search({
      base: directory.domain,
      filter: is('sAMAccountName', deleted.accountName),
      attributes: ['objectGUID'],
    })),
    ...(signIn === undefined
      ? []
      : await directory.search({
          base: directory.domain,
          filter: is('userPrincipalName', signIn),
          attributes: ['objectGUID'],
        })),
  ].find((entry) => entry !== undefined);
  return taken && `${taken.dn} has a name of ${deleted.accountName} by now. ${way}`;
}

async function restore(directory: Directory, { deleted, problem }: State, { user }: Input): Promise<void> {
  if (problem !== undefined || !deleted) throw new PermanentFailure(problem ?? nowhere(user));
  await directory.restore(deleted.dn, childOf(deleted.parent, deleted.name));
}

/** What the domain did not keep. */
async function complete(
  directory: Directory,
  { dn }: Account,
  { userPrincipalName, groups = [] }: Input,
): Promise<{ joined: string[]; skipped: Static<typeof output>['skipped'] }> {
  if (userPrincipalName !== undefined)
    await directory.modify(dn, [
      { operation: 'replace', attribute: 'userPrincipalName', values: userPrincipalName },
    ]);
  const wanted: Group[] = [];
  const gone: Static<typeof output>['skipped'] = [];
  for (const name of new Set(groups)) {
    const group = await find(directory, 'group', name, groupAttributes);
    if (group) wanted.push(groupOf(group));
    else gone.push({ group: name, reason: 'Active Directory shows no such group.' });
  }
  const refused = await joinAll(directory, await notYet(directory, wanted, dn), dn);
  const joined = wanted
    .map(({ name }) => name)
    .filter((name) => !refused.some(({ group }) => group === name));
  return { joined, skipped: [...gone, ...refused] };
}

async function notYet(directory: Directory, groups: readonly Group[], dn: string): Promise<Group[]> {
  const missing: Group[] = [];
  for (const group of groups) if (!(await isMember(directory, group.dn, dn))) missing.push(group);
  return missing;
}

function nowhere(user: string): string {
  return `Active Directory has no user ${user}, and none that was deleted and is kept still. Create the account anew.`;
}
