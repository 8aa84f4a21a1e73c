/** Temporary Access Passes (temporaryAccessPassAuthenticationMethod resource type). */
import { type GraphClient, successOf } from '../kit/graph/client.ts';

export interface AccessPass {
  id: string;
  temporaryAccessPass?: string | null;
  startDateTime?: string | null;
  lifetimeInMinutes?: number | null;
}

export function passesPath(userId: string): string {
  return `/users/${userId}/authentication/temporaryAccessPassMethods`;
}

/** Microsoft Graph: List temporaryAccessPassMethods. One at most. */
export function passesOf(client: GraphClient, userId: string): Promise<AccessPass[]> {
  return client.list<AccessPass>(passesPath(userId));
}

/** Microsoft Graph: Delete temporaryAccessPassAuthenticationMethod. */
export async function deletePass(client: GraphClient, userId: string): Promise<void> {
  for (const { id } of await passesOf(client, userId)) {
    const answer = await client.ask('DELETE', `${passesPath(userId)}/${id}`);
    if (answer.status !== 404) successOf(answer);
  }
}
