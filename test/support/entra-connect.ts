/** Between a real domain and the stand-in for the cloud: what Entra Connect does every half an hour. */
import { setTimeout as pause } from 'node:timers/promises';
import { accountOf, isDisabled } from '../../activities/ad/account.ts';
import { people } from '../../activities/ad/filters.ts';
import { guidBytes } from '../../activities/ad/names.ts';
import type { Stage } from '../../cli/demo/stage.ts';
import type { SourceAccount } from '../../sandbox/graph/sync.ts';
import type { TestDomain } from './test-domain.ts';

const attributes = ['objectGUID', 'sAMAccountName', 'userPrincipalName', 'displayName', 'userAccountControl'];
const everyMs = 500;

/** One cycle: the people of the organisational units that are synced, as they are now. */
export async function syncToCloud(domain: TestDomain, units: readonly string[], stage: Stage): Promise<void> {
  const accounts = await domain.use(async (directory): Promise<SourceAccount[]> => {
    const found = await Promise.all(
      units.map((base) => directory.search({ base, filter: people, attributes })),
    );
    return found.flat().map((entry) => ({
      onPremisesImmutableId: guidBytes(entry.id).toString('base64'),
      userPrincipalName: entry.text('userPrincipalName') ?? '',
      displayName: entry.text('displayName') ?? '',
      accountEnabled: !isDisabled(accountOf(entry)),
      onPremisesSamAccountName: entry.text('sAMAccountName') ?? '',
    }));
  });
  await stage.sandbox('POST', '/_sandbox/graph/sync', { accounts });
}

/** Cycle after cycle while something is done. */
export async function whileSynced<T>(cycle: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  let isOver = false;
  const cycles = (async () => {
    for (; !isOver; await pause(everyMs)) await cycle();
  })();
  // When the work fails, that is what failed.
  cycles.catch(() => {});
  try {
    return await work();
  } finally {
    isOver = true;
    await cycles;
  }
}
