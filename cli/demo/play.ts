/** Plays one scenario for somebody who watches: the ticket, the run as it goes, who signs, what dies, and what came of it. */
import colors from 'picocolors';
import type { Effect } from '../../sandbox/effects.ts';
import { shownText } from '../commands/vote.ts';
import type { Stack } from '../dev/stack.ts';
import { entryText } from '../journal-text.ts';
import { clock } from '../text.ts';
import { accompany, coordinator, type Ended } from './people.ts';
import type { Expected, Scenario } from './scenarios/scenario.ts';
import type { Stage } from './stage.ts';

const timesTold = 3;

/** True when the run succeeded, what was to die died, and the stand-ins count each effect once. */
export async function play(
  scenario: Scenario,
  stage: Stage,
  stack: Stack,
  kill: ('worker' | 'temporal')[],
): Promise<boolean> {
  heading(`${scenario.story}; we are told ${timesTold} times, as may happen`);
  const delivery = await scenario.begin(stage);
  let run = '';
  for (let times = 0; times < timesTold; times += 1) {
    const answer = await stage.deliver(scenario.system, delivery);
    const about = answer.run ? `: run ${answer.run}` : '';
    console.log(`  ${answer.status} ${answer.outcome}${about}${answer.reason ? ` (${answer.reason})` : ''}`);
    run ||= answer.run ?? '';
  }
  if (!run) return false;
  heading('The run, with what dies on the way');
  const left = new Set(kill);
  const { titles } = await stage.get<{ titles: Record<string, string> }>(coordinator, `/runs/${run}`);
  const named = new Map(Object.entries(titles));
  const ended = await accompany(run, scenario, stage, {
    onEntry: (entry) => {
      // The single items of long lists would be too many to read.
      const line = entry.step?.includes('[') ? undefined : entryText(entry, named);
      if (line) console.log(`  ${clock(entry.at)}  ${line}`);
      for (const part of left) {
        if (entry.kind !== 'step.started' || entry.step !== scenario.kills[part]) continue;
        left.delete(part);
        const name = part === 'worker' ? 'the worker' : 'the Temporal server';
        console.log(colors.red(`  kill -9 ${stack.parts[part].pid}  (${name}, in the middle of a step)`));
        stack.parts[part].kill('SIGKILL');
      }
    },
    onGate: (gate, signers) => {
      console.log(`\n  What ${signers.join(' and ')} ${signers.length > 1 ? 'see' : 'sees'}:\n`);
      console.log(`${shownText(gate).replace(/^/gm, '    ')}\n`);
    },
  });
  return conclude(scenario, stage, ended, [...left]);
}

async function conclude(
  { expected }: Scenario,
  stage: Stage,
  { run, status }: Ended,
  alive: string[],
): Promise<boolean> {
  heading('What really happened, by the stand-ins’ own log');
  for (const part of alive) console.log(colors.red(`  the ${part} was not killed on the way`));
  let right = status === 'succeeded' && alive.length === 0;
  for (const each of expected) {
    const found = countOf(each, await stage.effects({ system: each.system, effect: each.effect }));
    const ok = found === each.count;
    right &&= ok;
    const should = ok ? '' : ` (should be ${each.count})`;
    console.log(`  ${ok ? colors.green('✓') : colors.red('✗')} ${each.what}: ${found}${should}`);
  }
  console.log(
    right
      ? colors.green(`\nProof: run ${run} survived; each effect happened exactly once.`)
      : colors.red(`\nNot proven: run ${run} ended as ${status}, or did not do everything exactly once.`),
  );
  return right;
}

/** How many of the effects are what a scenario expects. */
export function countOf({ subject, where }: Expected, effects: readonly Effect[]): number {
  return effects.filter(
    (effect) => (subject === undefined || effect.subject === subject) && (!where || where(effect)),
  ).length;
}

export function heading(text: string): void {
  console.log(`\n${colors.bold(text)}`);
}
