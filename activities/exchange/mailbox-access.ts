/** Who may open whose mailbox (Get-MailboxPermission). */
import { PermanentFailure } from '../kit/failures.ts';
import { findUser, type GraphUser, nameOf } from '../kit/graph/users.ts';
import type { ExchangeClient } from './client.ts';
import type { Mailbox } from './mailbox.ts';

interface Permission {
  User: string;
  AccessRights: string[];
  Deny?: boolean;
}

/** Whether a person may do everything in a mailbox. */
async function hasAccess(client: ExchangeClient, { name }: Mailbox, person: GraphUser): Promise<boolean> {
  const options = { mailbox: name };
  const permissions = await client.cmdlets.invoke<Permission>(
    'Get-MailboxPermission',
    { Identity: name },
    options,
  );
  return permissions.some(
    ({ User, AccessRights, Deny = false }) =>
      !Deny && AccessRights.includes('FullAccess') && User.toLowerCase() === nameOf(person).toLowerCase(),
  );
}

/** Whoever is to get access, or loses it. */
async function delegateOf(client: ExchangeClient, to: string): Promise<GraphUser> {
  const person = await findUser(client, to, ['accountEnabled']);
  if (person) return person;
  throw new PermanentFailure(`Entra ID has no user ${to} to open the mailbox. Correct \`to\`.`, {
    status: 404,
  });
}

/** Whoever it is about, and whether they have access; before there is a mailbox, nobody has. */
export interface Delegate {
  person: GraphUser;
  has: boolean;
}

export async function delegateAt(
  { to }: { to: string },
  mailbox: Mailbox | undefined,
  client: ExchangeClient,
): Promise<Delegate> {
  const person = await delegateOf(client, to);
  return { person, has: mailbox !== undefined && (await hasAccess(client, mailbox, person)) };
}

export function accessParameters({ name }: Mailbox, person: GraphUser) {
  return { Identity: name, User: nameOf(person), AccessRights: ['FullAccess'] } as const;
}
