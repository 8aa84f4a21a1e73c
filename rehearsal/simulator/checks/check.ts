/** What must hold of every history, found out from plan, journal, votes and calls alone: none of it asks the engine. */
import type { WaitStep } from '../../../plan/plan.ts';
import type { RunSummary } from '../../../workflows/journal.ts';
import type { RunPlan } from '../../../workflows/messages.ts';
import { checkBegun } from './begun.ts';
import { checkCalled } from './called.ts';
import { checkItems } from './items.ts';
import { checkKeptLists } from './kept-lists.ts';
import type { History } from './observed.ts';
import { idOf, standings } from './places.ts';
import { checkTakenBack } from './taken-back.ts';

export function checkAll(history: History, summary: RunSummary, result: { status: string }): string[] {
  return [
    ...checkEnd(summary, result),
    ...checkEvents(history),
    ...checkItemsPark(history),
    ...checkBegun(history),
    ...checkCalled(history),
    ...checkItems(history),
    ...checkKeptLists(history),
    ...checkTakenBack(history),
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
    const { from } = eventOf(plans.get(run), step) ?? {};
    const { source = '' } = (data?.output ?? {}) as { source?: string };
    if (from && !from.includes(source))
      broken.push(`${step} took event ${n} of ${source}, who may not send it`);
  }
  return broken;
}

function eventOf(plan: RunPlan | undefined, key: string): WaitStep['event'] {
  const step = plan && standings(plan).get(idOf(key))?.step;
  return step?.kind === 'wait' ? step.event : undefined;
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
