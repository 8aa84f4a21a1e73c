/** The directory behind the Graph stand-in: users, groups, licences, and the rules the real service holds them to. */
import { randomUUID } from 'node:crypto';
import type { Effects } from '../effects.ts';
import type { Faults } from '../faults.ts';
import {
  domains,
  type SeedGroup,
  type SeedSku,
  type SeedUser,
  seedGroups,
  seedSkus,
  seedUsers,
} from '../seed.ts';
import { badRequest, GraphError, notFound } from './errors.ts';

type Body = Record<string, unknown>;

/** Writable properties of `user` that the stand-in knows; any other is refused, as Graph does. */
const userProperties = new Set([
  ...[
    'accountEnabled',
    'businessPhones',
    'city',
    'companyName',
    'country',
    'department',
    'displayName',
    'employeeHireDate',
  ],
  ...[
    'employeeId',
    'employeeType',
    'givenName',
    'jobTitle',
    'mail',
    'mailNickname',
    'mobilePhone',
    'officeLocation',
  ],
  ...[
    'onPremisesExtensionAttributes',
    'onPremisesImmutableId',
    'otherMails',
    'passwordPolicies',
    'passwordProfile',
  ],
  ...[
    'postalCode',
    'preferredLanguage',
    'state',
    'streetAddress',
    'surname',
    'usageLocation',
    'userPrincipalName',
    'userType',
  ],
]);
const required = ['accountEnabled', 'displayName', 'mailNickname', 'passwordProfile', 'userPrincipalName'];

export class Directory {
  users: SeedUser[] = seedUsers();
  groups: SeedGroup[] = seedGroups();
  skus: SeedSku[] = seedSkus();
  deleted: SeedUser[] = [];
  private readonly effects: Effects;
  private readonly faults: Faults;

  constructor(effects: Effects, faults: Faults) {
    this.effects = effects;
    this.faults = faults;
    this.recall();
  }

  reset(): void {
    this.users = seedUsers();
    this.groups = seedGroups();
    this.skus = seedSkus();
    this.deleted = [];
  }

  /** Brings back what earlier effects made, after a restart. */
  private recall(): void {
    for (const { effect, detail } of this.effects.list({ system: 'graph' })) {
      const user = detail?.user as SeedUser | undefined;
      const found = this.users.find((other) => other.id === detail?.userId);
      if (effect === 'user.created' && user) this.users.push({ ...user });
      if (effect === 'user.deleted') this.moveToBin(found);
      if (effect === 'user.updated' && found) Object.assign(found, detail?.changes);
      if (effect === 'license.assigned' && found) this.assign(found, String(detail?.skuId));
      if (effect === 'member.added')
        this.groups.find((group) => group.id === detail?.groupId)?.members.push(String(detail?.userId));
    }
  }

  /** By id or sign-in name, as a caller sees it: a user just created may not have reached the replica that is asked. */
  findUser(key: string): SeedUser | undefined {
    const wanted = key.toLowerCase();
    const user = this.users.find(
      (other) => other.id === wanted || other.userPrincipalName.toLowerCase() === wanted,
    );
    return user && this.isVisible(user) ? user : undefined;
  }

  user(key: string): SeedUser {
    const user = this.findUser(key);
    if (user) return user;
    throw notFound(key);
  }

  isVisible(user: SeedUser): boolean {
    const created = Number(user.createdMs ?? 0);
    return Date.now() - created >= this.faults.hiddenAfterCreateMs();
  }

  createUser(body: Body): SeedUser {
    checkProperties(body);
    for (const name of required) {
      if (body[name] === undefined || body[name] === '') {
        throw badRequest(`A value is required for property '${name}' of resource 'User'.`);
      }
    }
    const upn = String(body.userPrincipalName);
    this.checkName(upn);
    checkPassword(body.passwordProfile);
    if (this.users.some((user) => user.userPrincipalName.toLowerCase() === upn.toLowerCase())) {
      throw badRequest('Another object with the same value for property userPrincipalName already exists.');
    }
    const { passwordProfile: _, ...visible } = body;
    const user: SeedUser = {
      assignedLicenses: [],
      usageLocation: null,
      mail: null,
      ...visible,
      id: randomUUID(),
      userPrincipalName: upn,
      displayName: String(body.displayName),
      createdDateTime: new Date().toISOString(),
      createdMs: Date.now(),
    };
    this.users.push(user);
    this.effects.add('graph', 'user.created', upn, { userId: user.id, user });
    return user;
  }

  updateUser(user: SeedUser, body: Body): void {
    checkProperties(body);
    if (user.onPremisesSyncEnabled) {
      throw badRequest(
        'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
      );
    }
    if (body.passwordProfile !== undefined) checkPassword(body.passwordProfile);
    if (typeof body.userPrincipalName === 'string') this.checkName(body.userPrincipalName);
    const { passwordProfile: _, ...changes } = body;
    Object.assign(user, changes);
    this.effects.add('graph', 'user.updated', user.userPrincipalName, { userId: user.id, changes });
  }

  deleteUser(user: SeedUser): void {
    this.moveToBin(user);
    this.effects.add('graph', 'user.deleted', user.userPrincipalName, { userId: user.id });
  }

  private moveToBin(user: SeedUser | undefined): void {
    if (!user) return;
    this.users = this.users.filter((other) => other !== user);
    for (const group of this.groups) group.members = group.members.filter((member) => member !== user.id);
    for (const { skuId } of licencesOf(user)) this.sku(skuId).consumedUnits -= 1;
    this.deleted.push(user);
  }

  restoreUser(id: string): SeedUser {
    const user = this.deleted.find((other) => other.id === id);
    if (!user) throw notFound(id);
    this.deleted = this.deleted.filter((other) => other !== user);
    this.users.push(user);
    this.effects.add('graph', 'user.restored', user.userPrincipalName, { userId: user.id });
    return user;
  }

  setManager(user: SeedUser, managerId: string): void {
    const manager = this.user(managerId);
    user.managerId = manager.id;
    this.effects.add('graph', 'manager.set', user.userPrincipalName, {
      userId: user.id,
      manager: manager.userPrincipalName,
    });
  }

  assignLicenses(user: SeedUser, body: Body): void {
    const add = listOf(body, 'addLicenses') as { skuId?: string }[];
    const remove = listOf(body, 'removeLicenses') as string[];
    if (add.length > 0 && !user.usageLocation) {
      throw badRequest('License assignment cannot be done for user with invalid usage location.');
    }
    const has = new Set(licencesOf(user).map((licence) => licence.skuId));
    for (const { skuId = '' } of add) {
      const sku = this.sku(skuId);
      if (!has.has(skuId) && sku.consumedUnits >= sku.prepaidUnits.enabled) {
        throw badRequest(`Subscription with SKU ${skuId} does not have any available licenses.`);
      }
    }
    for (const skuId of remove)
      if (!has.has(skuId)) throw badRequest('User does not have a corresponding license.');
    for (const { skuId = '' } of add) {
      if (has.has(skuId)) continue;
      this.assign(user, skuId);
      this.effects.add('graph', 'license.assigned', user.userPrincipalName, {
        userId: user.id,
        skuId,
        sku: this.sku(skuId).skuPartNumber,
      });
    }
    for (const skuId of remove) {
      user.assignedLicenses = licencesOf(user).filter((licence) => licence.skuId !== skuId);
      this.sku(skuId).consumedUnits -= 1;
      this.effects.add('graph', 'license.removed', user.userPrincipalName, { userId: user.id, skuId });
    }
  }

  private assign(user: SeedUser, skuId: string): void {
    user.assignedLicenses = [...licencesOf(user), { skuId, disabledPlans: [] }];
    this.sku(skuId).consumedUnits += 1;
  }

  private sku(skuId: string): SeedSku {
    const sku = this.skus.find((other) => other.skuId === skuId);
    if (sku) return sku;
    throw badRequest(`License ${skuId} does not correspond to a valid company License.`);
  }

  group(id: string): SeedGroup {
    const group = this.groups.find((other) => other.id === id);
    if (group) return group;
    throw notFound(id);
  }

  addMember(group: SeedGroup, memberId: string): void {
    this.checkManaged(group);
    const user = this.user(memberId);
    if (group.members.includes(user.id)) {
      throw badRequest(
        "One or more added object references already exist for the following modified properties: 'members'.",
      );
    }
    group.members.push(user.id);
    this.effects.add('graph', 'member.added', user.userPrincipalName, {
      userId: user.id,
      groupId: group.id,
      group: group.displayName,
    });
  }

  removeMember(group: SeedGroup, memberId: string): void {
    this.checkManaged(group);
    if (!group.members.includes(memberId)) throw notFound(memberId);
    group.members = group.members.filter((member) => member !== memberId);
    this.effects.add('graph', 'member.removed', memberId, { groupId: group.id, group: group.displayName });
  }

  private checkManaged(group: SeedGroup): void {
    const types = group.groupTypes as string[];
    if (types.includes('DynamicMembership')) {
      throw badRequest(
        'Insufficient privileges to complete the operation: the membership of a dynamic group is managed by its rule.',
      );
    }
    if (group.onPremisesSyncEnabled) {
      throw badRequest(
        'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
      );
    }
    if (group.mailEnabled && !types.includes('Unified')) {
      throw badRequest('Cannot Update a mail-enabled security groups and or distribution list.');
    }
  }

  private checkName(upn: string): void {
    const domain = upn.split('@')[1]?.toLowerCase() ?? '';
    if (/^[A-Za-z0-9'._\-!#^~]+@[^@\s]+$/.test(upn) && domains.includes(domain)) return;
    throw badRequest(
      'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.',
    );
  }
}

function licencesOf(user: SeedUser): { skuId: string; disabledPlans?: string[] }[] {
  return (user.assignedLicenses ?? []) as { skuId: string }[];
}

function listOf(body: Body, name: string): unknown[] {
  if (Array.isArray(body[name])) return body[name];
  throw badRequest(`The parameter '${name}' is missing or is not a collection.`);
}

function checkProperties(body: Body): void {
  for (const name of Object.keys(body)) {
    if (!userProperties.has(name)) {
      throw badRequest(`Invalid property '${name}'.`);
    }
  }
  const location = body.usageLocation;
  if (location !== undefined && location !== null && !/^[A-Z]{2}$/.test(String(location))) {
    throw badRequest("Invalid value specified for property 'usageLocation' of resource 'User'.");
  }
}

/** Entra's default policy: 8 to 256 characters of three of four kinds. */
function checkPassword(profile: unknown): void {
  const password = String((profile as { password?: string } | null)?.password ?? '');
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  if (password.length >= 8 && password.length <= 256 && kinds >= 3) return;
  throw new GraphError(
    400,
    'Request_BadRequest',
    'The specified password does not comply with password complexity requirements. Please provide a different password.',
  );
}
