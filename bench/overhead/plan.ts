/** The runbook of the overhead bench: twenty steps, each using the output of the one before it. */
import { computeCovers } from '../../compiler/gates/cover.ts';
import { hashOf } from '../../plan/hash.ts';
import { type Json, PLAN_FORMAT, type Plan, type Step } from '../../plan/plan.ts';
import type { RunPlan } from '../../workflows/messages.ts';

/** `reads` of the steps only look something up; the others write. */
/** The same writes, behind an approval. */
export function gatedPlan(): Plan {
  const { steps, ...rest } = benchPlan(0);
  const gate: Step = { id: 'signoff', kind: 'approve', from: ['boss@example.com'], quorum: 1 };
  const content = { ...rest, runbook: 'gated', triggers: [], steps: [gate, ...steps] };
  const plan = { ...content, covers: computeCovers({ ...content, steps: content.steps }) };
  const { hash: _, ...hashed } = plan;
  return { ...plan, hash: hashOf(hashed as unknown as Json), positions: {} };
}

export function benchPlan(reads: number): RunPlan {
  const steps: Step[] = [];
  for (let number = 1; number <= 20; number += 1) {
    const isRead = number <= reads;
    steps.push({
      id: `step${number}`,
      kind: 'action',
      uses: isRead ? 'bench.read' : 'bench.write',
      effect: isRead ? 'read' : 'write',
      with: {
        user: { $expr: 'inputs.givenName + "." + inputs.familyName + "@example.com"' },
        previous: number === 1 ? 'none' : { $expr: `steps.step${number - 1}.output.id` },
        note: { $text: [`Step ${number} for `, { $expr: 'inputs.givenName' }] },
      },
    });
  }
  return {
    format: PLAN_FORMAT,
    hash: 'bench',
    runbook: 'bench',
    title: 'Twenty steps',
    kind: 'other',
    owner: 'bench@example.com',
    inputs: {
      givenName: { schema: { type: 'string' }, required: true },
      familyName: { schema: { type: 'string' }, required: true },
    },
    steps,
    finally: [],
    outputs: { last: { $expr: 'steps.step20.output.id' } },
  };
}
