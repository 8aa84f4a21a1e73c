/** What few authors write of a step, put on some that were made without. */
import type { Step } from '../../plan/plan.ts';
import type { Dice } from './dice.ts';
import { minute } from './directory.ts';

export function withOptions(step: Step, { dice, isClosing }: { dice: Dice; isClosing: boolean }): Step {
  const made = dice.chance(0.3) ? withOwn(step, dice) : step;
  if (isClosing && made.onError === 'abort') made.onError = 'continue';
  // The first step of a repeat and what ends a run have conditions of their own.
  if (made.kind === 'action' || made.kind === 'end' || made.kind === 'fail') return made;
  if (made.if === undefined && dice.chance(0.06))
    made.if = dice.pick(['inputs.b != "b1"', 'inputs.a != "a1"']);
  if (made.kind !== 'approve' && dice.chance(0.06))
    made.onError = isClosing ? 'continue' : dice.pick(['continue', 'continue', 'abort'] as const);
  return made;
}

function withOwn(step: Step, dice: Dice): Step {
  switch (step.kind) {
    case 'action':
      return {
        ...step,
        timeoutMs: dice.whole(1, 60) * minute,
        retry: { attempts: 1, firstMs: 1_000, factor: 2, maxMs: minute },
      };
    case 'approve':
      return step.onReject ? step : { ...step, onReject: 'continue' };
    case 'task':
      return { ...step, form: { ...step.form, more: { type: 'string' } }, optional: ['more'] };
    case 'wait':
      return step.for === undefined
        ? step
        : { id: step.id, kind: 'wait', until: `2026-01-0${dice.whole(5, 6)}T0${dice.whole(0, 9)}:00:00Z` };
    case 'forEach':
      return { ...step, collect: dice.whole(1, 4), ...(dice.chance(0.3) ? { upTo: dice.whole(1, 4) } : {}) };
    case 'repeat':
      return { ...step, atMost: dice.chance(0.5) ? dice.whole(1, 3) : { ms: dice.whole(20, 200) * minute } };
    case 'window':
      return { ...step, needs: { ms: dice.whole(1, 30) * minute } };
    case 'fail':
    case 'end':
      return { ...step, reason: { $expr: 'inputs.a' } };
    case 'group':
    case 'parallel':
    case 'runbook':
    case 'set':
      return step;
  }
}
