/**
 * A runbook for every system that connectors declare, on every real part: what it does before its gate is taken back when a manager
 * refuses, and stands, with what comes after, when they sign. Where actions in TypeScript have a stand-in of their own, its address is used.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { besideName } from '../sandbox/declared/stand-in.ts';
import { packageRoot } from '../store/package-root.ts';
import { coordinator, TestStack, until } from './support/stack.ts';

const manager = 'morgan.weiss@example.com';

interface Played {
  runbook: string;
  /** Of the stand-in. */
  system: string;
  /** Effects before the gate, of taking them back, and after the gate; by name, in order. */
  before: string[];
  undone: string[];
  after: string[];
  /** Of those before the gate, what cannot be taken back, and is left alone the second time. */
  kept?: string[];
}

const beside = besideName;

const inAnothersTicket: Played = {
  runbook: 'teamviewer',
  system: 'teamviewer',
  before: ['sessions.created'],
  undone: ['sessions.updated'],
  after: [],
};

const runbooks: Played[] = [
  { runbook: 'jira-service-management', system: 'jsm', before: [], undone: [], after: ['comments.created'] },
  {
    runbook: 'jira-more',
    system: beside('jira'),
    before: ['issues.created'],
    undone: ['issues.deleted'],
    after: ['issues.updated'],
  },
  {
    runbook: 'servicenow-more',
    system: beside('servicenow'),
    before: ['records.created'],
    undone: [],
    after: ['records.updated'],
  },
  {
    runbook: 'freshservice',
    system: 'freshservice',
    before: ['tickets.created', 'tickets.updated'],
    undone: ['tickets.updated', 'tickets.deleted'],
    after: ['note.created'],
  },
  {
    runbook: 'zendesk',
    system: 'zendesk',
    before: ['tickets.created', 'tickets.updated'],
    undone: ['tickets.updated', 'tickets.deleted'],
    after: ['tickets.updated', 'comment.created'],
  },
  {
    runbook: 'jamf',
    system: 'jamf',
    before: ['computers.updated', 'prestages.updated'],
    undone: ['prestages.updated', 'computers.updated'],
    after: ['commands.created'],
  },
  {
    runbook: 'configuration-manager',
    system: 'configmgr',
    before: ['members.created'],
    undone: ['members.deleted'],
    after: ['told.created'],
  },
  {
    runbook: 'defender',
    system: 'defender',
    before: ['machines.updated', 'actions.created'],
    undone: ['actions.created', 'machines.updated'],
    after: ['actions.created'],
  },
  {
    runbook: 'entra',
    system: beside('entra'),
    before: ['members.created'],
    undone: ['members.deleted'],
    after: ['rounds.updated'],
  },
  {
    runbook: 'privileged-roles',
    system: 'pim',
    before: ['request.created', 'assignments.created'],
    undone: ['request.created', 'assignments.deleted'],
    after: [],
  },
  { runbook: 'phishing', system: 'phishing', before: [], undone: [], after: ['simulations.created'] },
  {
    runbook: 'sharepoint',
    system: 'sharepoint',
    before: ['permissions.created'],
    undone: ['permissions.deleted'],
    after: [],
  },
  {
    runbook: 'intune',
    system: beside('intune'),
    before: ['assignments.created'],
    undone: ['assignments.deleted'],
    after: [],
  },
  {
    runbook: 'exchange',
    system: beside('exchange'),
    before: ['mailboxes.created', 'permissions.created', 'members.created'],
    undone: ['members.deleted', 'permissions.deleted'],
    after: [],
    kept: ['mailboxes.created'],
  },
  inAnothersTicket,
  {
    runbook: 'screenconnect',
    system: 'screenconnect',
    before: ['sessions.created'],
    undone: [],
    after: ['sessions.updated'],
  },
  { runbook: 'snipe-it', system: beside('assets'), before: [], undone: [], after: ['assets.updated'] },
  {
    runbook: 'slack',
    system: beside('slack'),
    before: ['groups.updated', 'channels.updated'],
    undone: ['channels.updated', 'groups.updated'],
    after: [],
  },
  {
    runbook: 'confluence',
    system: 'confluence',
    before: ['pages.updated'],
    undone: ['pages.updated'],
    after: ['comments.created'],
  },
  {
    runbook: 'pagerduty',
    system: 'pagerduty',
    before: ['events.created'],
    undone: ['events.created'],
    after: ['events.created'],
  },
  { runbook: 'kea', system: 'kea', before: ['entries.created'], undone: ['entries.deleted'], after: [] },
];

let stack: TestStack;
/** What became of each run, and what its system saw of it. */
const outcomes = new Map<string, { ended: unknown; effects: string[] }>();

beforeAll(async () => {
  // What the runbook hands over itself, and the stand-in takes.
  process.env.PAGERDUTY_ROUTING_KEY = 'R03EXAMPLE';
  stack = await TestStack.start('declared-taken-back', {
    folder: join(packageRoot(), 'test/fixtures/taken-back'),
  });
  for (const decision of ['reject', 'approve'] as const) {
    // One puts its link into a ticket of another's system.
    await Promise.all(
      runbooks.filter((each) => each !== inAnothersTicket).map((each) => play(each, decision)),
    );
    await play(inAnothersTicket, decision);
  }
}, 280_000);

afterAll(() => stack?.stop(), 60_000);

async function play({ runbook, system }: Played, decision: 'approve' | 'reject'): Promise<void> {
  const earlier = (await effectsOf(system)).length;
  const { body } = await stack.api<{ id: string }>(coordinator, 'POST', '/runs', { runbook });
  const atGate = await until(
    `the gate of ${runbook}`,
    async () => {
      const { status, live } = await stack.run(body.id);
      return status === 'parked' ? false : live?.gates.some(({ hash }) => hash !== '') || undefined;
    },
    100_000,
  );
  if (atGate) await stack.vote(body.id, manager, decision);
  const { status, live } = await stack.waitFor(
    body.id,
    ['succeeded', 'rejected', 'parked', 'failed'],
    120_000,
  );
  const failures =
    live?.steps.flatMap(({ id, failure }) => (failure ? [`${id}: ${failure.message}`] : [])) ?? [];
  const effects = (await effectsOf(system)).slice(earlier);
  outcomes.set(`${runbook} ${decision}`, { ended: { status, failures }, effects });
}

const effectsOf = async (system: string) => (await stack.effects({ system })).map(({ effect }) => effect);

describe.each(runbooks)('$runbook', ({ runbook, before, undone, after, kept = [] }) => {
  it('takes back what it did when it is refused', () => {
    expect(outcomes.get(`${runbook} reject`)).toEqual({
      ended: { status: 'rejected', failures: [] },
      effects: [...before, ...undone],
    });
  });

  it('does once what was signed', () => {
    expect(outcomes.get(`${runbook} approve`)).toEqual({
      ended: { status: 'succeeded', failures: [] },
      effects: [...before.filter((effect) => !kept.includes(effect)), ...after],
    });
  });
});
