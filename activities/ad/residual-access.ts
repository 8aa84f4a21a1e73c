import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { accountAttributes, accountOf, isDisabled } from './account.ts';
import type { AdClient } from './client.ts';
import { deletedUser } from './deleted.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import * as fields from './fields.ts';
import { find, nameOf } from './find.ts';
import { groupsReaching as groupsOver } from './groups.ts';
import { allGroupsOf } from './groups-of-user.ts';
import { plainName, relativeId } from './names.ts';

const item = Type.Object({
  what: Type.String({
    description:
      'What kind of thing it is: account, group, sign-in method, delegation, former identity or ownership.',
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

/** Everybody has it as the primary group from the beginning, and nobody can be without one. */
const domainUsers = 513;

const attributes = [
  ...accountAttributes,
  'altSecurityIdentities',
  'userCertificate',
  'msDS-KeyCredentialLink',
  'servicePrincipalName',
  'msDS-AllowedToDelegateTo',
  'sIDHistory',
  'managedObjects',
];

export const residualAccess = defineAction({
  name: 'ad.residualAccess',
  title: 'List what access is left',
  description:
    'Reads back what a person can still use in Active Directory: an enabled account, groups that they are in directly, through other groups or as primary group, certificates and keys to sign in with, services that run under the account, former identities, and what they manage. Permissions on folders, mailboxes and other entries are kept with those, and are not among it.',
  effect: 'read',
  source: 'MS-ADTS: LDAP_MATCHING_RULE_IN_CHAIN, primaryGroupID',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'After everything else', with: { user: 'a.lee@corp.example.com' } }],

  run: ({ user }, { client }: ActionContext<AdClient>) =>
    client.session(async (directory) => {
      const person = await find(directory, 'user', user, attributes);
      if (!person) return gone(directory, user);
      const items = [
        ...account(person),
        ...(await groupItems(directory, person)),
        ...methods(person),
        ...(await managed(directory, person)),
      ];
      return { clean: items.length === 0, items, report: reportOf(nameOf(person), items, new Date()) };
    }),
});

/** A misspelt name must not pass for somebody who has left for good. */
async function gone(directory: Directory, user: string): Promise<Static<typeof output>> {
  const deleted = await deletedUser(directory, user);
  if (!deleted)
    throw new PermanentFailure(
      `Active Directory has no user ${user}, and none that was deleted and is kept still. Check the spelling.`,
      { status: 404 },
    );
  return {
    clean: true,
    items: [],
    report: `${deleted.accountName} was deleted and has no access left in Active Directory.\n`,
  };
}

function account(person: Entry): Item[] {
  return isDisabled(accountOf(person)) ? [] : [{ what: 'account', name: `${nameOf(person)} can sign in` }];
}

async function groupItems(directory: Directory, person: Entry): Promise<Item[]> {
  const reached = await allGroupsOf(directory, person);
  const everybodys = reached.find(({ how, entry }) => how === 'primary' && lastOf(entry) === domainUsers);
  // What everybody is in through it says nothing about this person.
  const through = everybodys
    ? new Set((await groupsOver(directory, everybodys.entry.dn)).map(({ id }) => id))
    : new Set<string>();
  return reached
    .filter((each) => each !== everybodys && !(each.how === 'nested' && through.has(each.id)))
    .map(({ name, how }) => ({
      what: 'group',
      name,
      ...defined({
        reason:
          how === 'primary'
            ? 'it is the primary group.'
            : how === 'nested'
              ? 'it is reached through another group.'
              : undefined,
      }),
    }));
}

function methods(person: Entry): Item[] {
  const many = (what: string, name: string, attribute: string): Item[] => {
    const { length } = person.bytes(attribute);
    return length === 0 ? [] : [{ what, name: length === 1 ? name : `${name} (${length})` }];
  };
  return [
    ...many('sign-in method', 'a certificate that is mapped to the account', 'altSecurityIdentities'),
    ...many('sign-in method', 'a certificate of the account', 'userCertificate'),
    ...many('sign-in method', 'a key of a device (Windows Hello)', 'msDS-KeyCredentialLink'),
    ...person
      .texts('servicePrincipalName')
      .map((name) => ({ what: 'delegation', name: `the service ${name} runs under the account` })),
    ...person
      .texts('msDS-AllowedToDelegateTo')
      .map((name) => ({ what: 'delegation', name: `it may act for others at ${name}` })),
    ...many('former identity', 'an identity of another domain (sIDHistory)', 'sIDHistory'),
  ];
}

async function managed(directory: Directory, person: Entry): Promise<Item[]> {
  const found = await directory.listOf(person, 'managedObjects');
  return found.map((dn) => ({
    what: 'ownership',
    name: plainName(dn),
    reason: 'nobody else is named as its manager.',
  }));
}

function lastOf(group: Entry): number | undefined {
  const [sid] = group.bytes('objectSid');
  return sid && relativeId(sid);
}

function reportOf(name: string, items: Item[], now: Date): string {
  const when = `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (items.length === 0)
    return `${name} has no access left in Active Directory, as of ${when}.\n\n${unseen}\n`;
  const lines = items.map(
    ({ what, name: thing, reason }) =>
      `- ${what}: ${thing}${reason ? ` (${reason.replace(/\.$/, '')})` : ''}`,
  );
  return [
    `What ${name} can still use in Active Directory, as of ${when}:`,
    '',
    ...lines,
    '',
    unseen,
    '',
  ].join('\n');
}

/** A report that is kept as proof says what it does not prove. */
const unseen =
  'Not looked at: permissions that folders, mailboxes and other entries keep of themselves, and other domains of the forest.';
