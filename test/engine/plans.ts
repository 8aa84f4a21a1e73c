/** Short ways to write what the engine's suites carry out. The actions do what their input tells them (worker-process.ts). */
import { expect } from '@jest/globals';
import type { Step } from '../../plan/plan.ts';
import { action, planOf as anyPlan } from '../../workflows/testing.ts';
import type { LiveRun } from './engine-stack.ts';

export const undo = { uses: 'test.undo', with: {} };

export const task: Step = {
  id: 'desk',
  kind: 'task',
  to: 'role:it',
  instructions: 'Place it.',
  form: { serial: { type: 'string' } },
};

/** Named for the test it belongs to, as its recorded history will be. */
export const planOf: typeof anyPlan = (steps, more) =>
  anyPlan(steps, { owner: 'role:it', runbook: nameOfTest(), ...more });

export function act(id: string, told: object = {}, more: Parameters<typeof action>[1] = {}) {
  return action(id, { uses: 'test.do', with: { ...told }, ...more });
}

export function wait(id: string, ms: number): Step {
  return { id, kind: 'wait', for: { ms } };
}

export async function ended(run: LiveRun): Promise<string> {
  return (await run.result()).status;
}

function nameOfTest(): string {
  const name = (expect.getState().currentTestName ?? '').replace(/^On a real Temporal server /, '');
  return name
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .slice(0, 40)
    .replace(/^-|-$/g, '');
}
