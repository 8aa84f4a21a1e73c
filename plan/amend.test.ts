import { describe, expect, it } from '@jest/globals';
import { amendOf } from './amend.ts';
import type { Plan } from './plan.ts';

const plan: Pick<Plan, 'inputs' | 'steps' | 'finally'> = {
  inputs: {
    desk: { schema: {}, required: true, amend: 'free' },
    person: { schema: {}, required: true },
  },
  steps: [
    {
      id: 'group',
      kind: 'group',
      steps: [
        { id: 'shipped', kind: 'wait', event: { name: 'order.shipped', key: 'a' }, amend: 'afterwards' },
      ],
    },
  ],
  finally: [],
};

describe("an author's leave to change a value by hand", () => {
  it.each([
    ['inputs.desk', 'free'],
    ['inputs.desk.floor', 'free'],
    ['steps.shipped.output.serialNumbers[*]', 'afterwards'],
    ['steps.shipped.status', 'afterwards'],
    ['inputs.person', undefined],
    ['inputs', undefined],
    ['steps.group.output', undefined],
    ['ticket.key', undefined],
  ])('for %s is %s', (path, amend) => {
    expect(amendOf(plan, path)).toBe(amend);
  });
});
