/** What Entra Connect does in a cycle: brings the people of the domain to the cloud, as the domain has them at that moment. */
import type { FastifyInstance } from 'fastify';
import type { SeedUser } from '../seed.ts';
import type { Directory } from './directory.ts';

/** An account as the domain has it. */
export interface SourceAccount {
  /** objectGUID in base64: by it an account is known again, whatever it is called by then. */
  onPremisesImmutableId: string;
  userPrincipalName: string;
  displayName: string;
  accountEnabled: boolean;
  onPremisesSamAccountName: string;
  givenName?: string;
  surname?: string;
}

const domainName = 'corp.example.com';

/** `POST /_sandbox/graph/sync { accounts }`: all that are synced. Who came by an earlier cycle and is not among them is deleted. */
export function syncRoute(app: FastifyInstance, directory: Directory): void {
  app.post('/_sandbox/graph/sync', async (request, reply) => {
    const { accounts } = (request.body ?? {}) as { accounts?: SourceAccount[] };
    if (!Array.isArray(accounts)) return reply.code(400).send({ message: 'Give accounts: all of them.' });
    sync(directory, accounts);
    return reply.code(204).send();
  });
}

function sync(directory: Directory, accounts: readonly SourceAccount[]): void {
  for (const account of accounts) bring(directory, account);
  const sources = new Set(accounts.map(({ onPremisesImmutableId }) => onPremisesImmutableId));
  for (const user of directory.visibleUsers())
    if (user.onPremisesImmutableId && !sources.has(String(user.onPremisesImmutableId)))
      directory.deleteUser(user);
}

function bring(directory: Directory, account: SourceAccount): void {
  const written = { ...account, onPremisesSyncEnabled: true, onPremisesDomainName: domainName };
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const user = matched(directory, account) ?? restored(directory, account);
  if (!user) {
    const made = {
      usageLocation: null,
      userType: 'Member',
      mailNickname: account.onPremisesSamAccountName,
      ...written,
      onPremisesLastSyncDateTime: now,
      assignedLicenses: [],
      onPremisesExtensionAttributes: {},
      createdDateTime: now,
      createdMs: Date.now(),
    };
    directory.createSynced(made);
    return;
  }
  const changes = Object.fromEntries(Object.entries(written).filter(([name, value]) => user[name] !== value));
  if (Object.keys(changes).length > 0)
    directory.writeSynced(user, { ...changes, onPremisesLastSyncDateTime: now });
}

/** By its id; or, where the cloud's account has none yet, by its sign-in name ("soft match"). */
function matched(directory: Directory, account: SourceAccount): SeedUser | undefined {
  const users = directory.visibleUsers();
  const name = account.userPrincipalName.toLowerCase();
  return (
    users.find((user) => user.onPremisesImmutableId === account.onPremisesImmutableId) ??
    users.find((user) => !user.onPremisesImmutableId && user.userPrincipalName.toLowerCase() === name)
  );
}

function restored(directory: Directory, { onPremisesImmutableId }: SourceAccount): SeedUser | undefined {
  const gone = directory.deletedUsers().find((user) => user.onPremisesImmutableId === onPremisesImmutableId);
  return gone && directory.restoreUser(gone.id);
}
