/**
 * A runbook for every system that connectors declare, on every real part: what it does before its gate is taken back when a manager
 * refuses, and stands, with what comes after, when they sign. Where actions in TypeScript have a stand-in of their own, its address is used.
 */
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shippedConnectors } from '../activities/declared/shipped.ts';
import { besideName } from '../sandbox/declared/stand-in.ts';
import { packageRoot } from '../store/package-root.ts';
import { coordinator, TestStack, until, waiting } from './support/stack.ts';
import { systemsTable } from './support/systems-table.ts';

const manager = 'morgan.weiss@example.com';
const webhookSecret = 'a-secret-of-the-hooks';

interface Played {
  runbook: string;
  /** Of the stand-in. */
  system: string;
  /** Effects before the gate, of taking them back, and after the gate; by name, in order. */
  before: string[];
  undone: string[];
  after: string[];
  /** The collection in which the system keeps what was asked of it, also when that is over. */
  onRecord?: string;
}

const folder = join(packageRoot(), 'test/fixtures/taken-back');
const beside = besideName;

/** They put a link into a ticket of another's system. */
const inAnothersTicket: Played[] = [
  {
    runbook: 'teamviewer',
    system: 'teamviewer',
    before: ['sessions.created'],
    undone: ['sessions.updated'],
    after: [],
    onRecord: 'sessions',
  },
  { runbook: 'beyondtrust', system: 'beyondtrust', before: [], undone: [], after: ['keys.created'] },
];

const runbooks: Played[] = [
  {
    runbook: 'jira-service-management',
    system: 'jsm',
    before: ['properties.updated'],
    undone: ['properties.updated'],
    after: ['comments.created'],
    onRecord: 'properties',
  },
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
    before: ['memberships.created', 'records.updated'],
    undone: ['records.updated', 'memberships.deleted'],
    after: ['records.created'],
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
    onRecord: 'actions',
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
    onRecord: 'requests',
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
    before: ['permissions.created', 'members.created'],
    undone: ['members.deleted', 'permissions.deleted'],
    // The shared mailbox is made by the programmed stand-in, which the library's suite looks at.
    after: [],
  },
  ...inAnothersTicket,
  {
    runbook: 'screenconnect',
    system: 'screenconnect',
    before: ['sessions.updated'],
    undone: ['sessions.updated'],
    after: ['sessions.created', 'sessions.updated'],
  },
  {
    runbook: 'snipe-it',
    system: 'assets',
    before: ['asset.updated'],
    undone: ['asset.updated'],
    after: ['asset.updated'],
  },
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
    onRecord: 'events',
  },
  { runbook: 'kea', system: 'kea', before: ['entries.created'], undone: ['entries.deleted'], after: [] },
];

/** What the runbooks above leave of the table of systems: played behind them, since they change what those look at. */
const others = readdirSync(join(folder, 'runbooks'))
  .filter((file) => file.startsWith('more-'))
  .map((file) => file.replace('.yaml', ''));

let stack: TestStack;
/** What became of each run, and what its system saw of it. */
const outcomes = new Map<string, { ended: unknown; effects: string[]; was: object; is: object }>();

beforeAll(async () => {
  // What the runbook hands over itself, and the stand-in takes.
  process.env.PAGERDUTY_ROUTING_KEY = 'R03EXAMPLE';
  process.env.ZENDESK_WEBHOOK = process.env.FRESHSERVICE_WEBHOOK = webhookSecret;
  stack = await TestStack.start('declared-taken-back', { folder });
  for (const decision of ['reject', 'approve'] as const) {
    const alone = runbooks.filter((each) => !inAnothersTicket.includes(each));
    await Promise.all(alone.map((each) => play(each, decision)));
    await Promise.all(inAnothersTicket.map((each) => play(each, decision)));
  }
  await Promise.all(others.map((runbook) => play({ runbook, system: '' }, 'approve')));
}, 280_000);

afterAll(() => stack?.stop(), 60_000);

// Scripts for Windows are run by their own suite, `activities/declared/scripts`: no PowerShell is at hand.
const declared = shippedConnectors().filter(({ actions }) => !actions.some(({ action }) => action.scripts));

function usesIn(runbook: string): string[] {
  const text = readFileSync(join(folder, 'runbooks', `${runbook}.yaml`), 'utf8');
  // As a step of its own, and not as an undo.
  return [...text.matchAll(/^ {4}uses: (\S+)/gm)].map(([, name = '']) => name);
}

async function play(
  { runbook, system }: Pick<Played, 'runbook' | 'system'>,
  decision: 'approve' | 'reject',
): Promise<void> {
  const earlier = (await effectsOf(system)).length;
  const was = await stateOf(system);
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
  outcomes.set(`${runbook} ${decision}`, {
    ended: { status, failures },
    effects,
    was,
    is: await stateOf(system),
  });
}

const stateOf = async (system: string) => (await stack.states())[system] ?? {};
const effectsOf = async (system: string) => (await stack.effects({ system })).map(({ effect }) => effect);

describe.each(runbooks)('$runbook', ({ runbook, before, undone, after, onRecord = '' }) => {
  it('takes back what it did when it is refused', () => {
    expect(outcomes.get(`${runbook} reject`)).toMatchObject({
      ended: { status: 'rejected', failures: [] },
      effects: [...before, ...undone],
    });
  });

  it('leaves the system as it was when it is refused', () => {
    const { was, is } = outcomes.get(`${runbook} reject`) ?? {};
    expect(Object.keys(was ?? {})).not.toEqual([]);
    expect({ ...is, [onRecord]: 0 }).toEqual({ ...was, [onRecord]: 0 });
  });

  it('does once what was signed', () => {
    expect(outcomes.get(`${runbook} approve`)).toMatchObject({
      ended: { status: 'succeeded', failures: [] },
      effects: [...before, ...after],
    });
  });
});

it.each(others)('%s does all of its steps', (runbook) => {
  expect(outcomes.get(`${runbook} approve`)?.ended).toEqual({ status: 'succeeded', failures: [] });
});

/** Deliveries as each of them sends one, of a ticket that nothing else here is about. */
const tickets = [
  {
    system: 'zendesk',
    body: {
      account_id: 1,
      id: 'e-35437',
      type: 'zen:event-type:ticket.status_changed',
      subject: 'zen:ticket:35437',
      time: '2026-01-08T16:45:20.987654321Z',
      zendesk_event_version: '2022-11-06',
      detail: { id: '35437', subject: 'Monitor flickers', status: 'OPEN', type: 'TASK', group_id: '12' },
      event: { current: 'OPEN', previous: 'NEW', meta: { sequence: { id: 's1', position: 1 } } },
    },
    headersOf: (body: string) => {
      const at = new Date().toISOString();
      const signature = createHmac('sha256', webhookSecret)
        .update(at + body)
        .digest('base64');
      return {
        'x-zendesk-webhook-signature': signature,
        'x-zendesk-webhook-signature-timestamp': at,
      } as Record<string, string>;
    },
    effects: ['tickets.updated', 'tickets.updated', 'comment.created'],
    now: { status: 'pending' },
    id: 35437,
  },
  {
    system: 'freshservice',
    body: {
      countersign: 'ticket',
      event: 'moved',
      id: '267',
      status: 'Open',
      type: 'Incident',
      group: 'Workplace',
      requester: 'lou.maier@example.com',
      updated_at: '2026-01-08T16:45:20Z',
    },
    headersOf: (): Record<string, string> => ({ 'x-countersign-secret': webhookSecret }),
    effects: ['tickets.updated', 'note.created'],
    now: { status: 3 },
    id: 267,
  },
];

describe.each(tickets)('A ticket of $system', ({ system, body, headersOf, effects, now, id }) => {
  it('starts a run, whose state and words come back to it, and is taken once', async () => {
    const earlier = (await effectsOf(system)).length;
    const text = JSON.stringify(body);
    const deliver = async () => {
      const answer = await fetch(`${stack.gateway}/hooks/${system}`, {
        method: 'POST',
        headers: { ...waiting, 'content-type': 'application/json', ...headersOf(text) },
        body: text,
      });
      return (await answer.json()) as { run?: string };
    };
    const first = await deliver();
    expect(first).toMatchObject({ run: expect.any(String) });
    expect(await stack.waitFor(first.run ?? '', ['succeeded', 'parked', 'failed'], 60_000)).toMatchObject({
      status: 'succeeded',
    });
    await deliver();
    expect((await effectsOf(system)).slice(earlier)).toEqual(effects);
    const { tickets: all } = (await stateOf(system)) as { tickets: { id: number }[] };
    expect(all.find((each) => each.id === id)).toMatchObject(now);
  }, 90_000);

  it('is refused without its secret', async () => {
    const answer = await fetch(`${stack.gateway}/hooks/${system}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(401);
  });
});

describe('the runbooks', () => {
  const uses = runbooks.flatMap(({ runbook }) => usesIn(runbook));
  const usedNames = new Set(uses.map((name) => name.split('.')[0]));

  const cells = Object.entries(systemsTable).flatMap(([system, row]) =>
    Object.entries(row).flatMap(([what, actions]) => actions.map((action) => ({ system, what, action }))),
  );

  it('do everything that the table of systems names', () => {
    const used = new Set([...uses, ...others.flatMap(usesIn)]);
    expect(cells.length).toBeGreaterThan(70);
    expect(cells.filter(({ action }) => !used.has(action))).toEqual([]);
  });

  it('use every system that is declared', () => {
    expect(declared.filter(({ name }) => !usedNames.has(name)).map(({ name }) => name)).toEqual([]);
  });

  it('take something back in every system in which something can be', () => {
    const undoable = (name: string) =>
      declared.some((each) => each.actions.some(({ action }) => action.name === name && action.undo));
    const without = declared
      .filter(({ actions }) => actions.some(({ action }) => action.undo))
      .map(({ name }) => name)
      .filter((name) => !uses.some((used) => used.startsWith(`${name}.`) && undoable(used)));
    expect(without).toEqual([]);
  });
});
