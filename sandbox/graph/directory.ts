/**
 * The directory behind the Graph stand-in. Every change is an effect first and is made from that effect alone, so that
 * replaying the journal after a restart gives the same directory.
 */

import { randomUUID } from 'node:crypto';
import { defined } from '../../plan/defined.ts';
import type { Effect, Effects } from '../effects.ts';
import type { Faults } from '../faults.ts';
import {
  type SeedGroup,
  type SeedSku,
  type SeedUser,
  seedGroup,
  seedGroups,
  seedSkus,
  seedUsers,
} from '../seed.ts';
import { Access } from './access.ts';
import { badQuery, badRequest, invalidValue, notFound } from './errors.ts';
import {
  type AssignmentState,
  licenseChangeOf,
  licensesOf,
  ownLicensesOf,
  plansOf,
  skuIn,
  statesOf,
} from './licenses.ts';
import { checkUserProperties, sharePointOfUser } from './properties.ts';
import { checkMasteredHere, checkMembersManagedHere, checkRequired, checkValues } from './rules.ts';
import { seedDeviceGroups } from './seed-devices.ts';
import { SignInMethods } from './sign-in-methods.ts';

type Body = Record<string, unknown>;

export class Directory {
  readonly access: Access;
  readonly signInMethods: SignInMethods;
  groups: SeedGroup[] = [];
  /** When somebody left a group, by the ids of both. */
  private readonly leftAt = new Map<string, number>();
  /** Units of each licence that people have whom the directory does not play. */
  private unplayed = new Map<string, number>();
  private users = new Map<string, SeedUser>();
  private bin = new Map<string, SeedUser>();
  private readonly idsByName = new Map<string, string>();
  private readonly known = new Set<string>();
  private readonly effects: Effects;
  private readonly faults: Faults;

  constructor(effects: Effects, faults: Faults) {
    this.effects = effects;
    this.faults = faults;
    this.access = new Access(effects);
    this.signInMethods = new SignInMethods(effects);
    this.load();
    for (const effect of effects.list({ system: 'graph' })) this.apply(effect);
  }

  reset(): void {
    this.load();
    this.access.reset();
    this.signInMethods.reset();
  }

  private load(): void {
    this.groups = [...seedGroups(), ...seedDeviceGroups()];
    this.leftAt.clear();
    this.users = new Map();
    this.bin = new Map();
    this.idsByName.clear();
    this.known.clear();
    for (const user of seedUsers()) this.keep(user);
    this.unplayed = new Map(seedSkus().map((sku) => [sku.skuId, sku.consumedUnits - this.holdersOf(sku)]));
  }

  // Reading

  /** By id or sign-in name, as a caller sees it: a user just created may not have reached the replica that is asked. */
  user(key: string): SeedUser {
    const wanted = key.toLowerCase();
    const user = this.users.get(this.idsByName.get(wanted) ?? wanted);
    if (user && this.isVisible(user)) return user;
    throw notFound(key);
  }

  /** Whether a person of this name or id was ever here, also where nobody is shown them now. */
  hasKnown(key: string): boolean {
    return this.known.has(key.toLowerCase());
  }

  visibleUsers(): SeedUser[] {
    return [...this.users.values()].filter((user) => this.isVisible(user));
  }

  private isVisible(user: SeedUser): boolean {
    const hiddenMs = this.faults.hiddenAfterCreateMs();
    return hiddenMs === 0 || Date.now() - Number(user.createdMs ?? 0) >= hiddenMs;
  }

  deletedUsers(): SeedUser[] {
    return [...this.bin.values()];
  }

  deletedUser(id: string): SeedUser {
    const user = this.bin.get(id.toLowerCase());
    if (user) return user;
    throw notFound(id);
  }

  managerOf(user: SeedUser): SeedUser | undefined {
    return this.users.get(String(user.managerId));
  }

  group(id: string): SeedGroup {
    const group = this.groups.find((other) => other.id === id.toLowerCase());
    if (group) return group;
    throw notFound(id);
  }

  /** Deleted users keep their memberships, for the day that they are restored, and are not shown. */
  membersOf(group: SeedGroup): SeedUser[] {
    return group.members.flatMap((id) => this.users.get(id) ?? []);
  }

  groupsOf(user: SeedUser): SeedGroup[] {
    return this.groups.filter((group) => group.members.includes(user.id));
  }

  get skus(): SeedSku[] {
    return seedSkus().map((sku) => ({
      ...sku,
      consumedUnits: (this.unplayed.get(sku.skuId) ?? 0) + this.holdersOf(sku),
    }));
  }

  private holdersOf({ skuId }: SeedSku): number {
    const users = [...this.users.values()];
    return users.filter((user) => this.licenseStatesOf(user).some((state) => state.skuId === skuId)).length;
  }

  licenseStatesOf(user: SeedUser): AssignmentState[] {
    const lateMs = this.faults.lateLicensesMs();
    const isLate = (group: SeedGroup) =>
      lateMs > 0 && Date.now() - (this.leftAt.get(`${user.id} ${group.id}`) ?? 0) < lateMs;
    const givers = this.groups.filter((group) => ownLicensesOf(group).length > 0);
    return statesOf(
      user,
      givers.filter((group) => group.members.includes(user.id) || isLate(group)),
    );
  }

  /** With what Graph works out rather than keeps. */
  withLicenses(user: SeedUser): SeedUser {
    const licenseAssignmentStates = this.licenseStatesOf(user);
    const assignedLicenses = licensesOf(licenseAssignmentStates);
    return {
      ...user,
      licenseAssignmentStates,
      assignedLicenses,
      assignedPlans: plansOf(assignedLicenses, this.skus),
    };
  }

  // Changing

  createUser(body: Body): SeedUser {
    checkUserProperties(body);
    checkRequired(body);
    checkValues(body);
    const userPrincipalName = String(body.userPrincipalName);
    if ((body.passwordProfile as Body).password === undefined)
      throw badRequest("A value is required for property 'password' of resource 'PasswordProfile'.");
    this.checkUnused(userPrincipalName);
    const { passwordProfile: _, ...visible } = withoutAnnotations(body);
    const user = {
      usageLocation: null,
      userType: 'Member',
      ...visible,
      id: randomUUID(),
      assignedLicenses: [],
      createdDateTime: `${new Date().toISOString().slice(0, 19)}Z`,
      createdMs: Date.now(),
    };
    this.change('user.created', userPrincipalName, { userId: user.id, user });
    return this.userById(user.id);
  }

  updateUser(user: SeedUser, body: Body): void {
    const names = Object.keys(body);
    const kept = names.filter((name) => sharePointOfUser.has(name));
    if (kept.length > 0 && kept.length < names.length)
      throw badQuery('The request is currently not supported on the targeted entity set');
    if (kept.length === 0) checkUserProperties(body);
    checkMasteredHere(user, names);
    for (const name of ['userPrincipalName', 'mailNickname', 'displayName', 'accountEnabled'])
      if (body[name] === null || body[name] === '') throw invalidValue(name, 'User');
    checkValues(body);
    const name = body.userPrincipalName;
    if (typeof name === 'string' && name.toLowerCase() !== user.userPrincipalName.toLowerCase())
      this.checkUnused(name);
    const { passwordProfile, ...changes } = withoutAnnotations(body);
    this.change('user.updated', user.userPrincipalName, {
      userId: user.id,
      changes,
      ...defined({ passwordReset: passwordProfile ? true : undefined }),
    });
  }

  /** From on-premises, whence values come that no caller may set. */
  createSynced(properties: Omit<SeedUser, 'id'>): void {
    const user = { ...properties, id: randomUUID() };
    this.change('user.created', String(properties.userPrincipalName), { userId: user.id, user });
  }

  writeSynced(user: SeedUser, changes: Body): void {
    this.change('user.updated', user.userPrincipalName, { userId: user.id, changes });
  }

  deleteUser(user: SeedUser): void {
    this.change('user.deleted', user.userPrincipalName, { userId: user.id });
  }

  restoreUser(id: string): SeedUser {
    const user = this.deletedUser(id);
    this.checkUnused(user.userPrincipalName);
    this.change('user.restored', user.userPrincipalName, { userId: user.id });
    return this.userById(user.id);
  }

  purgeUser(id: string): void {
    const user = this.deletedUser(id);
    this.change('user.purged', user.userPrincipalName, { userId: user.id });
  }

  setManager(user: SeedUser, manager: SeedUser): void {
    checkMasteredHere(user, ['manager']);
    if (user.managerId === manager.id) return;
    this.change('manager.set', user.userPrincipalName, {
      userId: user.id,
      managerId: manager.id,
      manager: manager.userPrincipalName,
    });
  }

  removeManager(user: SeedUser): void {
    if (!this.managerOf(user)) throw notFound('manager');
    checkMasteredHere(user, ['manager']);
    this.change('manager.removed', user.userPrincipalName, { userId: user.id });
  }

  assignLicenses(user: SeedUser, body: Body): void {
    const { assigned, removed } = licenseChangeOf(user, this.licenseStatesOf(user), this.skus, body);
    const change = (effect: string, license: { skuId: string; disabledPlans?: string[] }) =>
      this.change(effect, user.userPrincipalName, {
        userId: user.id,
        sku: skuIn(this.skus, license.skuId).skuPartNumber,
        ...license,
      });
    for (const license of assigned) change('license.assigned', license);
    for (const skuId of removed) change('license.removed', { skuId });
  }

  revokeSessions(user: SeedUser): void {
    this.change('sessions.revoked', user.userPrincipalName, { userId: user.id });
  }

  createGroup(body: Body): SeedGroup {
    const { displayName, mailNickname, mailEnabled, securityEnabled } = body;
    for (const [name, value] of Object.entries({ displayName, mailNickname, mailEnabled, securityEnabled }))
      if (value === undefined || value === null) throw invalidValue(name, 'Group');
    const taken = this.groups.some((group) => group.mailNickname === mailNickname);
    // Microsoft 365 groups cannot share an alias; the stand-in lets no groups share one.
    if (taken)
      throw badRequest('Another object with the same value for property mailNickname already exists.');
    const group = seedGroup(String(displayName), {
      ...withoutAnnotations(body),
      id: randomUUID(),
      members: [],
    });
    this.change('group.created', group.displayName, { group });
    return this.group(group.id);
  }

  addMember(group: SeedGroup, user: SeedUser): void {
    checkMembersManagedHere(group);
    if (group.members.includes(user.id))
      throw badRequest(
        "One or more added object references already exist for the following modified properties: 'members'.",
      );
    this.change('member.added', user.userPrincipalName, {
      userId: user.id,
      groupId: group.id,
      group: group.displayName,
    });
  }

  removeMember(group: SeedGroup, memberId: string): void {
    checkMembersManagedHere(group);
    const member = this.membersOf(group).find((user) => user.id === memberId.toLowerCase());
    if (!member) throw notFound(memberId);
    this.change('member.removed', member.userPrincipalName, {
      userId: member.id,
      groupId: group.id,
      group: group.displayName,
    });
  }

  private change(effect: string, subject: string, detail: Record<string, unknown>): void {
    this.apply(this.effects.add('graph', effect, subject, detail));
  }

  private apply({ effect, at, detail = {} }: Effect): void {
    const id = String(detail.userId);
    const user = this.users.get(id) ?? this.bin.get(id);
    if (effect === 'user.created') {
      this.keep(structuredClone(detail.user as SeedUser));
      return;
    }
    if (effect === 'group.created') {
      this.groups.push(structuredClone(detail.group as SeedGroup));
      return;
    }
    if (!user) return;
    switch (effect) {
      case 'user.updated':
        this.update(user, structuredClone(detail.changes as Body));
        return;
      case 'user.deleted':
        this.users.delete(id);
        this.idsByName.delete(user.userPrincipalName.toLowerCase());
        this.bin.set(id, Object.assign(user, { deletedDateTime: at }));
        return;
      case 'user.restored':
        this.bin.delete(id);
        this.keep(Object.assign(user, { deletedDateTime: null }));
        return;
      case 'user.purged':
        this.bin.delete(id);
        for (const group of this.groups) drop(group.members, id);
        return;
      case 'manager.set':
        user.managerId = detail.managerId;
        return;
      case 'manager.removed':
        delete user.managerId;
        return;
      case 'license.assigned': {
        const license = {
          skuId: String(detail.skuId),
          disabledPlans: (detail.disabledPlans ?? []) as string[],
        };
        user.assignedLicenses = [...ownLicensesOf(user), license];
        return;
      }
      case 'license.removed':
        user.assignedLicenses = ownLicensesOf(user).filter(({ skuId }) => skuId !== detail.skuId);
        return;
      case 'sessions.revoked':
        user.signInSessionsValidFromDateTime = at;
        return;
      case 'member.added':
        this.group(String(detail.groupId)).members.push(id);
        return;
      case 'member.removed':
        drop(this.group(String(detail.groupId)).members, id);
        this.leftAt.set(`${id} ${detail.groupId}`, Date.parse(at));
    }
  }

  private keep(user: SeedUser): void {
    this.users.set(user.id, user);
    this.idsByName.set(user.userPrincipalName.toLowerCase(), user.id);
    for (const name of [user.id, user.userPrincipalName]) this.known.add(name.toLowerCase());
  }

  private update(user: SeedUser, { onPremisesExtensionAttributes: extensions, ...changes }: Body): void {
    this.idsByName.delete(user.userPrincipalName.toLowerCase());
    Object.assign(user, changes);
    // A change of one attribute leaves the others.
    if (extensions)
      user.onPremisesExtensionAttributes = {
        ...(user.onPremisesExtensionAttributes as object | null),
        ...(extensions as object),
      };
    this.keep(user);
  }

  private userById(id: string): SeedUser {
    const user = this.users.get(id);
    if (user) return user;
    throw notFound(id);
  }

  private checkUnused(userPrincipalName: string): void {
    if (this.idsByName.has(userPrincipalName.toLowerCase()))
      throw badRequest('Another object with the same value for property userPrincipalName already exists.');
  }
}

function withoutAnnotations(body: Body): Body {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !name.includes('@odata.')));
}

function drop(list: string[], item: string): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
