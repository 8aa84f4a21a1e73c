/**
 * The directory behind the Graph stand-in. Every change is an effect first and is made from that effect alone, so that
 * replaying the journal after a restart gives the same directory.
 */
import { randomUUID } from 'node:crypto';
import type { Effect, Effects } from '../effects.ts';
import type { Faults } from '../faults.ts';
import { type SeedGroup, type SeedSku, type SeedUser, seedGroups, seedSkus, seedUsers } from '../seed.ts';
import { badQuery, badRequest, invalidValue, notFound } from './errors.ts';
import { checkUserProperties, sharePointOfUser } from './properties.ts';
import { checkMasteredHere, checkMembersManagedHere, checkRequired, checkValues } from './rules.ts';
import { seedDeviceGroups } from './seed-devices.ts';

type Body = Record<string, unknown>;

export interface AssignedLicense {
  skuId: string;
  disabledPlans: string[];
}

export class Directory {
  groups: SeedGroup[] = [];
  skus: SeedSku[] = [];
  private users = new Map<string, SeedUser>();
  private bin = new Map<string, SeedUser>();
  private readonly idsByName = new Map<string, string>();
  private readonly effects: Effects;
  private readonly faults: Faults;

  constructor(effects: Effects, faults: Faults) {
    this.effects = effects;
    this.faults = faults;
    this.reset();
    for (const effect of effects.list({ system: 'graph' })) this.apply(effect);
  }

  reset(): void {
    this.groups = [...seedGroups(), ...seedDeviceGroups()];
    this.skus = seedSkus();
    this.users = new Map();
    this.bin = new Map();
    this.idsByName.clear();
    for (const user of seedUsers()) this.keep(user);
  }

  // Reading

  /** By id or sign-in name, as a caller sees it: a user just created may not have reached the replica that is asked. */
  user(key: string): SeedUser {
    const wanted = key.toLowerCase();
    const user = this.users.get(this.idsByName.get(wanted) ?? wanted);
    if (user && this.isVisible(user)) return user;
    throw notFound(key);
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
      ...(passwordProfile ? { passwordReset: true } : {}),
    });
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

  /** All or nothing. Assigning what somebody has already changes nothing, and only says so. */
  assignLicenses(user: SeedUser, body: Body): void {
    const add = listOf(body, 'addLicenses') as { skuId?: string; disabledPlans?: string[] }[];
    const remove = listOf(body, 'removeLicenses') as string[];
    if (add.length > 0 && !user.usageLocation)
      throw badRequest('License assignment cannot be done for user with invalid usage location.');
    const has = new Set(licensesOf(user).map((license) => license.skuId));
    for (const { skuId = '', disabledPlans = [] } of add) {
      const sku = this.sku(skuId);
      const plans = sku.servicePlans as { servicePlanId: string }[];
      if (disabledPlans.some((id) => !plans.some((plan) => plan.servicePlanId === id)))
        throw badRequest(`License assignment failed because service plan in ${skuId} is not valid.`);
      if (!has.has(skuId) && !remove.includes(skuId) && sku.consumedUnits >= sku.prepaidUnits.enabled)
        throw badRequest(`Subscription with SKU ${skuId} does not have any available licenses.`);
    }
    for (const skuId of remove)
      if (!has.has(skuId)) throw badRequest('User does not have a corresponding license.');
    const subject = user.userPrincipalName;
    for (const { skuId = '', disabledPlans = [] } of add) {
      const sku = this.sku(skuId).skuPartNumber;
      if (!has.has(skuId))
        this.change('license.assigned', subject, { userId: user.id, skuId, sku, disabledPlans });
    }
    for (const skuId of remove)
      this.change('license.removed', subject, { userId: user.id, skuId, sku: this.sku(skuId).skuPartNumber });
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
    if (!user) return;
    switch (effect) {
      case 'user.updated':
        this.update(user, structuredClone(detail.changes as Body));
        return;
      case 'user.deleted':
        this.users.delete(id);
        this.idsByName.delete(user.userPrincipalName.toLowerCase());
        this.bin.set(id, Object.assign(user, { deletedDateTime: at }));
        for (const { skuId } of licensesOf(user)) this.sku(skuId).consumedUnits -= 1;
        return;
      case 'user.restored':
        this.bin.delete(id);
        this.keep(Object.assign(user, { deletedDateTime: null }));
        for (const { skuId } of licensesOf(user)) this.sku(skuId).consumedUnits += 1;
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
        user.assignedLicenses = [...licensesOf(user), license];
        this.sku(license.skuId).consumedUnits += 1;
        return;
      }
      case 'license.removed':
        user.assignedLicenses = licensesOf(user).filter(({ skuId }) => skuId !== detail.skuId);
        this.sku(String(detail.skuId)).consumedUnits -= 1;
        return;
      case 'member.added':
        this.group(String(detail.groupId)).members.push(id);
        return;
      case 'member.removed':
        drop(this.group(String(detail.groupId)).members, id);
    }
  }

  private keep(user: SeedUser): void {
    this.users.set(user.id, user);
    this.idsByName.set(user.userPrincipalName.toLowerCase(), user.id);
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

  private sku(skuId: string): SeedSku {
    const sku = this.skus.find((other) => other.skuId === skuId.toLowerCase());
    if (sku) return sku;
    throw badRequest(`License ${skuId} does not correspond to a valid company License.`);
  }

  private checkUnused(userPrincipalName: string): void {
    if (this.idsByName.has(userPrincipalName.toLowerCase()))
      throw badRequest('Another object with the same value for property userPrincipalName already exists.');
  }
}

export function licensesOf(user: SeedUser): AssignedLicense[] {
  return (user.assignedLicenses ?? []) as AssignedLicense[];
}

function listOf(body: Body, name: string): unknown[] {
  if (Array.isArray(body[name])) return body[name];
  throw badRequest(`The parameter '${name}' is missing or is not a collection.`);
}

function withoutAnnotations(body: Body): Body {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !name.includes('@odata.')));
}

function drop(list: string[], item: string): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
