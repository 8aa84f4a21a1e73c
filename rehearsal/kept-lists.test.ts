import { describe, expect, it } from '@jest/globals';
import { descriptions } from '../activities/index.ts';
import { compile } from '../compiler/compile.ts';
import type { TestCase } from '../compiler/test-file/types.ts';
import { calendarsOf } from '../organisation/calendar-files.ts';
import { catalogueOf } from '../plan/catalogue.ts';
import type { JsonObject } from '../plan/plan.ts';
import { rehearse } from './rehearse.ts';

const count = 20_000;
const people = Array.from({ length: count }, (_, index) => ({
  id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  userPrincipalName: `person.${index}@example.com`,
  displayName: `Person ${index}`,
  department: `Department ${index % 40}`,
  jobTitle: `Title ${index % 500}`,
}));

const runbook = `runbook: sign-out
title: Sign everybody out
kind: other
owner: it@example.com
on:
  - manual: { by: [it@example.com] }
inputs: {}
steps:
  - id: everybody
    uses: entra.listGroupMembers
    with: { group: All Staff, pick: [id, userPrincipalName, displayName, department, jobTitle] }
  - id: each
    forEach: \${{ steps.everybody.output.members }}
    as: person
    concurrency: 20
    tolerate: 1%
    steps:
      - id: out
        uses: entra.revokeSessions
        with: { user: "\${{ person.id }}" }
  - id: report
    uses: mail.send
    with:
      to: [it@example.com]
      subject: \${{ size(steps.everybody.output.members) }} people
      text: \${{ steps.each.output.succeeded }} were signed out.
      attachments: [{ name: people.csv, csv: "\${{ steps.everybody.output.members }}" }]
`;

describe('A list of 20,000 people', () => {
  it('is read, gone through with a write for each, and reported as a table', async () => {
    const catalogue = catalogueOf(descriptions());
    const { plans, diagnostics } = compile({
      files: [{ path: 'a.yaml', text: runbook }],
      configuration: undefined,
      catalogue,
    });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const [plan] = plans;
    if (!plan) throw new Error('no plan');
    const script = {
      name: 'all',
      line: 1,
      inputs: {},
      events: [],
      expect: { status: 'succeeded' },
      actions: { everybody: [{ output: { members: people, people: [], count } }] },
    } as unknown as TestCase;
    const surroundings = {
      approvals: {},
      roles: {},
      organisation: {},
      separationOfDuties: [],
      calendars: calendarsOf({ calendars: {}, timezone: 'UTC' }, 'countersign.yaml'),
    } as unknown as Parameters<typeof rehearse>[0]['surroundings'];
    const result = await rehearse({ plan, plans, catalogue, surroundings, script });
    if (!('journal' in result)) throw new Error(result.problems.join('; '));
    expect(result.problems).toEqual([]);
    expect(result.status).toBe('succeeded');
    const out = result.calls.filter(({ action }) => action === 'entra.revokeSessions');
    expect(new Set(out.map(({ input }) => input.user))).toEqual(new Set(people.map(({ id }) => id)));
    const [report] = result.calls.filter(({ action }) => action === 'mail.send');
    expect(report?.input.subject).toBe('20000 people');
    const [attached] = (report?.input.attachments ?? []) as JsonObject[];
    expect(attached?.csv).toEqual(people);
    // What the run itself carries has none of them.
    expect(JSON.stringify(result.view).length).toBeLessThan(64 * 1024);
  }, 60_000);
});
