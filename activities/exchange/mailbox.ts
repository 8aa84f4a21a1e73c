/** Mailboxes, as several actions read and change them. */

import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
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

/** A person's mailbox. One that is not there may be on its way, so it is worth a retry. */
export async function mailboxThatMustExist(client: ExchangeClient, user: string): Promise<Mailbox> {
  const person = await userThatMustExist(client, user, []);
  const mailbox = await mailboxOf(client, person);
  if (mailbox) return mailbox;
  throw noMailboxYet(nameOf(person));
}

/** The same for a preview, which may be asked before there is a mailbox, or even an account: undefined then. */
export async function findMailbox(client: ExchangeClient, user: string): Promise<Mailbox | undefined> {
  const person = await findUser(client, user, []);
  return person && mailboxOf(client, person);
}

export function noMailboxYet(name: string): RetryableFailure {
  return new RetryableFailure(
    `Exchange has no mailbox for ${name}. A new one may take 15 minutes to appear; else check that the person has a licence with e-mail.`,
    { status: 404 },
  );
}

async function mailboxOf(client: ExchangeClient, person: GraphUser): Promise<Mailbox | undefined> {
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
