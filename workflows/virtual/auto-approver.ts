/** For looking at a runbook without a script: everybody who is asked says yes after an hour, and what is awaited comes. */

import { sampleOf } from '../../compiler/values/made-up-values.ts';
import { defined } from '../../plan/defined.ts';
import type { JsonObject, JsonSchema, Plan } from '../../plan/plan.ts';
import type { Run } from '../run.ts';
import type { VirtualClock } from './clock.ts';

const hour = 3_600_000;

/** Inputs that fit, for those not given. */
export function sampleInputs(plan: Pick<Plan, 'inputs'>, given: JsonObject): JsonObject {
  const inputs: JsonObject = { ...given };
  for (const [name, input] of Object.entries(plan.inputs))
    if (inputs[name] === undefined && input.required) inputs[name] = sampleOf(input.schema, name);
  return inputs;
}

/** Acts until the run ends. */
export async function approveAutomatically(stage: {
  clock: VirtualClock;
  runs: ReadonlyMap<string, Run>;
}): Promise<void> {
  for (;;) {
    await stage.clock.until(() => [...stage.runs.values()].some(waits));
    await new Promise<void>((resolve) => stage.clock.after(hour, resolve));
    for (const run of stage.runs.values()) if (run.state.endedAt === undefined) answer(run);
  }
}

function waits(run: Run): boolean {
  const { state } = run;
  if (state.endedAt !== undefined) return false;
  return state.tasks.size > 0 || awaited(run).length > 0 || openGates(run).length > 0;
}

function answer(run: Run): void {
  for (const gate of openGates(run)) {
    const voted = gate.votes.map(({ principal }) => principal.id);
    const next = gate.approvers.find((person) => !voted.includes(person));
    if (!next) continue;
    const principal = { id: next, roles: [] };
    run.commands.vote({
      step: gate.step,
      decision: 'approve',
      principal,
      hash: gate.hash,
      ...defined({ form: gate.form && samples(gate.form) }),
    });
  }
  for (const task of run.state.tasks.values()) {
    const output = samples(task.form);
    const principal = { id: task.people[0] ?? '', roles: [] };
    if (!task.report) run.commands.complete({ principal, step: task.step, output });
  }
  for (const { name, key } of awaited(run)) run.commands.event({ name, key, data: {} });
}

function samples(form: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(form).map(([name, schema]) => [name, sampleOf(schema as JsonSchema, name)]),
  );
}

function openGates(run: Run) {
  return [...run.state.gates.values()].filter(
    ({ outcome, hash, votes, approvers }) =>
      outcome === undefined && hash !== '' && votes.length < approvers.length,
  );
}

function awaited(run: Run): { name: string; key: string }[] {
  return [...run.state.waits.values()].flatMap(({ event }) => (event ? [event] : []));
}
