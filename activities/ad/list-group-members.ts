import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { AdClient } from './client.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import * as fields from './fields.ts';
import { is, reaches } from './filters.ts';
import { findSurely } from './find.ts';
import { groupAttributes } from './groups.ts';
import { normalisedDn, plainName, relativeId } from './names.ts';

const input = Type.Object(
  {
    group: fields.group,
    nested: Type.Optional(
      Type.Boolean({
        description: 'Whether those count who are in it through other groups. No, unless said.',
      }),
    ),
  },
  { additionalProperties: false },
);

const member = Type.Object({
  id: Type.Optional(Type.String({ description: 'Object id. Absent for what another domain knows.' })),
  name: Type.String({ description: 'Name of the entry.' }),
  accountName: Type.Optional(Type.String({ description: 'Account name.' })),
  userPrincipalName: Type.Optional(Type.String({ description: 'Name with which a person signs in.' })),
  kind: Type.String({ description: 'Person, group, computer or other, in small letters.' }),
  primary: Type.Boolean({
    description:
      'True when it is in by having the group as its primary group, which its list of members does not show.',
  }),
});

const output = Type.Object({
  count: Type.Integer({ description: 'How many there are.' }),
  members: Type.Array(member, { description: 'All of them, each once.' }),
});

type Member = Static<typeof member>;

export const listGroupMembers = defineAction({
  name: 'ad.listGroupMembers',
  title: 'List who is in a group',
  description:
    'Lists everybody in a group, however many, with those who have it as their primary group, and if asked those who are in it through other groups.',
  effect: 'read',
  source: 'MS-ADTS: Range Retrieval of Attribute Values, LDAP_MATCHING_RULE_IN_CHAIN',
  input,
  output,
  examples: [{ title: 'Everybody who has the access', with: { group: 'VPN users', nested: true } }],

  run: ({ group: wanted, nested = false }, { client }: ActionContext<AdClient>) =>
    client.session(async (directory) => {
      const group = await findSurely(directory, 'group', wanted, groupAttributes);
      const members = await membersOf(directory, group, nested);
      return { count: members.length, members };
    }),
});

const attributes = ['objectGUID', 'objectClass', 'cn', 'sAMAccountName', 'userPrincipalName', 'objectSid'];

async function membersOf(directory: Directory, group: Entry, nested: boolean): Promise<Member[]> {
  const { domain: base } = directory;
  const filter = nested ? reaches('memberOf', group.dn) : is('memberOf', group.dn);
  const listed = await directory.search({ base, filter, attributes });
  const inner = nested ? listed.filter((entry) => kindOf(entry) === 'group') : [];
  const found = new Map(listed.map((entry) => [normalisedDn(entry.dn), memberOf(entry, false)]));
  for (const each of [group, ...inner])
    for (const entry of await havingAsPrimary(directory, each)) {
      const key = normalisedDn(entry.dn);
      if (!found.has(key)) found.set(key, memberOf(entry, true));
    }
  // What the search does not show, such as people of another domain, is known by its distinguished name alone.
  for (const each of [group, ...inner])
    for (const dn of await directory.valuesOf(each.dn, 'member')) {
      const key = normalisedDn(dn);
      if (!found.has(key)) found.set(key, { name: plainName(dn), kind: 'other', primary: false });
    }
  return [...found.values()];
}

async function havingAsPrimary(directory: Directory, group: Entry): Promise<Entry[]> {
  const [sid] = group.bytes('objectSid');
  if (sid === undefined) return [];
  return directory.search({
    base: directory.domain,
    filter: is('primaryGroupID', String(relativeId(sid))),
    attributes,
  });
}

function memberOf(entry: Entry, primary: boolean): Member {
  return {
    id: entry.id,
    name: entry.text('cn') ?? plainName(entry.dn),
    kind: kindOf(entry),
    primary,
    ...defined({
      accountName: entry.text('sAMAccountName'),
      userPrincipalName: entry.text('userPrincipalName'),
    }),
  };
}

/** A computer is of the class of people, too. */
function kindOf(entry: Entry): string {
  const classes = entry.texts('objectClass');
  if (classes.includes('computer')) return 'computer';
  if (classes.includes('group')) return 'group';
  return classes.includes('user') ? 'person' : 'other';
}
