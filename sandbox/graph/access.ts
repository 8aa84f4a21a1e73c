/** What people may do beyond their groups: directory roles, app roles, consents and ownerships. Changed by effects alone. */
import type { Effect, Effects } from '../effects.ts';
import { idOf, type SeedUser } from '../seed.ts';
import { badRequest, notFound } from './errors.ts';

export interface RoleDefinition {
  id: string;
  templateId: string;
  displayName: string;
}

interface Held {
  id: string;
  principalId: string;
}

export interface RoleAssignment extends Held {
  roleDefinitionId: string;
  directoryScopeId: string;
}

export interface AppRoleAssignment extends Held {
  principalDisplayName: string;
  principalType: 'User' | 'Group';
  resourceId: string;
  resourceDisplayName: string;
  appRoleId: string;
  createdDateTime: string;
}

export interface Grant extends Held {
  clientId: string;
  consentType: 'Principal';
  resourceId: string;
  scope: string;
}

export interface App {
  id: string;
  displayName: string;
}

/** Owners of groups are kept apart, since a group may have several. */
interface OwnedApplication extends App {
  ownerId: string;
}

const lou = idOf('lou.maier@example.com');
const morgan = idOf('morgan.weiss@example.com');
const app = (displayName: string): App => ({ id: idOf(`app ${displayName}`), displayName });

export const apps = [app('Travel Desk'), app('Team Calendar'), app('Build Server'), app('Microsoft Graph')];

/** Ids of built-in roles are the same everywhere (Microsoft Entra built-in roles). */
export const roleDefinitions: RoleDefinition[] = [
  ['Helpdesk Administrator', '729827e3-9c14-49f7-bb1b-9608f156bbb8'],
  ['User Administrator', 'fe930be7-5e62-47db-91af-98c3a49a38b1'],
].map(([displayName = '', id = '']) => ({ id, templateId: id, displayName }));

export class Access {
  roleAssignments: RoleAssignment[] = [];
  appRoleAssignments: AppRoleAssignment[] = [];
  grants: Grant[] = [];
  applications: OwnedApplication[] = [];
  /** Id of a group -> ids of its owners. */
  private owners = new Map<string, string[]>();
  private readonly effects: Effects;

  constructor(effects: Effects) {
    this.effects = effects;
    this.reset();
    for (const effect of effects.list({ system: 'graph' })) this.apply(effect);
  }

  reset(): void {
    this.roleAssignments = [
      assignment(lou, 'Helpdesk Administrator'),
      assignment(morgan, 'User Administrator'),
    ];
    this.appRoleAssignments = [
      appRole(lou, 'Lou Maier', 'User', 'Travel Desk'),
      appRole(idOf('group Engineering'), 'Engineering', 'Group', 'Build Server'),
    ];
    this.grants = [grant(lou, 'Team Calendar', ' Calendars.Read User.Read')];
    this.applications = [{ ...app('Lunch Menu'), ownerId: morgan }];
    this.owners = new Map([
      [idOf('group Office Chat'), [lou, idOf('kim.okafor@example.com')]],
      [idOf('group Summer Party'), [lou]],
    ]);
  }

  ownersOf(groupId: string): string[] {
    return this.owners.get(groupId) ?? [];
  }

  removeRole(id: string, nameOf: (principalId: string) => string): void {
    const role = found(this.roleAssignments, id);
    this.change('role.removed', nameOf(role.principalId), { ...role });
  }

  removeAppRole(user: SeedUser, id: string): void {
    const assigned = found(this.appRoleAssignments, id);
    if (assigned.principalId !== user.id) throw notFound(id);
    this.change('appRole.removed', user.userPrincipalName, { ...assigned });
  }

  removeGrant(id: string, nameOf: (principalId: string) => string): void {
    const granted = found(this.grants, id);
    this.change('consent.removed', nameOf(granted.principalId), { ...granted });
  }

  /** Once a group has owners, the last one stays. */
  removeOwner(groupId: string, owner: SeedUser): void {
    const owners = this.ownersOf(groupId);
    if (!owners.includes(owner.id)) throw notFound(owner.id);
    if (owners.length === 1)
      throw badRequest('The group must have at least one owner, hence this owner cannot be removed.');
    this.change('owner.removed', owner.userPrincipalName, { groupId, ownerId: owner.id });
  }

  private change(effect: string, subject: string, detail: Record<string, unknown>): void {
    this.apply(this.effects.add('graph', effect, subject, detail));
  }

  private apply({ effect, detail = {} }: Effect): void {
    const others = (item: Held) => item.id !== detail.id;
    switch (effect) {
      case 'role.removed':
        this.roleAssignments = this.roleAssignments.filter(others);
        return;
      case 'appRole.removed':
        this.appRoleAssignments = this.appRoleAssignments.filter(others);
        return;
      case 'consent.removed':
        this.grants = this.grants.filter(others);
        return;
      case 'owner.removed': {
        const groupId = String(detail.groupId);
        this.owners.set(
          groupId,
          this.ownersOf(groupId).filter((id) => id !== detail.ownerId),
        );
      }
    }
  }
}

function found<T extends Held>(items: T[], id: string): T {
  const item = items.find((other) => other.id === id);
  if (item) return item;
  throw notFound(id);
}

function assignment(principalId: string, role: string): RoleAssignment {
  const roleDefinitionId = roleDefinitions.find(({ displayName }) => displayName === role)?.id ?? '';
  return { id: idOf(`${principalId} is ${role}`), principalId, roleDefinitionId, directoryScopeId: '/' };
}

function appRole(
  principalId: string,
  principalDisplayName: string,
  principalType: AppRoleAssignment['principalType'],
  resourceDisplayName: string,
): AppRoleAssignment {
  return {
    id: idOf(`${principalId} uses ${resourceDisplayName}`),
    principalId,
    principalDisplayName,
    principalType,
    resourceId: app(resourceDisplayName).id,
    resourceDisplayName,
    // What an app without roles of its own is assigned by.
    appRoleId: '00000000-0000-0000-0000-000000000000',
    createdDateTime: '2024-01-15T08:00:00Z',
  };
}

function grant(principalId: string, client: string, scope: string): Grant {
  return {
    id: idOf(`${principalId} consents to ${client}`),
    clientId: app(client).id,
    consentType: 'Principal',
    principalId,
    resourceId: app('Microsoft Graph').id,
    scope,
  };
}
