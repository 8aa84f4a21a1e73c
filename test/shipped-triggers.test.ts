/** What every shipped runbook that a ticket starts keeps to. */
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compileProject, readProject } from '../cli/project.ts';
import { packageRoot } from '../store/package-root.ts';

const { plans } = compileProject(
  readProject([join(packageRoot(), 'runbooks')], join(packageRoot(), 'countersign.yaml')),
);
const byTicket = plans.flatMap((plan) =>
  plan.triggers.flatMap((trigger) => (trigger.type === 'ticket' ? [{ plan, trigger }] : [])),
);

describe('Every shipped runbook that a ticket starts', () => {
  it('runs once at a time for what it is about, also when its ticket is moved back and approved again', () => {
    expect(byTicket.length).toBeGreaterThan(8);
    expect(byTicket.filter(({ plan }) => plan.unique === undefined).map(({ plan }) => plan.runbook)).toEqual(
      [],
    );
  });

  it('that ends with its ticket ends too when the ticket is deleted', () => {
    const cancelled = byTicket.filter(({ trigger }) => trigger.cancel !== undefined);
    expect(cancelled.length).toBeGreaterThan(8);
    expect(
      cancelled.filter(({ trigger }) => !trigger.cancel?.deleted).map(({ plan }) => plan.runbook),
    ).toEqual([]);
  });
});
