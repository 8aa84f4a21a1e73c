/** OneDrive over Graph: the drive of a person, and who may use it (drive, driveItem and permission resource types). */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Effect, Effects } from '../effects.ts';
import type { SeedUser } from '../seed.ts';
import type { Directory } from './directory.ts';
import { GraphError } from './errors.ts';
import { type Item, page } from './query.ts';
import { bodyOf, type GraphContext, idOf, queryOf } from './request.ts';

interface Permission {
  id: string;
  userId: string;
  roles: string[];
  expirationDateTime: string | null;
}

interface Invitation {
  recipients?: { objectId?: string; email?: string }[];
  roles?: string[];
  requireSignIn?: boolean;
  sendInvitation?: boolean;
  expirationDateTime?: string;
}

export class Drives {
  private readonly effects: Effects;
  private readonly directory: Directory;
  private shared = new Map<string, Permission[]>();

  constructor(effects: Effects, directory: Directory) {
    this.effects = effects;
    this.directory = directory;
    for (const effect of effects.list({ system: 'graph' })) this.apply(effect);
  }

  reset(): void {
    this.shared = new Map();
  }

  /** A drive is made when its owner first opens it, which nobody has done who was created here. */
  ownerOf(user: SeedUser): SeedUser {
    if (user.createdMs === undefined) return user;
    throw new GraphError(404, 'ResourceNotFound', "User's mysite not found.");
  }

  ownerOfDrive(driveId: string): SeedUser {
    const owner = this.directory.visibleUsers().find((user) => driveIdOf(user) === driveId);
    if (owner) return this.ownerOf(owner);
    throw itemNotFound();
  }

  permissionsOf(owner: SeedUser): Permission[] {
    const own = {
      id: permissionId(owner, owner.id),
      userId: owner.id,
      roles: ['owner'],
      expirationDateTime: null,
    };
    const here = new Set(this.directory.visibleUsers().map((user) => user.id));
    const others = (this.shared.get(owner.id) ?? []).filter(({ userId }) => here.has(userId));
    return [own, ...others.filter((permission) => !isOver(permission))];
  }

  /** A person who is invited again has the new permission in place of the old. */
  invite(owner: SeedUser, invitation: Invitation): Permission[] {
    const { recipients = [], roles = [], requireSignIn, sendInvitation, expirationDateTime } = invitation;
    if (recipients.length === 0 || roles.length === 0) throw invalid('recipients and roles are required.');
    if (!requireSignIn && !sendInvitation)
      throw invalid('Cannot set both RequireSignIn and SendInvitation to false.');
    if (roles.some((role) => !['read', 'write'].includes(role)))
      throw invalid(`Invalid role: ${roles.join(', ')}`);
    const people = recipients.map(({ objectId, email }) => this.resolved(objectId ?? email ?? ''));
    for (const person of people)
      this.change('drive.shared', owner, person, { roles, expirationDateTime: expirationDateTime ?? null });
    return this.permissionsOf(owner).filter(({ userId }) => people.some((person) => person.id === userId));
  }

  revoke(owner: SeedUser, id: string): void {
    const permission = this.permissionsOf(owner).find((candidate) => candidate.id === id);
    if (!permission) throw itemNotFound();
    if (permission.roles.includes('owner')) throw invalid('The permission of the owner cannot be removed.');
    this.change('drive.unshared', owner, this.directory.user(permission.userId));
  }

  private resolved(recipient: string): SeedUser {
    const wanted = recipient.toLowerCase();
    const found = this.directory
      .visibleUsers()
      .find((user) => [user.id, user.userPrincipalName, user.mail].includes(wanted));
    if (found) return found;
    throw invalid(`noResolvedUsers: ${recipient} could not be resolved.`);
  }

  private change(
    effect: string,
    owner: SeedUser,
    person: SeedUser,
    more: Record<string, unknown> = {},
  ): void {
    const detail = { ownerId: owner.id, personId: person.id, with: person.userPrincipalName, ...more };
    this.apply(this.effects.add('graph', effect, owner.userPrincipalName, detail));
  }

  private apply({ effect, detail = {} }: Effect): void {
    if (effect !== 'drive.shared' && effect !== 'drive.unshared') return;
    const ownerId = String(detail.ownerId);
    const userId = String(detail.personId);
    const others = (this.shared.get(ownerId) ?? []).filter((permission) => permission.userId !== userId);
    const added = {
      id: permissionId({ id: ownerId }, userId),
      userId,
      roles: detail.roles as string[],
      expirationDateTime: detail.expirationDateTime as string | null,
    };
    this.shared.set(ownerId, effect === 'drive.shared' ? [...others, added] : others);
  }
}

export function driveRoutes(graph: FastifyInstance, { directory, url }: GraphContext, drives: Drives): void {
  const ownerOf = (request: FastifyRequest) => {
    const owner = drives.ownerOfDrive(idOf(request));
    const item = (request.params as { item?: string }).item;
    if (item !== undefined && item !== 'root' && item !== rootIdOf(owner)) throw itemNotFound();
    return owner;
  };
  const shown = ({ id, roles, expirationDateTime, userId }: Permission) => {
    const { displayName } = directory.user(userId);
    return { id, roles, expirationDateTime, grantedToV2: { user: { id: userId, displayName } } };
  };
  const chosen = (item: Item, { $select }: { $select?: string | undefined }) =>
    $select ? Object.fromEntries($select.split(',').map((name) => [name, item[name] ?? null])) : item;

  graph.get('/users/:id/drive', async (request) => {
    const owner = drives.ownerOf(directory.user(idOf(request)));
    return {
      '@odata.context': `${url()}/$metadata#drives/$entity`,
      ...chosen(driveOf(owner), queryOf(request)),
    };
  });

  graph.get('/drives/:id/root', async (request) => {
    const owner = ownerOf(request);
    const root = { id: rootIdOf(owner), name: 'root', webUrl: driveOf(owner).webUrl, root: {} };
    return { '@odata.context': `${url()}/$metadata#driveItem/$entity`, ...chosen(root, queryOf(request)) };
  });

  graph.get('/drives/:id/items/:item/permissions', async (request) => {
    const owner = ownerOf(request);
    const path = `${url()}/drives/${driveIdOf(owner)}/items/${rootIdOf(owner)}/permissions`;
    return page(drives.permissionsOf(owner), queryOf(request), path, shown);
  });

  graph.post('/drives/:id/items/:item/invite', async (request) => ({
    value: drives.invite(ownerOf(request), bodyOf(request) as Invitation).map(shown),
  }));

  graph.delete('/drives/:id/items/:item/permissions/:permission', async (request, reply) => {
    drives.revoke(ownerOf(request), idOf(request, 'permission'));
    return reply.code(204).send();
  });
}

function driveOf(owner: SeedUser): Item {
  const folder = owner.userPrincipalName.replace(/\W/g, '_');
  return {
    id: driveIdOf(owner),
    driveType: 'business',
    name: 'OneDrive',
    webUrl: `https://example-my.sharepoint.example.com/personal/${folder}/Documents`,
    owner: { user: { id: owner.id, displayName: owner.displayName } },
  };
}

function driveIdOf(owner: { id: string }): string {
  return `b!${digestOf(`drive of ${owner.id}`)}`;
}

function rootIdOf(owner: { id: string }): string {
  return `01${digestOf(`root of ${owner.id}`).replace(/\W/g, '').toUpperCase().slice(0, 32)}`;
}

function permissionId(owner: { id: string }, userId: string): string {
  return digestOf(`permission of ${userId} on ${owner.id}`);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function isOver({ expirationDateTime }: Permission): boolean {
  return expirationDateTime !== null && Date.parse(expirationDateTime) < Date.now();
}

function itemNotFound(): GraphError {
  return new GraphError(404, 'itemNotFound', 'The resource could not be found.');
}

function invalid(message: string): GraphError {
  return new GraphError(400, 'invalidRequest', message);
}
