import { describe, expect, it } from '@jest/globals';
import { runFields } from '../compiler/runbook/runbook.ts';
import type { Plan } from '../plan/plan.ts';
import { bind, evaluate, formerRules, unbind } from './expressions.ts';
import { runVariables } from './variables.ts';

const run = {
  id: 'run-1',
  plan: { runbook: 'example' } as Pick<Plan, 'runbook'>,
  boundInputs: bind({ hours: 3 }),
  requester: { id: 'a.lee@example.com', roles: [] },
  startedAt: 0,
};

describe('a run begun by an engine before version 3', () => {
  const former = runVariables({ ...run, engine: 2 });
  const current = runVariables({ ...run, engine: 3 });

  it('computes what it computed then, so that it replays the same', () => {
    expect(() => evaluate('1 in [1.0]', former)).toThrow('no such overload');
    expect(evaluate('1 in [1.0]', current)).toBe(true);
    expect(evaluate('int("")', former)).toBe(0);
    expect(() => evaluate('int("")', current)).toThrow('is no whole number');
    expect(evaluate('1e308 * 10.0', former)).toBe(Number.POSITIVE_INFINITY);
    expect(() => evaluate('1e308 * 10.0', current)).toThrow('no number to hand on');
  });

  it('is told by its variables, also by those of a branch or an item', () => {
    expect(formerRules in { ...former, item: 1 }).toBe(true);
    expect(formerRules in current).toBe(false);
  });
});

describe('values from outside', () => {
  it('keep a key that JavaScript would take for something else', () => {
    const given = JSON.parse('{"__proto__":{"admin":true},"name":"Ann"}');
    const back = unbind(bind(given));
    expect(JSON.stringify(back)).toBe('{"__proto__":{"admin":true},"name":"Ann"}');
    expect((back as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('what the checker lets an expression name', () => {
  it('is there when the run computes it', () => {
    expect(Object.keys(runVariables(run).run as object).sort()).toEqual(Object.keys(runFields).sort());
  });
});
