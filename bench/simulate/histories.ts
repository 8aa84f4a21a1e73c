/** Generated histories of generated plans on the virtual clock, and how many of them broke a promise. */
import { type Told, tellHistory } from '../../rehearsal/simulator/history.ts';
import type { Focus } from '../../rehearsal/simulator/plans.ts';
import { kindOf, shrunk } from '../../rehearsal/simulator/shrink.ts';
import { report } from '../report.ts';
import { Coverage } from './coverage.ts';
import { printFailure } from './failure.ts';
import { findMutants } from './mutants.ts';
import { compareWithReal } from './real.ts';
import { tellingOf } from './telling.ts';

export interface Asked {
  bench: string;
  focus: Focus;
  histories: number;
  first: number;
  /** Failing histories that are printed whole: enough to read. */
  failures: number;
  /** Only the check of what was signed finds anything, and only faults of its own are put back. */
  onlySigned: boolean;
}

/** How many run on a real server. */
const realHistories = 300;

/** As the command line says: `--histories`, `--seed`, `--failures`, `--real`, `--mutants` or `--mutants=16.1`. */
export async function benchHistories(
  usual: Pick<Asked, 'bench' | 'focus' | 'histories' | 'onlySigned'>,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const options = new Map(
    argv.map((each) => each.replace(/^--/, '').split('=') as [string, string | undefined]),
  );
  const asked: Asked = {
    ...usual,
    histories: Number(options.get('histories') ?? process.env.BENCH_HISTORIES ?? usual.histories),
    first: Number(options.get('seed') ?? 1),
    failures: Number(options.get('failures') ?? 3),
  };
  if (options.has('real'))
    await compareWithReal({ ...asked, count: Number(options.get('histories') ?? realHistories) });
  else if (options.has('mutants')) await findMutants(asked, options.get('mutants'));
  else await tellHistories(asked);
}

async function tellHistories({ bench, focus, histories, first, failures, onlySigned }: Asked): Promise<void> {
  const broken = new Map<string, { count: number; seed: number }>();
  const failing: Told[] = [];
  const coverage = new Coverage();
  const telling = tellingOf({ focus, onlySigned });
  const began = performance.now();
  for (let seed = first; seed < first + histories; seed += 1) {
    const told = await tellHistory(seed, telling);
    coverage.add(told);
    const found = onlySigned ? [...told.unsigned, ...told.computed.broken] : told.broken;
    if (found.length === 0) continue;
    failing.push(told);
    for (const each of found) {
      const kind = kindOf(each);
      const known = broken.get(kind);
      broken.set(kind, { count: (known?.count ?? 0) + 1, seed: known?.seed ?? seed });
    }
  }
  const minutes = (performance.now() - began) / 60_000;
  for (const each of failing.slice(0, failures)) printFailure(await shrunk(each, telling));
  for (const [kind, { count: times, seed }] of broken)
    console.log(`${times} times, first in ${seed}: ${kind}`);
  console.log(
    `Seeds ${first} to ${first + histories - 1}: ${Math.round(histories / minutes)} histories a minute`,
  );
  for (const line of coverage.lines()) console.log(line);
  report(bench, [
    {
      what: 'histories in which a promise was broken',
      value: failing.length,
      unit: 'histories',
      limit: 0,
      limitIs: 'at most',
    },
    { what: 'histories', value: histories, unit: 'histories', limit: histories, limitIs: 'at least' },
  ]);
}
