/** Mailboxes, as several actions read and change them. */

import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import type { Preview } from '../kit/define-action.ts';
import { RetryableFailure } from '../kit/failures.ts';
import { findUser, type GraphUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import type { ExchangeClient } from './client.ts';
import type { Parameters } from './cmdlets.ts';

/** The input by which every action names the mailbox. */
export const userField = Type.String({
  minLength: 1,
  description: 'Sign-in name, e-mail address or object id of the person whose mailbox it is.',
});

/** The part of Exchange's mailbox that the actions read (Get-Mailbox). */
interface MailboxProperties {
  RecipientTypeDetails: string;
  HiddenFromAddressListsEnabled: boolean;
  PrimarySmtpAddress: string;
  ForwardingSmtpAddress?: string | null;
  ForwardingAddress?: string | null;
  DeliverToMailboxAndForward?: boolean;
}

const properties = [
  'RecipientTypeDetails',
  'HiddenFromAddressListsEnabled',
  'PrimarySmtpAddress',
  'ForwardingSmtpAddress',
  'ForwardingAddress',
  'DeliverToMailboxAndForward',
] as const;

export const mailboxTypes = ['user', 'shared', 'room', 'equipment', 'other'] as const;
export type MailboxType = (typeof mailboxTypes)[number];

export interface Mailbox {
  /** Sign-in name of its owner, by which Exchange and messages name it. */
  name: string;
  ownerId: string;
  type: MailboxType;
  hidden: boolean;
  primaryAddress: string;
  /** Where its mail goes, if anywhere else. */
  forwardingTo?: string;
  /** Whether mail that goes elsewhere stays here, too. */
  keepsCopy: boolean;
}

/** There is none, and none will come: nothing to do for what would be done to it. */
export interface NoMailbox {
  /** A sentence for people. */
  none: string;
}

/** What an action says of a mailbox that there is not. */
export const skipped = Type.Optional(
  Type.String({ description: 'Why nothing was done, for a person who has no mailbox.' }),
);

/** What of a person tells whether a mailbox is on its way. */
export const mailboxSigns = ['assignedPlans', 'createdDateTime'];

/** A person's mailbox, or that there is none. One that may be on its way is worth a retry. */
export async function mailboxOf(client: ExchangeClient, user: string): Promise<Mailbox | NoMailbox> {
  const person = await userThatMustExist(client, user, mailboxSigns);
  return (await mailboxOfPerson(client, person)) ?? noMailbox(person);
}

/** The same for a preview, which may be asked before there is a mailbox, or even an account: undefined then. */
export async function findMailbox(
  client: ExchangeClient,
  user: string,
): Promise<Mailbox | NoMailbox | undefined> {
  const person = await findUser(client, user, mailboxSigns);
  if (!person) return undefined;
  const mailbox = await mailboxOfPerson(client, person);
  return mailbox ?? noMailboxYet(person);
}

export function isNone(found: Mailbox | NoMailbox | undefined): found is NoMailbox {
  return found !== undefined && 'none' in found;
}

/** What a preview says of it. */
export function nothingThere({ none }: NoMailbox): Preview {
  return {
    summary: `nothing to do: ${none.charAt(0).toLowerCase()}${none.slice(1).replace(/\.$/, '')}`,
    nothingToDo: true,
  };
}

/** Throws for one that may be on its way. */
export function noMailbox(person: GraphUser): NoMailbox {
  const none = noMailboxYet(person);
  if (none) return none;
  throw new RetryableFailure(
    `Exchange has no mailbox for ${nameOf(person)}. A new one may take 15 minutes to appear; else check that the person has a licence with e-mail.`,
    { status: 404 },
  );
}

/** Undefined for one that may be on its way. */
export function noMailboxYet(person: GraphUser): NoMailbox | undefined {
  if (isOnItsWay(person)) return undefined;
  return { none: `There is no mailbox of ${nameOf(person)}, who has no licence with e-mail.` };
}

/** How long after an account was made its licence may still be under way. */
const newMs = 24 * 3_600_000;

/** Exchange makes a mailbox for whoever has a licence with e-mail, some time after they got it. */
function isOnItsWay({ assignedPlans, createdDateTime }: GraphUser): boolean {
  const isNew = createdDateTime ? Date.now() - Date.parse(createdDateTime) < newMs : false;
  return (
    isNew ||
    (assignedPlans ?? []).some(
      ({ service, capabilityStatus }) => service === 'exchange' && capabilityStatus === 'Enabled',
    )
  );
}

/** Exchange Online PowerShell: Get-Mailbox. */
export async function mailboxOfPerson(
  client: ExchangeClient,
  person: GraphUser,
): Promise<Mailbox | undefined> {
  const name = nameOf(person);
  const options = { mailbox: name, select: properties };
  const found = await client.cmdlets.find<MailboxProperties>('Get-Mailbox', { Identity: name }, options);
  if (!found) return undefined;
  // Where both are set, mail goes to the first alone.
  const forwardingTo = found.ForwardingAddress || found.ForwardingSmtpAddress?.replace(/^smtp:/i, '');
  return {
    name,
    ownerId: person.id,
    type: types[found.RecipientTypeDetails] ?? 'other',
    hidden: found.HiddenFromAddressListsEnabled,
    primaryAddress: found.PrimarySmtpAddress,
    ...defined({ forwardingTo: forwardingTo || undefined }),
    keepsCopy: found.DeliverToMailboxAndForward ?? false,
  };
}

const types: Record<string, MailboxType> = {
  UserMailbox: 'user',
  SharedMailbox: 'shared',
  RoomMailbox: 'room',
  EquipmentMailbox: 'equipment',
};

/** Exchange Online PowerShell: Set-Mailbox. Sets the same again without harm. */
export async function setMailbox(
  client: ExchangeClient,
  { name }: Mailbox,
  changes: Parameters,
): Promise<void> {
  await client.cmdlets.invoke('Set-Mailbox', { Identity: name, ...changes }, { mailbox: name });
}

/** Exchange Online PowerShell: Get-MailboxStatistics. Whole megabytes, rounded up; 0 for one that was never used. */
export async function sizeMegabytes(client: ExchangeClient, { name }: Mailbox): Promise<number> {
  const statistics = await client.cmdlets.find<{ TotalItemSize?: string | null }>(
    'Get-MailboxStatistics',
    { Identity: name },
    { mailbox: name, select: ['TotalItemSize'] },
  );
  // `1.353 GB (1,452,777,512 bytes)`
  const bytes = /\(([\d,.\s]+) bytes\)/.exec(statistics?.TotalItemSize ?? '')?.[1] ?? '0';
  return Math.ceil(Number(bytes.replace(/\D/g, '')) / 1024 / 1024);
}
