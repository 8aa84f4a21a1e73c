import { type Static, Type } from 'typebox';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { RetryableFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import type { Group } from '../kit/graph/groups.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import * as fields from './fields.ts';
import { givesLicenses, groupsOf, leave, managedElsewhere, titleOf } from './groups.ts';
import { type Assignment, assignmentsOf, codeOf, type Sku, skus } from './licenses.ts';

const output = Type.Object({
  licenses: Type.Array(Type.String(), {
    description: 'Product codes of the licences that the person had and no longer has.',
  }),
  groups: Type.Array(Type.String(), {
    description: 'Names of the groups that gave a licence and that this step removed the person from.',
  }),
  kept: Type.Array(
    Type.Object({
      license: Type.String({ description: 'Product code of the licence.' }),
      reason: Type.String({ description: 'Why the person still has it.' }),
    }),
    { description: 'Licences that the person still has, and why.' },
  ),
});

type Output = Static<typeof output>;
type Context = ActionContext<GraphClient>;

interface Found {
  /** Every way in which the person has a licence. */
  assignments: Assignment[];
  /** Groups that give a licence, whether they can be left or not. */
  groups: Group[];
}

/** Entra ID works licences out anew after somebody left a group, in minutes rather than seconds. */
const lookAgainMs = 60_000;

export const removeLicenses = defineAction({
  name: 'entra.removeLicenses',
  title: 'Remove all licences',
  description:
    'Takes a person out of the groups that give licences, then removes the licences that were assigned to the person. Licences of groups go with a delay, which this step waits for by being tried again. One from a group that cannot be left is kept, saying so. Turn the mailbox into a shared one before, or it is lost.',
  effect: 'destructive',
  source: 'Microsoft Graph: user: assignLicense',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  // Not made of one look and one change: what leaving a group takes with it is only known once it is done, and comes late.
  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const person = await userThatMustExist(client, user, []);
    const found = await rememberBeforeWrite(() => look(client, person.id));
    const all = await skus(client);
    const { left, stuck } = await leaveAll(client, person.id, found.groups);
    // Read again, since leaving a group may have taken licences already.
    const now = await assignmentsOf(client, person.id);
    await removeDirect(client, person.id, now);
    const late = now.filter(({ assignedByGroup }) => left.some(({ id }) => id === assignedByGroup));
    if (late.length > 0) throw notYetGone(nameOf(person), late, left, all);
    const kept = now.flatMap(({ skuId, assignedByGroup }) =>
      assignedByGroup ? [{ license: codeOf(all, skuId), reason: reasonOf(assignedByGroup, stuck) }] : [],
    );
    const had = new Set(found.assignments.map(({ skuId }) => codeOf(all, skuId)));
    for (const { license } of kept) had.delete(license);
    return { licenses: [...had], groups: left.map(titleOf), kept };
  },

  async preview({ user }, { client }: Context) {
    const person = await findUser(client, user, []);
    if (!person) return fields.nobody(user);
    const name = nameOf(person);
    const { assignments, groups } = await look(client, person.id);
    const stuck = stuckOf(groups);
    const toLeave = groups.filter(({ id }) => !stuck.has(id));
    if (assignments.length === 0 && toLeave.length === 0)
      return { summary: `${name} has no licence`, nothingToDo: true };
    const all = await skus(client);
    const isKept = ({ assignedByGroup }: Assignment) => stuck.has(assignedByGroup ?? '');
    const gone = assignments.filter((item) => !isKept(item)).map(({ skuId }) => codeOf(all, skuId));
    const problems = assignments
      .filter(isKept)
      .map(
        ({ skuId, assignedByGroup }) =>
          `${codeOf(all, skuId)} would be kept: ${reasonOf(assignedByGroup ?? '', stuck)}`,
      );
    const leaving = toLeave.length > 0 ? `, leaving ${toLeave.map(titleOf).join(', ')}` : '';
    return {
      summary: `would remove from ${name}: ${[...new Set(gone)].join(', ') || 'no licence'}${leaving}`,
      ...defined({ problems: unlessEmpty(problems) }),
    };
  },

  async verify({ user }, { client }: Context, given?: Output) {
    const person = await userThatMustExist(client, user, []);
    const { assignments, groups } = await look(client, person.id);
    const stuck = stuckOf(groups);
    const left = assignments.filter(({ assignedByGroup }) => !stuck.has(assignedByGroup ?? ''));
    if (left.length === 0) return true;
    // What the step said it kept, since Entra ID refused to take the person out of the group.
    const all = await skus(client);
    const kept = (given?.kept ?? []).map(({ license }) => license);
    return left.every(({ skuId, assignedByGroup }) => assignedByGroup && kept.includes(codeOf(all, skuId)));
  },
});

async function look(client: GraphClient, userId: string): Promise<Found> {
  const assignments = await assignmentsOf(client, userId);
  const groups = (await groupsOf(client, userId)).filter(givesLicenses);
  return { assignments, groups };
}

/** Id of each group that cannot be left -> the group's name and why. */
type Stuck = Map<string, { name: string; reason: string }>;

function stuckOf(groups: Group[]): Stuck {
  const stuck: Stuck = new Map();
  for (const group of groups) {
    const reason = managedElsewhere(group);
    if (reason) stuck.set(group.id, { name: titleOf(group), reason });
  }
  return stuck;
}

async function leaveAll(
  client: GraphClient,
  userId: string,
  groups: Group[],
): Promise<{ left: Group[]; stuck: Stuck }> {
  const stuck = stuckOf(groups);
  const left: Group[] = [];
  for (const group of groups) {
    if (stuck.has(group.id)) continue;
    const outcome = await leave(client, userId, group);
    if (typeof outcome === 'boolean') left.push(group);
    else stuck.set(group.id, { name: titleOf(group), reason: outcome.reason });
  }
  return { left, stuck };
}

/** Only those, since Microsoft Graph refuses the whole request when one of the licences comes from a group. */
async function removeDirect(client: GraphClient, userId: string, assignments: Assignment[]): Promise<void> {
  const removeLicenses = assignments
    .filter(({ assignedByGroup }) => !assignedByGroup)
    .map(({ skuId }) => skuId);
  if (removeLicenses.length === 0) return;
  const body = { addLicenses: [], removeLicenses };
  const answer = await client.ask('POST', `/users/${userId}/assignLicense`, { body });
  // Removed by a try whose answer was lost, and the replica that we read from does not know it yet.
  if (answer.status === 400 && /does not have a corresponding license/i.test(answer.error?.message ?? ''))
    throw new RetryableFailure(
      'Entra ID shows a licence that is gone already. The next try will see what is left.',
      { status: 400 },
    );
  successOf(answer);
}

function reasonOf(groupId: string, stuck: Stuck): string {
  const group = stuck.get(groupId);
  if (!group) return `it comes from the group ${groupId}, which the person is not in directly.`;
  return `it comes from ${group.name}, which cannot be left: ${group.reason}`;
}

function notYetGone(name: string, late: Assignment[], left: Group[], all: Sku[]): RetryableFailure {
  const parts = late.map(({ skuId, assignedByGroup }) => {
    const group = left.find(({ id }) => id === assignedByGroup);
    return `${codeOf(all, skuId)} of ${group ? titleOf(group) : 'a group'}`;
  });
  return new RetryableFailure(
    `${name} has left the groups that give licences, and Entra ID has not yet taken back ${parts.join(', ')}. This takes some minutes; the next try looks again.`,
    {},
    lookAgainMs,
  );
}
