import { describe, expect, it } from '@jest/globals';
import { planOf } from '../compiler/testing.ts';
import type { JsonObject } from '../plan/values.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import { doneBefore } from './done-before-signing.ts';

const plan = planOf(`runbook: urgent
title: Urgent
kind: change
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
inputs:
  person: { type: string }
steps:
  - id: before
    title: Write it down
    uses: entra.deleteUser
    with: { user: "\${{ inputs.person }}" }
  - id: sign
    approve: { from: [dana@example.com], within: 1d, retroactive: true }
  - id: find
    uses: entra.getUser
    with: { user: "\${{ inputs.person }}" }
  - id: disable
    title: Disable the account
    uses: entra.deleteUser
    with: { user: "\${{ inputs.person }}" }
`);

type Fact = [kind: JournalEntry['kind'], step: string, data?: JsonObject];
const facts: Fact[] = [
  ['step.succeeded', 'before', { input: { user: 'ada' } }],
  ['gate.opened', 'sign', {}],
  ['step.succeeded', 'find', { input: { user: 'ada' }, output: {} }],
  ['step.started', 'disable'],
  ['step.parked', 'disable', { type: 'PermanentFailure', message: 'no', input: { user: 'ada' } }],
  [
    'command',
    'disable',
    { command: 'retry', by: 'owner@example.com', with: { before: { user: 'ada' }, after: { user: 'eve' } } },
  ],
  ['step.started', 'disable'],
  ['step.succeeded', 'disable', { input: { user: 'eve' }, output: {} }],
];
const journal = facts.map(([kind, step, data], index) => ({
  seq: index + 1,
  at: index,
  kind,
  step,
  ...(data ? { data } : {}),
}));
const run = {
  id: 'r',
  runbook: 'urgent',
  title: 'Urgent',
  owner: 'role:it-coordinators',
  requester: 'kim@example.com',
  status: 'running' as const,
  startedAt: '2026-03-02T08:00:00Z',
};

describe('What was done before it was signed', () => {
  it('is every change behind the approval, with what it was called, and what a hand changed in that', () => {
    expect(doneBefore({ run, plan, journal, records: [] }, 'sign')).toMatchObject([
      { step: 'disable', outcome: 'parked', input: { user: 'ada' } },
      {
        step: 'disable',
        title: 'Disable the account',
        outcome: 'done',
        input: { user: 'eve' },
        by: 'owner@example.com',
        before: { user: 'ada' },
      },
    ]);
  });
});
