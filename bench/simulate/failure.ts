/** A history in which a promise was broken, for whoever mends it: its plan, what people did, and its journal. */
import type { Told } from '../../rehearsal/simulator/history.ts';

export function printFailure({ seed, broken: what, generated, history, did }: Told): void {
  console.log(`\nSeed ${seed}:\n  ${what.join('\n  ')}`);
  const { covers: _, ...plan } = generated.plan;
  console.log(`Plan: ${JSON.stringify(plan.steps)}\nFinally: ${JSON.stringify(plan.finally)}`);
  for (const [hash, { steps }] of Object.entries(generated.called))
    console.log(`${hash}: ${JSON.stringify(steps)}`);
  console.log(`Inputs: ${JSON.stringify(history.inputs.get(history.root))}`);
  const { world } = history;
  const lines: [number, string][] = [
    ...world.journal.map(({ n, run, kind, step, data }): [number, string] => [
      n,
      `${n} ${run} ${kind} ${step ?? ''} ${JSON.stringify(data ?? {})}`,
    ]),
    ...world.calls.map(({ n, run, activity, step, item, input }): [number, string] => [
      n,
      `${n} ${run} calls ${activity} for ${step}${item} ${JSON.stringify(input).slice(0, 200)}`,
    ]),
    ...world.effects.map(({ done, id, step, item }): [number, string] => [
      done,
      `${done} ${step}${item} done: ${id}`,
    ]),
    ...did.map((line): [number, string] => [Number.parseInt(line, 10), line]),
  ];
  for (const [, line] of lines.sort(([a], [b]) => a - b)) console.log(`  ${line.slice(0, 400)}`);
}
