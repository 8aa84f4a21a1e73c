/** At an upgrade: the tables of this version, and warrants for what was signed in runs that an older one began. */
import { resolve } from 'node:path';
import colors from 'picocolors';
import { migrateAndGrant } from '../../store/grants.ts';
import { openStore } from '../../store/store.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { Seal } from '../../vault/seal.ts';
import { loadWarrantKey } from '../../vault/warrants.ts';
import { type Migrated, migrateOlderRuns } from '../../worker/warrants.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type Options, text } from './options.ts';

export async function migrate(_args: string[], options: Options): Promise<void> {
  const url = process.env.DATABASE_URL;
  if (!url)
    throw new Exit(exitCodes.usage, 'DATABASE_URL is missing: the database that gateway and workers use.');
  const role = text(options, 'grantTo');
  if (role !== undefined) await migrateAndGrant(url, role);
  const data = resolve(text(options, 'data') ?? process.env.COUNTERSIGN_DATA ?? '.countersign');
  const store = await openStore(url, new Seal(await loadKeyRing(data)));
  try {
    const key = await loadWarrantKey(data);
    await store.warrantKeys.list(key.id, key.publicKey);
    const found: Migrated[] = [];
    for await (const each of migrateOlderRuns(store, key)) {
      found.push(each);
      if (!options.json) console.log(line(each));
    }
    if (options.json) console.log(JSON.stringify({ found }, null, 2));
    else if (found.length === 0) console.log('No live run of an older version has asked anybody to sign.');
  } finally {
    await store.close();
  }
}

function line({ run, gate, warrant, why }: Migrated): string {
  return warrant === undefined
    ? `${colors.yellow('no warrant')}  ${run} ${gate}: ${why}`
    : `${colors.green('warrant')}     ${run} ${gate}`;
}
