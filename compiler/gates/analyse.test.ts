import { describe, expect, it } from '@jest/globals';
import type { Step } from '../../plan/plan.ts';
import { planFrom } from '../testing.ts';
import { analyseGates } from './analyse.ts';

const act: Step = { id: 'act', kind: 'action', uses: 'x.y', effect: 'destructive', with: {} };
const sign: Step = { id: 'sign', kind: 'approve', from: ['role:board'], quorum: 1 };

function gatesOfAct(approval: Step, part: 'steps' | 'finally') {
  const plan = planFrom(
    part === 'steps' ? [approval, act] : [],
    part === 'steps' ? {} : { finally: [approval, act] },
  );
  const found = analyseGates(plan, () => undefined).steps.find(({ id }) => id === 'act');
  return found?.gates.map(({ id }) => id);
}

describe('An approval before a step', () => {
  it.each(['steps', 'finally'] as const)(
    'under `%s` gates it, and gates nothing where it may be given afterwards',
    (part) => {
      expect(gatesOfAct(sign, part)).toEqual(['sign']);
      expect(gatesOfAct({ ...sign, retroactive: true }, part)).toEqual([]);
    },
  );
});
