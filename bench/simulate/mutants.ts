/** Faults that the engine once had, put back one at a time, and how many histories each took to be found. */
import { tellHistory } from '../../rehearsal/simulator/history.ts';
import { type Mutant, mutants } from '../../rehearsal/simulator/mutants.ts';
import { type Row, report } from '../report.ts';
import type { Asked } from './histories.ts';
import { tellingOf } from './telling.ts';
import { ticketMutants } from './tickets/mutants.ts';

/** Within so many histories each fault must be found. */
const mostForMutant = 20_000;

export async function findMutants({ bench, first, focus, onlySigned }: Asked, wanted?: string) {
  const rows: Row[] = [];
  for (const mutant of [...mutants, ...ticketMutants].sort(byRow)) {
    const { row, what, ofSignatures = row.startsWith('16.') } = mutant;
    if (wanted === undefined ? onlySigned && !ofSignatures : wanted !== row) continue;
    const { took, found } = await histories(mutant, { first, focus, onlySigned });
    console.log(
      `${row} ${what}: ${found === undefined ? 'NOT FOUND' : `found in ${took}: ${found.slice(0, 150)}`}`,
    );
    const value = found === undefined ? Number.POSITIVE_INFINITY : took;
    rows.push({ what: `${row} ${what}`, value, unit: 'histories', limit: mostForMutant, limitIs: 'at most' });
  }
  report(bench, rows);
}

/** The engine's rows of one issue after another. */
function byRow(a: Mutant, b: Mutant): number {
  return a.row.localeCompare(b.row, 'en', { numeric: true });
}

/** By a seed in which nothing is broken without the fault. */
async function histories(
  { put }: Mutant,
  { first, focus, onlySigned }: Pick<Asked, 'first' | 'focus' | 'onlySigned'>,
): Promise<{ took: number; found?: string }> {
  const telling = tellingOf({ focus, onlySigned });
  for (let took = 1; took <= mostForMutant; took += 1) {
    const seed = first + took - 1;
    const takeOut = put();
    const { broken, unsigned } = await tellHistory(seed, telling);
    takeOut();
    const [found] = onlySigned ? unsigned : broken;
    if (found !== undefined && (await tellHistory(seed, telling)).broken.length === 0) return { took, found };
  }
  return { took: mostForMutant };
}
