/**
 * `npm run -s bench chaos [-- --moments 100] [--seed N]`: parts of a whole stack are killed at that many random moments, in rounds of 25,
 * with aborts and amendments among what happens. Prints the seed of each round and what was found in it.
 */
import { parseArgs } from 'node:util';
import { chaos } from '../../test/chaos/harness.ts';
import { randomOf } from '../random.ts';
import { report } from '../report.ts';

const { values } = parseArgs({
  options: { moments: { type: 'string', default: '100' }, seed: { type: 'string' } },
});
const perRound = 25;
const moments = Number(values.moments);
const first = Number(values.seed ?? Math.floor(Math.random() * 1e9));

let killed = 0;
let runs = 0;
const found: string[] = [];
for (let round = 0; killed < moments; round += 1) {
  const seed = first + round;
  const kills = Math.min(perRound, moments - killed);
  const began = Date.now();
  const result = await chaos({
    name: `bench-chaos-${seed}`,
    random: randomOf(seed),
    kills,
    victims: ['worker', 'gateway', 'temporal', 'postgres'],
    procedures: true,
    hires: { plain: 3, aborted: 4, amended: 3 },
  });
  killed += result.moments.length;
  runs += result.runs;
  found.push(...result.findings);
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(
    `Seed ${seed}: ${kills} kills, ${result.runs} runs, ${seconds} s, a minute was ${Math.round(result.minuteMs / 1000)} s: ${result.moments.join(', ')}`,
  );
  for (const finding of result.findings) console.log(`  FOUND ${finding}`);
}
console.log(`\n${killed} kills, ${runs} runs; seeds from ${first}.`);
report('chaos', [
  {
    what: 'random moments at which something was killed',
    value: killed,
    unit: 'kills',
    limit: moments,
    limitIs: 'at least',
  },
  {
    what: 'lost, doubled, left behind or shown wrongly',
    value: found.length,
    unit: 'findings',
    limit: 0,
    limitIs: 'at most',
  },
]);
process.exit(found.length === 0 ? 0 : 1);
