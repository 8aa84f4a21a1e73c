/** Which approvals are asked about a change by hand: every one that was given and covers it, unless a later one will settle it. */
import { innerSteps } from '../../plan/inner-steps.ts';
import { covers } from '../../plan/leaf-paths.ts';
import type { Step } from '../../plan/plan.ts';
import type { Cover } from '../hands.ts';
import type { RunPlan, StepView } from '../messages.ts';
import { isBehind, yetToRun } from './behind.ts';
import type { GateSession } from './session.ts';

interface Around {
  plan: RunPlan;
  steps: ReadonlyMap<string, StepView>;
  sessions: ReadonlyMap<string, GateSession>;
  /** Of the run. */
  engine: number;
}

/** Those who signed what reads it and is yet to run; nobody where a later gate will show and sign it. */
export function gatesCovering(path: string, around: Around): GateSession[] {
  const { plan, sessions, engine } = around;
  const left = yetToRun(plan, around.steps, engine);
  const readersBehind = (cover: Cover): string[] =>
    cover === 'everything'
      ? [...left]
      : cover
          .filter((leaf) => covers(leaf.path, path))
          .flatMap(({ readers }) => readers)
          .filter((id) => left.has(id));
  const asked = [...sessions.values()].filter(
    (session) => session.isSigned && readersBehind(session.cover).length > 0,
  );
  if (asked.length === 0) return asked;
  const readers = new Set(asked.flatMap(({ cover }) => readersBehind(cover)));
  const settledLater = Object.entries(plan.covers ?? {}).some(
    ([gate, leaves]) =>
      left.has(gate) &&
      comesBefore(gate, around) &&
      leaves.some((leaf) => leaf.shown && covers(leaf.path, path)) &&
      [...readers].every(
        (id) =>
          id === gate ||
          (!actsBefore(gate, id, around) &&
            leaves.some(
              (leaf) =>
                covers(leaf.path, path) && leaf.readers.includes(id) && !(leaf.loose ?? []).includes(id),
            )),
      ),
  );
  return settledLater ? [] : asked;
}

/** Those who signed for the step itself, whatever it reads. */
export function gatesBefore(step: string, { plan, sessions }: Around): GateSession[] {
  return [...sessions.values()].filter(
    (session) =>
      session.isSigned && (session.cover === 'everything' || isBehind(plan, session.step.id, step)),
  );
}

/** What decides whether all within a step is done, such as a list, decides that also of what stands there before the approval. */
function actsBefore(gate: string, reader: string, { plan, engine }: Around): boolean {
  const step = stepOf(plan, reader);
  if (engine < 5 || !step || !contains(step, gate)) return false;
  return innerSteps(step)
    .flat()
    .flatMap(allIn)
    .some((inner) => acts(inner) && !isBehind(plan, gate, inner.id));
}

function acts(step: Step): boolean {
  return step.kind === 'action' ? step.effect !== 'read' : step.kind === 'task' || step.kind === 'runbook';
}

function contains(step: Step, id: string): boolean {
  return allIn(step).some((each) => each.id === id);
}

function allIn(step: Step): Step[] {
  return [step, ...innerSteps(step).flat().flatMap(allIn)];
}

/** It is still to be asked for, for every item, and what stands behind it waits for the answer. */
function comesBefore(gate: string, { plan, steps }: Around): boolean {
  const step = stepOf(plan, gate);
  if (step?.kind !== 'approve' || step.retroactive) return false;
  return ![...steps.keys()].some((key) => key === gate || key.startsWith(`${gate}[`));
}

export function stepOf(plan: RunPlan, id: string): Step | undefined {
  const queue: Step[] = [...plan.steps, ...plan.finally];
  for (let step = queue.shift(); step; step = queue.shift()) {
    if (step.id === id) return step;
    queue.push(...innerSteps(step).flat());
  }
  return undefined;
}
