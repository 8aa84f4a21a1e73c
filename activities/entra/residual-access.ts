import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import type { Group } from '../kit/graph/groups.ts';
import { findUser, nameOf } from '../kit/graph/users.ts';
import { appRolesOf, grantsOf, isOnlyOwner, type Owned, ownedBy, rolesOf } from './access.ts';
import { type Deleted, deletedUser, formerName } from './deleted-users.ts';
import * as fields from './fields.ts';
import { givesLicenses, groupsOf, isDynamic, managedElsewhere, titleOf } from './groups.ts';
import { type Assignment, assignmentsOf, codeOf, skus } from './licenses.ts';
import { isPassword, methodsOf, plainName } from './sign-in-methods.ts';

const item = Type.Object({
  what: Type.String({
    description:
      'What kind of thing it is: account, sign-in method, group (distribution lists among them), directory role, app role, app consent, group ownership, app ownership, ownership, licence or device.',
  }),
  name: Type.String({ description: 'Its name.' }),
  reason: Type.Optional(Type.String({ description: 'Why it is still there, where that is known.' })),
});

const output = Type.Object({
  clean: Type.Boolean({ description: 'True when nothing is left of what is looked at here.' }),
  items: Type.Array(item, { description: 'Everything that is left.' }),
  report: Type.String({ description: 'The same as a text, to read and to attach to the ticket.' }),
});

type Item = Static<typeof item>;
type Context = ActionContext<GraphClient>;

export const residualAccess = defineAction({
  name: 'entra.residualAccess',
  title: 'List what access is left',
  description:
    'Reads back what a person can still use: an enabled account, sign-in methods other than the password, groups, distribution lists, roles, app consents, ownerships, licences and managed devices. Mailboxes of others that the person may open are not among it: Exchange keeps that with each mailbox. Groups that fill themselves are left out, since a rule decides about them, and so are roles that a person has only once they activate them.',
  effect: 'read',
  source: 'Microsoft Graph: Get user, List methods, List memberOf and their like',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'After everything else', with: { user: 'a.lee@example.com' } }],

  async run({ user }, { client }: Context) {
    const person = await findUser(client, user, ['accountEnabled']);
    if (!person) return gone(user, await deletedUser(client, user));
    const groups = await groupsOf(client, person.id);
    const named = (what: string) => (found: { name: string }[]) => found.map(({ name }) => ({ what, name }));
    const parts = await Promise.all([
      person.accountEnabled ? [{ what: 'account', name: `${nameOf(person)} can sign in` }] : [],
      methods(client, person.id),
      groups.filter((group) => !isDynamic(group)).map(groupItem),
      rolesOf(client, person.id).then(named('directory role')),
      appRolesOf(client, person.id).then(named('app role')),
      grantsOf(client, person.id).then(named('app consent')),
      ownerships(client, person.id),
      licenses(client, person.id, groups),
      devices(client, person.id),
    ]);
    const items: Item[] = parts.flat();
    return { clean: items.length === 0, items, report: reportOf(nameOf(person), items, new Date()) };
  },
});

/** A misspelt name must not pass for somebody who has left for good. */
function gone(user: string, deleted: Deleted | undefined): Static<typeof output> {
  if (!deleted)
    throw new PermanentFailure(
      `Entra ID has no user ${user}, and none that was deleted within the last 30 days. Check the spelling.`,
      { status: 404 },
    );
  const when = deleted.deletedDateTime ? ` on ${deleted.deletedDateTime.slice(0, 10)}` : '';
  const report = `${formerName(deleted)} was deleted${when} and has no access left in Entra ID.\n`;
  return { clean: true, items: [], report };
}

async function methods(client: GraphClient, userId: string): Promise<Item[]> {
  return (await methodsOf(client, userId))
    .filter((method) => !isPassword(method))
    .map((method) => ({ what: 'sign-in method', name: plainName(method) }));
}

function groupItem(group: Group): Item {
  const reason = givesLicenses(group) ? 'it gives a licence.' : managedElsewhere(group);
  return {
    what: 'group',
    name: titleOf(group),
    ...defined({ reason }),
  };
}

const ownershipOf: Record<Owned['kind'], string> = {
  group: 'group ownership',
  application: 'app ownership',
  other: 'ownership',
};

async function ownerships(client: GraphClient, userId: string): Promise<Item[]> {
  const items: Item[] = [];
  for (const { id, name, kind } of await ownedBy(client, userId)) {
    const alone = kind === 'group' && (await isOnlyOwner(client, id));
    items.push({
      what: ownershipOf[kind],
      name,
      ...defined({ reason: alone ? 'nobody else owns it.' : undefined }),
    });
  }
  return items;
}

async function licenses(client: GraphClient, userId: string, groups: Group[]): Promise<Item[]> {
  const assignments = await assignmentsOf(client, userId);
  if (assignments.length === 0) return [];
  const all = await skus(client);
  const giver = ({ assignedByGroup }: Assignment) => {
    const group = groups.find(({ id }) => id === assignedByGroup);
    return group ? titleOf(group) : assignedByGroup;
  };
  return assignments.map((assignment) => {
    const group = giver(assignment);
    const reason = group ? { reason: `it comes from the group ${group}.` } : {};
    return { what: 'licence', name: codeOf(all, assignment.skuId), ...reason };
  });
}

interface ManagedDevice {
  id: string;
  deviceName?: string | null;
  serialNumber?: string | null;
}

/**
 * Microsoft Graph: List managedDevices. An organisation without Intune gets a refusal, and an app registration may lack the
 * permission: neither keeps the rest from being reported, and neither may look like "no devices".
 */
async function devices(client: GraphClient, userId: string): Promise<Item[]> {
  const query = { $select: 'id,deviceName,serialNumber' };
  try {
    const found = await client.list<ManagedDevice>(`/users/${userId}/managedDevices`, { query });
    return found.map(({ id, deviceName, serialNumber }) => ({
      what: 'device',
      name: [deviceName ?? id, serialNumber && `serial number ${serialNumber}`].filter(Boolean).join(', '),
    }));
  } catch (error) {
    if (!(error instanceof PermanentFailure) && !isNotOffered(error)) throw error;
    return [{ what: 'device', name: 'not looked up', reason: error.message }];
  }
}

/** 501 does not pass, unlike the other statuses from 500. */
function isNotOffered(error: unknown): error is RetryableFailure {
  return error instanceof RetryableFailure && error.details.status === 501;
}

function reportOf(name: string, items: Item[], now: Date): string {
  const when = `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (items.length === 0) return `${name} has no access left in Entra ID, as of ${when}.\n\n${unseen}\n`;
  const kinds = [...new Set(items.map(({ what }) => what))];
  const lines = kinds.flatMap((kind) => [
    '',
    `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
    ...items
      .filter(({ what }) => what === kind)
      .map((entry) => `- ${entry.name}${entry.reason ? ` (${entry.reason.replace(/\.$/, '')})` : ''}`),
  ]);
  return [`What ${name} can still use in Entra ID, as of ${when}:`, ...lines, '', unseen, ''].join('\n');
}

/** A report that is kept as proof says what it does not prove. */
const unseen =
  'Not looked at: mailboxes of others that were opened to this person, and roles that are only had once they are activated.';
