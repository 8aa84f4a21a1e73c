import type { GraphClient } from './client.ts';
import { groupThatMustExist } from './groups.ts';

interface Member {
  '@odata.type'?: string;
  mail?: string | null;
  userPrincipalName?: string;
  accountEnabled?: boolean | null;
}

/**
 * The addresses of the people in a group, also through groups within it; devices and accounts that are switched off are
 * left out (Microsoft Graph: List group transitive members).
 */
export async function peopleOfGroup(client: GraphClient, group: string): Promise<string[]> {
  const { id } = await groupThatMustExist(client, group);
  const $select = 'id,mail,userPrincipalName,accountEnabled';
  const members = await client.list<Member>(`/groups/${id}/transitiveMembers`, { query: { $select } });
  return members
    .filter((member) => member['@odata.type'] === '#microsoft.graph.user' && member.accountEnabled !== false)
    .map(({ mail, userPrincipalName = '' }) => (mail || userPrincipalName).toLowerCase());
}
