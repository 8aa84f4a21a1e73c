/** Accounts that were deleted, which the domain keeps for a while (without the recycle bin: with few of their attributes). */
import type { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import { all, any, is } from './filters.ts';
import { isGuid, plainName } from './names.ts';

export interface Deleted {
  id: string;
  dn: string;
  /** Its name before, and where it stood. */
  name: string;
  parent: string;
  accountName: string;
}

const attributes = [
  'objectGUID',
  'sAMAccountName',
  'lastKnownParent',
  'whenChanged',
  'objectClass',
  'isDeleted',
];

/** By object id, account name or sign-in name; the one deleted last. */
export async function deletedUser(directory: Directory, user: string): Promise<Deleted | undefined> {
  const isPerson = all(is('isDeleted', 'TRUE'), is('objectClass', 'user'));
  const found = isGuid(user)
    ? await directory.search({
        base: `<GUID=${user.replace(/[{}]/g, '')}>`,
        filter: isPerson,
        attributes,
        scope: 'base',
        deleted: true,
      })
    : await directory.search({
        base: `CN=Deleted Objects,${directory.domain}`,
        filter: all(isPerson, any(is('sAMAccountName', user), is('userPrincipalName', user))),
        attributes,
        deleted: true,
      });
  const [last] = found
    .filter((entry) => !entry.texts('objectClass').includes('computer'))
    .sort((one, other) => (changed(one) < changed(other) ? 1 : -1));
  return last && deletedOf(last);
}

function deletedOf(entry: Entry): Deleted {
  // `name`, a line break, `DEL:` and the object id.
  const name = plainName(entry.dn).replace(/\nDEL:[0-9a-f-]{36}$/i, '');
  return {
    id: entry.id,
    dn: entry.dn,
    name,
    parent: entry.text('lastKnownParent') ?? '',
    accountName: entry.text('sAMAccountName') ?? name,
  };
}

/** Sorts as text. */
function changed(entry: Entry): string {
  return entry.text('whenChanged') ?? '';
}
