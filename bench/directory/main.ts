/**
 * How long it takes to say what access one person has left, in a domain of 5,000 people and 500 groups with 2,000 in one, on a real Samba
 * domain controller behind a proxy that gives no more at once than Windows does. `BENCH_PEOPLE` people, one after another.
 */

import { people as isPerson } from '../../activities/ad/filters.ts';
import { busiest, fillLarge, many, size, usual } from '../../test/support/large-domain.ts';
import { testDomain } from '../../test/support/test-domain.ts';
import { median, report } from '../report.ts';

const people = Number(process.env.BENCH_PEOPLE ?? 100);
const mostMs = 2_000;

const domain = await testDomain();
if (!domain) process.exit(2);
try {
  await fillLarge(domain);
  domain.proxy.limited = true;
  const took = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
  let steps = 0;
  const left = (user: string) => domain.far.call('ad.residualAccess', { user }, { step: `step ${++steps}` });
  // The first of all connects for the first time.
  await left(usual(0));
  const usualMs: number[] = [];
  for (let at = 1; at <= people; at++)
    usualMs.push(await took(() => left(usual(Math.floor((at * size.members) / (people + 1))))));
  const busyMs: number[] = [];
  for (let at = 0; at < 10; at++) busyMs.push(await took(() => left(busiest)));
  const everybody = await took(() =>
    domain.useFar(async (directory) => {
      const seen = await directory.search({ base: many, filter: isPerson, attributes: ['sAMAccountName'] });
      if (seen.length !== size.users) throw new Error(`${seen.length} people instead of ${size.users}`);
    }),
  );
  const members = await took(async () => {
    const { count } = await domain.far.call('ad.listGroupMembers', { group: 'Group 0' }, { step: 'members' });
    if (count !== size.members) throw new Error(`${String(count)} members instead of ${size.members}`);
  });
  const row = (what: string, value: number) =>
    ({ what, value, unit: 'ms', limit: mostMs, limitIs: 'at most' }) as const;
  console.error(
    `all ${size.users} people in pages: ${everybody.toFixed(0)} ms; the ${size.members} members of one group in parts: ${members.toFixed(0)} ms`,
  );
  report('directory', [
    row('residual access of one person, median', median(usualMs)),
    row('residual access of one person, p95', at95(usualMs)),
    row('residual access of a person in 490 groups, median', median(busyMs)),
  ]);
} finally {
  await domain.stop();
}

function at95(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}
