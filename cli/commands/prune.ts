/** `prune`: what `retention` in the configuration says has been kept long enough, now instead of within the hour; or only told. */
import { resolve } from 'node:path';
import { readConfiguration } from '../../activities/kit/configured-services.ts';
import { openStore } from '../../store/store.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { Seal } from '../../vault/seal.ts';
import { type Due, dueBy, pruneBy } from '../../worker/retention.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type Options, text } from './options.ts';

export async function prune(_args: string[], options: Options): Promise<void> {
  const url = process.env.DATABASE_URL;
  if (!url)
    throw new Exit(exitCodes.usage, 'DATABASE_URL is missing: the database that gateway and workers use.');
  const path = resolve(text(options, 'config') ?? process.env.COUNTERSIGN_CONFIG ?? 'countersign.yaml');
  const { retention } = await readConfiguration(path);
  const data = resolve(text(options, 'data') ?? process.env.COUNTERSIGN_DATA ?? '.countersign');
  const store = await openStore(url, new Seal(await loadKeyRing(data)));
  try {
    const due = await dueBy(retention, store.removal);
    if (options.dryRun) return console.log(options.json ? JSON.stringify({ due }) : dueText(due));
    const gone = new Map<string, number>();
    for await (const { what, count } of pruneBy(retention, store.removal))
      gone.set(what, (gone.get(what) ?? 0) + count);
    const removed = [...gone].map(([what, count]) => ({ what, count }));
    const words = removed.map(({ what, count }) => `${count} ${what}`).join(', ');
    if (options.json) console.log(JSON.stringify({ removed }));
    else console.log(words === '' ? 'Nothing is due.' : `Removed: ${words}. The records of the runs stay.`);
  } finally {
    await store.close();
  }
}

function dueText(due: readonly Due[]): string {
  if (due.length === 0) return 'Everything is kept for good: countersign.yaml has no `retention`.';
  const lines = due.map(({ what, kind, age, count, oldest }) => {
    const since = oldest ? `, the oldest of ${oldest.slice(0, 10)}` : '';
    return `${String(count).padStart(9)}  ${what}${kind ? ` of ${kind}` : ''}, kept for ${age}${since}`;
  });
  return [...lines, '', 'Nothing was removed. The records of the runs stay in any case.'].join('\n');
}
