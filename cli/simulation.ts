/** What a run of a runbook would look like, told line by line. */
import colors from 'picocolors';
import type { JsonObject, Plan } from '../plan/plan.ts';
import { type Rehearsed, rehearse } from '../rehearsal/rehearse.ts';
import { spanText } from '../rehearsal/words.ts';
import type { Surroundings } from '../rehearsal/world.ts';
import { approveAutomatically, sampleInputs } from '../workflows/virtual/auto-approver.ts';
import { Exit, exitCodes } from './exit.ts';
import { entryText } from './journal-text.ts';
import { knownActions } from './project.ts';
import { table } from './text.ts';

export async function simulatePlan(
  plan: Plan,
  plans: readonly Plan[],
  surroundings: Surroundings,
  given: JsonObject,
): Promise<Rehearsed> {
  const result = await rehearse({
    plan,
    plans,
    catalogue: knownActions(),
    surroundings,
    script: { inputs: sampleInputs(plan, given), actions: {}, events: [] },
    helpers: approveAutomatically,
  });
  if ('journal' in result) return result;
  throw new Exit(
    exitCodes.problems,
    `${plan.title} needs other inputs than could be made up. ${result.problems.join(' ')}\nGive them: countersign plan ${plan.runbook} --simulate --input ${missingName(result.problems)}=…`,
  );
}

export function simulationText(plan: Plan, found: Rehearsed, timezone: string): string {
  const titles = new Map(found.view.steps.map(({ id, title }) => [id, title]));
  const when = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: timezone,
  });
  const rows = found.journal.flatMap((entry) => {
    const text = entryText(entry, titles, (ms) => when.format(ms));
    return text === undefined ? [] : [[colors.dim(when.format(entry.at)), text]];
  });
  return [
    `${colors.bold(plan.title)}, if every action succeeds and everybody asked says yes after an hour:`,
    '',
    table(rows),
    '',
    `It takes ${spanText(found.endedAt - found.startedAt)} and calls ${found.calls.length} ${found.calls.length === 1 ? 'action' : 'actions'}. What is not known here, such as what an action finds, is made up; nothing was called.`,
    ...found.problems,
    '',
  ].join('\n');
}

/** The first input that a problem names. */
function missingName(problems: readonly string[]): string {
  return /`([A-Za-z0-9_]+)/.exec(problems.join(' '))?.[1] ?? 'NAME';
}
