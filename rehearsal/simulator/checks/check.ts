/** What must hold of every history, found out from plan, journal, votes and calls alone: none of it asks the engine. */
import type { RunSummary } from '../../../workflows/journal.ts';
import { checkBegun } from './begun.ts';
import { checkItems } from './items.ts';
import type { History } from './observed.ts';
import { checkSigned } from './signed.ts';
import { checkTakenBack } from './taken-back.ts';

export function checkAll(history: History, summary: RunSummary, result: { status: string }): string[] {
  return [
    ...checkEnd(summary, result),
    ...checkEvents(history),
    ...checkItemsPark(history),
    ...checkBegun(history),
    ...checkItems(history),
    ...checkTakenBack(history),
    ...checkSigned(history),
  ];
}

function checkEnd({ status, waitingOn }: RunSummary, result: { status: string }): string[] {
  const broken: string[] = [];
  if (status !== result.status) broken.push(`the run ended as ${result.status} and is shown as ${status}`);
  if (waitingOn.length > 0)
    broken.push(`the run has ended and still waits for ${waitingOn.map(({ step }) => step).join(', ')}`);
  return broken;
}

/** Every event carries a number of its own. */
function checkEvents({ world, plans }: History): string[] {
  const takers = new Map<string, string>();
  const broken: string[] = [];
  for (const { kind, step = '', run, data } of world.journal) {
    if (kind !== 'step.succeeded' || !step.startsWith('wait') || !plans.has(run)) continue;
    const { n } = (data?.output ?? {}) as { n?: number };
    if (n === undefined) continue;
    const event = `${run} ${n}`;
    const taker = takers.get(event);
    if (taker !== undefined) broken.push(`event ${n} was taken by ${taker} and by ${step}`);
    takers.set(event, step);
  }
  return broken;
}

/** For an item of a list nobody is waited for when an action fails: the list counts it. */
function checkItemsPark({ world }: History): string[] {
  return world.journal
    .filter(
      ({ kind, run, step, data }) =>
        kind === 'step.parked' && run.includes('[') && step?.startsWith('do') && !data?.undo,
    )
    .map(({ run, step }) => `${step} of ${run} parked, and is done for an item of a list`);
}
