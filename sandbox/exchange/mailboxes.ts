/**
 * The mailboxes behind the Exchange stand-in, and behind Graph where it deals with mailboxes. Everybody in the directory
 * has one. Every change is an effect first, and is made from that effect alone.
 */
import { randomUUID } from 'node:crypto';
import type { Effect, Effects } from '../effects.ts';
import type { Directory } from '../graph/directory.ts';
import { Pace } from '../pace.ts';
import type { SeedUser } from '../seed.ts';
import { contentsOf, type InboxRule, type MailboxContents } from './seed-mailboxes.ts';

export type MailboxType = 'Regular' | 'Shared' | 'Room' | 'Equipment';

export interface Mailbox extends MailboxContents {
  owner: SeedUser;
  type: MailboxType;
  hidden: boolean;
  litigationHold: boolean;
  forwardingSmtpAddress: string | null;
  forwardingAddress: string | null;
  deliverToMailboxAndForward: boolean;
  autoReply: Record<string, unknown>;
  /** Sign-in names of those who may open it. */
  fullAccess: string[];
  /** There is none, nor any on its way. */
  absent?: boolean;
}

/** What a mailbox is, beside whose it is. */
type State = Omit<Mailbox, 'owner' | 'type'> & {
  type: MailboxType;
  /** A conversion takes effect some time after it was asked for. */
  conversion?: { to: MailboxType; atMs: number };
};

export class Mailboxes {
  readonly pace = new Pace({ conversionMs: 2_000, newMailboxMs: 0 });
  private readonly effects: Effects;
  private readonly directory: Directory;
  private states = new Map<string, State>();

  constructor(effects: Effects, directory: Directory) {
    this.effects = effects;
    this.directory = directory;
    for (const effect of effects.list({ system: 'exchange' })) this.apply(effect);
  }

  reset(): void {
    this.pace.reset();
    this.states = new Map();
  }

  /** Undefined for a person who was created so short a time ago that Exchange has not made the mailbox yet. */
  of(owner: SeedUser): Mailbox | undefined {
    if (Date.now() - Number(owner.createdMs ?? 0) < this.pace.of('newMailboxMs')) return undefined;
    const { conversion, ...state } = this.stateOf(owner.id, owner.userPrincipalName);
    if (state.absent) return undefined;
    return { ...state, owner, type: this.isOver(conversion) ? conversion.to : state.type };
  }

  /** By sign-in name, address or object id of its owner. */
  find(identity: string): Mailbox | undefined {
    const owner = this.ownerOf(identity);
    return owner && this.of(owner);
  }

  ownerOf(identity: string): SeedUser | undefined {
    const wanted = identity.toLowerCase();
    return this.directory
      .visibleUsers()
      .find((user) =>
        [user.id, user.userPrincipalName, user.mail].some(
          (name) => typeof name === 'string' && name.toLowerCase() === wanted,
        ),
      );
  }

  /** For somebody who never had one. */
  leaveOut(owner: SeedUser): void {
    this.change('mailbox.leftOut', owner, { changes: { absent: true } });
  }

  createShared({ address, alias, name }: { address: string; alias: string; name: string }): Mailbox {
    const owner = this.directory.createUser({
      userPrincipalName: address,
      mail: address,
      mailNickname: alias,
      displayName: name,
      accountEnabled: false,
      passwordProfile: { password: `Nobody-knows-${randomUUID()}` },
    });
    this.change('mailbox.created', owner, { changes: { type: 'Shared' } });
    return { ...this.stateOf(owner.id, address), owner };
  }

  /** To the type that it has, or is about to have, it is not converted again. */
  convert({ owner }: Mailbox, to: MailboxType): void {
    const { type, conversion } = this.stateOf(owner.id, owner.userPrincipalName);
    if ((conversion?.to ?? type) !== to) this.change('mailbox.converted', owner, { to });
  }

  set({ owner }: Mailbox, effect: string, changes: Partial<State>): void {
    this.change(effect, owner, { changes });
  }

  removeRule({ owner }: Mailbox, { id, displayName }: InboxRule): void {
    this.change('rule.removed', owner, { id, displayName });
  }

  removeMobileDevice(guid: string): boolean {
    for (const owner of this.directory.visibleUsers()) {
      const device = this.of(owner)?.mobileDevices.find((candidate) => candidate.guid === guid);
      if (!device) continue;
      this.change('mobileDevice.removed', owner, { guid, name: device.friendlyName });
      return true;
    }
    return false;
  }

  cancelMeetings({ owner, meetings }: Mailbox): void {
    for (const subject of meetings) this.change('meeting.cancelled', owner, { subject });
  }

  setAccess({ owner }: Mailbox, person: SeedUser, granted: boolean): void {
    const effect = granted ? 'access.granted' : 'access.revoked';
    this.change(effect, owner, { to: person.userPrincipalName });
  }

  private change(effect: string, owner: SeedUser, detail: Record<string, unknown>): void {
    const entry = { userId: owner.id, ...detail };
    this.apply(this.effects.add('exchange', effect, owner.userPrincipalName, entry));
  }

  private apply({ effect, at, subject, detail = {} }: Effect): void {
    const state = this.stateOf(String(detail.userId), subject);
    switch (effect) {
      case 'mailbox.converted':
        if (this.isOver(state.conversion)) state.type = state.conversion.to;
        state.conversion = { to: detail.to as MailboxType, atMs: Date.parse(at) };
        return;
      case 'rule.removed':
        state.rules = state.rules.filter((rule) => rule.id !== detail.id);
        return;
      case 'mobileDevice.removed':
        state.mobileDevices = state.mobileDevices.filter(({ guid }) => guid !== detail.guid);
        return;
      case 'meeting.cancelled':
        state.meetings = state.meetings.filter((meeting) => meeting !== detail.subject);
        return;
      case 'access.granted':
        state.fullAccess = [...state.fullAccess, String(detail.to)];
        return;
      case 'access.revoked':
        state.fullAccess = state.fullAccess.filter((name) => name !== detail.to);
        return;
      default:
        Object.assign(state, structuredClone(detail.changes));
    }
  }

  private isOver(conversion: State['conversion']): conversion is { to: MailboxType; atMs: number } {
    return conversion !== undefined && Date.now() >= conversion.atMs + this.pace.of('conversionMs');
  }

  private stateOf(id: string, signInName: string): State {
    let state = this.states.get(id);
    if (!state) {
      state = {
        ...contentsOf(signInName),
        type: 'Regular',
        hidden: false,
        litigationHold: false,
        forwardingSmtpAddress: null,
        forwardingAddress: null,
        deliverToMailboxAndForward: false,
        autoReply: noAutoReply(),
        fullAccess: [],
      };
      this.states.set(id, state);
    }
    return state;
  }
}

function noAutoReply(): Record<string, unknown> {
  const start = '2026-01-05T08:00:00.0000000';
  return {
    status: 'disabled',
    externalAudience: 'all',
    internalReplyMessage: '',
    externalReplyMessage: '',
    scheduledStartDateTime: { dateTime: start, timeZone: 'UTC' },
    scheduledEndDateTime: { dateTime: start.replace('-05', '-06'), timeZone: 'UTC' },
  };
}
