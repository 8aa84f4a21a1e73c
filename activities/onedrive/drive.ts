/** The OneDrive of a person, and who may use it (drive, driveItem and permission resource types). */
import { Type } from 'typebox';
import { PermanentFailure } from '../kit/failures.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { findUser, type GraphUser } from '../kit/graph/users.ts';

export const userField = Type.String({
  minLength: 1,
  description: 'Sign-in name, e-mail address or object id of the person whose OneDrive it is.',
});

interface Drive {
  id: string;
  webUrl: string;
}

/** The topmost folder of a drive, and where it is. */
export interface Root {
  url: string;
  /** Path of the folder in Graph. */
  path: string;
}

export interface Permission {
  id: string;
  roles: string[];
  expirationDateTime?: string | null;
  grantedToV2?: { user?: { id?: string | null } } | null;
  link?: object | null;
}

/** Undefined for a person who has no OneDrive: it is made when they first open it. */
export async function rootOf(client: GraphClient, person: GraphUser): Promise<Root | undefined> {
  const query = { $select: 'id,webUrl' };
  const drive = await client.find<Drive>(`/users/${person.id}/drive`, { query });
  if (!drive) return undefined;
  const path = `/drives/${encodeURIComponent(drive.id)}`;
  const root = await client.get<{ id: string }>(`${path}/root`, { query: { $select: 'id' } });
  return { url: drive.webUrl, path: `${path}/items/${encodeURIComponent(root.id)}` };
}

/** The permissions that a person has of their own, beside links and what comes from above. */
export async function permissionsOf(
  client: GraphClient,
  root: Root,
  person: GraphUser,
): Promise<Permission[]> {
  const all = await client.list<Permission>(`${root.path}/permissions`);
  return all.filter(({ link, grantedToV2 }) => !link && grantedToV2?.user?.id === person.id);
}

/** Whoever is to use the drive, or no longer. */
export async function receiverOf(client: GraphClient, to: string): Promise<GraphUser> {
  const person = await findUser(client, to, ['mail', 'accountEnabled']);
  if (person) return person;
  throw new PermanentFailure(`Entra ID has no user ${to} to share with. Correct \`to\`.`, { status: 404 });
}
