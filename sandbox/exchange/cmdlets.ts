/** The commands of Exchange Online PowerShell that the stand-in plays, and what each takes. */
import { defined } from '../../plan/defined.ts';
import type { SeedUser } from '../seed.ts';
import { badParameter, CmdletError, objectNotFound } from './errors.ts';
import type { Mailbox, Mailboxes, MailboxType } from './mailboxes.ts';

export type Given = Record<string, unknown>;
export type Row = Record<string, unknown>;

interface Cmdlet {
  /** Names of its parameters, and whether each must be there. */
  parameters: Record<string, boolean>;
  run(given: Given, mailboxes: Mailboxes): Row[];
}

const largestWindow = 1_825;

const cmdlets: Record<string, Cmdlet> = {
  'Get-Mailbox': {
    parameters: { Identity: true },
    run: (given, mailboxes) => [mailboxRow(mailboxOf(given.Identity, mailboxes))],
  },
  'Get-MailboxStatistics': {
    parameters: { Identity: true },
    run: (given, mailboxes) => {
      const { bytes, owner } = mailboxOf(given.Identity, mailboxes);
      const size = `${(bytes / 1024 ** 3).toPrecision(4)} GB (${bytes.toLocaleString('en-US')} bytes)`;
      return [{ DisplayName: owner.displayName, TotalItemSize: size, ItemCount: 1_204 }];
    },
  },
  // Exchange makes an account for it, with which nobody signs in.
  'New-Mailbox': {
    parameters: { Shared: true, Name: true, DisplayName: false, Alias: true, PrimarySmtpAddress: true },
    run: (given, mailboxes) => {
      if (mailboxes.ownerOf(String(given.PrimarySmtpAddress)))
        throw badParameter(
          `The proxy address "SMTP:${String(given.PrimarySmtpAddress)}" is already being used.`,
        );
      const mailbox = mailboxes.createShared({
        address: String(given.PrimarySmtpAddress),
        alias: String(given.Alias),
        name: String(given.DisplayName ?? given.Name),
      });
      return [mailboxRow(mailbox)];
    },
  },
  'Set-Mailbox': {
    parameters: {
      Identity: true,
      Type: false,
      HiddenFromAddressListsEnabled: false,
      LitigationHoldEnabled: false,
      ForwardingSmtpAddress: false,
      ForwardingAddress: false,
      DeliverToMailboxAndForward: false,
      Confirm: false,
    },
    run: (given, mailboxes) => {
      setMailbox(mailboxOf(given.Identity, mailboxes), given, mailboxes);
      return [];
    },
  },
  'Get-MobileDevice': {
    parameters: { Mailbox: true },
    run: (given, mailboxes) => {
      const { mobileDevices, owner } = mailboxOf(given.Mailbox, mailboxes);
      return mobileDevices.map(({ guid, friendlyName, model }) => ({
        Guid: guid,
        Identity: `${owner.displayName}\\ExchangeActiveSyncDevices\\${guid}`,
        FriendlyName: friendlyName,
        DeviceModel: model,
      }));
    },
  },
  'Remove-MobileDevice': {
    parameters: { Identity: true, Confirm: false },
    run: (given, mailboxes) => {
      checkConfirmed('Remove-MobileDevice', given);
      if (!mailboxes.removeMobileDevice(String(given.Identity))) throw objectNotFound(String(given.Identity));
      return [];
    },
  },
  'Remove-CalendarEvents': {
    parameters: {
      Identity: true,
      CancelOrganizedMeetings: false,
      QueryWindowInDays: true,
      QueryStartDate: false,
      Confirm: false,
    },
    run: (given, mailboxes) => {
      checkConfirmed('Remove-CalendarEvents', given);
      const mailbox = mailboxOf(given.Identity, mailboxes);
      const days = Number(given.QueryWindowInDays);
      if (!(days >= 1 && days <= largestWindow))
        throw badParameter(`QueryWindowInDays must be from 1 to ${largestWindow}.`);
      const from = given.QueryStartDate;
      if (from !== undefined && Number.isNaN(Date.parse(String(from))))
        throw badParameter(`Cannot convert value "${String(from)}" to type ExDateTime.`);
      if (given.CancelOrganizedMeetings === true) mailboxes.cancelMeetings(mailbox);
      return [];
    },
  },
  'Get-MailboxPermission': {
    parameters: { Identity: true },
    run: (given, mailboxes) => {
      const { fullAccess, owner } = mailboxOf(given.Identity, mailboxes);
      const row = (User: string) => permissionRow(owner, User);
      return [{ ...row('NT AUTHORITY\\SELF'), AccessRights: ['ReadPermission'] }, ...fullAccess.map(row)];
    },
  },
  'Add-MailboxPermission': {
    parameters: {
      Identity: true,
      User: true,
      AccessRights: true,
      InheritanceType: false,
      AutoMapping: false,
      Confirm: false,
    },
    run: (given, mailboxes) => {
      const mailbox = mailboxOf(given.Identity, mailboxes);
      const person = personOf(given, mailboxes);
      // Exchange warns that it is there already, and goes on.
      if (!mailbox.fullAccess.includes(person.userPrincipalName)) mailboxes.setAccess(mailbox, person, true);
      return [permissionRow(mailbox.owner, person.userPrincipalName)];
    },
  },
  'Remove-MailboxPermission': {
    parameters: { Identity: true, User: true, AccessRights: true, Confirm: false },
    run: (given, mailboxes) => {
      checkConfirmed('Remove-MailboxPermission', given);
      const mailbox = mailboxOf(given.Identity, mailboxes);
      const person = personOf(given, mailboxes);
      if (mailbox.fullAccess.includes(person.userPrincipalName)) mailboxes.setAccess(mailbox, person, false);
      return [];
    },
  },
};

/** That it is no command of these, or is about the mailbox of nobody here: a shared one, say. */
export function isForeign(name: unknown, given: unknown, mailboxes: Mailboxes): boolean {
  if (typeof name !== 'string') return false;
  if (!Object.hasOwn(cmdlets, name)) return true;
  const { Identity, Mailbox } = (given ?? {}) as Given;
  const mailbox = Mailbox ?? Identity;
  return typeof mailbox === 'string' && mailboxes.ownerOf(mailbox) === undefined;
}

/** What a command puts out. Rejects what the stand-in does not play, and parameters that the command does not have. */
export function run(name: string, given: Given, mailboxes: Mailboxes): Row[] {
  const cmdlet = cmdlets[name];
  if (!cmdlet)
    throw new CmdletError(
      400,
      'BadRequest',
      'System.Management.Automation.CommandNotFoundException',
      `The term '${name}' is not recognized as a name of a cmdlet.`,
    );
  const unknown = Object.keys(given).find((parameter) => !(parameter in cmdlet.parameters));
  if (unknown) throw badParameter(`A parameter cannot be found that matches parameter name '${unknown}'.`);
  const missing = Object.keys(cmdlet.parameters).find(
    (parameter) => cmdlet.parameters[parameter] && given[parameter] === undefined,
  );
  if (missing) throw badParameter(`Cannot process command because of a missing parameter: ${missing}.`);
  return cmdlet.run(given, mailboxes);
}

function setMailbox(mailbox: Mailbox, given: Given, mailboxes: Mailboxes): void {
  const { Type, HiddenFromAddressListsEnabled: hidden, LitigationHoldEnabled: litigationHold } = given;
  if (Type !== undefined) {
    if (!['Regular', 'Shared', 'Room', 'Equipment'].includes(String(Type)))
      throw badParameter(`Cannot convert value "${String(Type)}" to type ConvertibleMailboxSubType.`);
    mailboxes.convert(mailbox, Type as MailboxType);
  }
  if (typeof hidden === 'boolean')
    mailboxes.set(mailbox, hidden ? 'mailbox.hidden' : 'mailbox.shown', { hidden });
  if (typeof litigationHold === 'boolean')
    mailboxes.set(mailbox, litigationHold ? 'mailbox.held' : 'mailbox.released', { litigationHold });
  const forwarding = forwardingIn(given);
  if (Object.keys(forwarding).length === 0) return;
  const set = forwarding.forwardingSmtpAddress || forwarding.forwardingAddress;
  mailboxes.set(mailbox, set ? 'forwarding.set' : 'forwarding.cleared', forwarding);
}

function forwardingIn(given: Given) {
  const address = given.ForwardingSmtpAddress;
  if (typeof address === 'string' && !/^smtp:\S+@\S+$/i.test(address))
    throw badParameter(`Cannot convert value "${address}" to type ProxyAddress.`);
  return {
    ...defined({
      forwardingSmtpAddress: address === undefined ? undefined : (address as string | null),
      forwardingAddress:
        given.ForwardingAddress === undefined ? undefined : (given.ForwardingAddress as string | null),
      deliverToMailboxAndForward:
        typeof given.DeliverToMailboxAndForward === 'boolean' ? given.DeliverToMailboxAndForward : undefined,
    }),
  };
}

function mailboxRow(mailbox: Mailbox): Row {
  const { owner } = mailbox;
  const kind = mailbox.type === 'Regular' ? 'User' : mailbox.type;
  return {
    Identity: owner.displayName,
    ExternalDirectoryObjectId: owner.id,
    UserPrincipalName: owner.userPrincipalName,
    PrimarySmtpAddress: owner.mail ?? owner.userPrincipalName,
    RecipientTypeDetails: `${kind}Mailbox`,
    HiddenFromAddressListsEnabled: mailbox.hidden,
    LitigationHoldEnabled: mailbox.litigationHold,
    ForwardingSmtpAddress: mailbox.forwardingSmtpAddress,
    ForwardingAddress: mailbox.forwardingAddress,
    DeliverToMailboxAndForward: mailbox.deliverToMailboxAndForward,
  };
}

function permissionRow(owner: SeedUser, User: string): Row {
  const rights = { AccessRights: ['FullAccess'], InheritanceType: 'All', IsInherited: false, Deny: false };
  return { Identity: owner.displayName, User, ...rights };
}

function mailboxOf(identity: unknown, mailboxes: Mailboxes): Mailbox {
  const mailbox = mailboxes.find(String(identity));
  if (mailbox) return mailbox;
  throw objectNotFound(String(identity));
}

function personOf(given: Given, mailboxes: Mailboxes): SeedUser {
  const rights = given.AccessRights;
  if (!Array.isArray(rights) || rights.length !== 1 || rights[0] !== 'FullAccess')
    throw badParameter('The stand-in knows the access right FullAccess alone.');
  return mailboxOf(given.User, mailboxes).owner;
}

/** Nobody is there to answer the question that a command would ask. */
function checkConfirmed(name: string, given: Given): void {
  if (given.Confirm !== false) throw badParameter(`${name} asks for confirmation. Set Confirm to false.`);
}
