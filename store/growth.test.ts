import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { growPast, partiesOf, subjectOf } from '../test/support/grown-past.ts';
import { describeWith, testDatabase } from '../test/support/services.ts';
import { Refusals } from './audit/refusals.ts';
import { Comparisons } from './comparisons.ts';
import { Database, type Query, type Row } from './database.ts';
import { Deliveries } from './deliveries.ts';
import { Doings } from './doings.ts';
import { FirstLooks } from './first-looks.ts';
import { Inbox } from './inbox.ts';
import { Lag } from './lag.ts';
import { Notices } from './notices.ts';
import { Orders } from './orders.ts';
import { Outbox } from './outbox.ts';
import { Events } from './outside-events.ts';
import { Overview } from './overview.ts';
import { Removal } from './removal.ts';
import { Runs } from './runs.ts';
import { openStore } from './store.ts';

const database = await testDatabase();

const runs = 50_000;
const live = 200;
/** More rows than this of one table, and a statement reads what is over. */
const most = 2_500;
/** A month of them is 1,500 runs. */
const perDay = 50;

/** What is as many as there were runs. Who waits, who is signed in and what is not sent yet are as many as there are now. */
const growing = [
  'audit',
  'audit_heads',
  'deliveries',
  'events',
  'first_look',
  'gate_paper',
  'journal',
  'notices',
  'outbox',
  'recorded_output',
  'run_notes',
  'run_people',
  'run_start',
  'run_words',
  'runs',
];

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Node[];
}

/** Has each statement explained while it is carried out. */
class Explaining extends Database {
  readonly plans: { text: string; plan: Node }[] = [];

  override query(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.transaction((query) => query(text, values));
  }

  override transaction<T>(body: (query: Query) => Promise<T>): Promise<T> {
    return super.transaction((query) =>
      body(async (text, values = []) => {
        if (!/^\s*(select|with|insert|update|delete)\b/i.test(text)) return query(text, values);
        await query('savepoint explained');
        const [row] = await query(`explain (analyze, format json) ${text}`, values);
        await query('rollback to savepoint explained');
        const [explained] = (row?.['QUERY PLAN'] ?? []) as { Plan: Node }[];
        if (explained) this.plans.push({ text, plan: explained.Plan });
        return query(text, values);
      }),
    );
  }
}

/** Rows that a statement read of each table, by how it read them. */
function readBy(
  node: Node,
  relation = node['Relation Name'],
): [relation: string, rows: number, how: string][] {
  const own = relation ?? relationOf(node['Index Name']);
  const rows =
    (node['Actual Rows'] +
      (node['Rows Removed by Filter'] ?? 0) +
      (node['Rows Removed by Index Recheck'] ?? 0)) *
    node['Actual Loops'];
  const reads = /Scan$/.test(node['Node Type']) && own !== undefined;
  return [
    ...(reads ? [[own, rows, node['Node Type']] as [string, number, string]] : []),
    ...(node.Plans ?? []).flatMap((each) => readBy(each)),
  ];
}

let indexes = new Map<string, string>();
const relationOf = (index: string | undefined) => (index === undefined ? undefined : indexes.get(index));

describeWith(database)('with a long past', () => {
  let explaining: Explaining;

  beforeAll(async () => {
    await (await openStore(database?.url ?? '')).close();
    const client = new pg.Client({ connectionString: database?.url });
    await client.connect();
    await growPast(client, { runs, live, perDay });
    const found = await client.query(
      'select indexname, tablename from pg_indexes where schemaname = current_schema()',
    );
    indexes = new Map(found.rows.map((row) => [row.indexname, row.tablename]));
    await client.end();
    explaining = new Explaining(database?.url ?? '');
  }, 120_000);
  afterAll(async () => {
    await explaining.close();
    await database?.drop();
  });

  const store = () => {
    const own = new Runs(explaining);
    return {
      runs: own,
      comparisons: new Comparisons(explaining, own),
      deliveries: new Deliveries(explaining),
      doings: new Doings(explaining),
      events: new Events(explaining),
      firstLooks: new FirstLooks(explaining),
      inbox: new Inbox(explaining),
      lag: new Lag(explaining),
      notices: new Notices(explaining),
      orders: new Orders(explaining),
      outbox: new Outbox(explaining),
      overview: new Overview(explaining),
      refusals: new Refusals(explaining),
      removal: new Removal(explaining, { appendIn: async () => 3 }),
    };
  };
  const { requester, signer } = partiesOf(777);
  const days = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString();

  it.each<[what: string, act: (of: ReturnType<typeof store>) => Promise<unknown>]>([
    ['the look for silent runs', ({ runs: own }) => own.silentRuns(5_000, 50)],
    ['the comparison with Temporal of what was told something', ({ comparisons }) => comparisons.asked(50)],
    ['the comparison with Temporal of a page', ({ comparisons }) => comparisons.due(25_000, 200)],
    ['the look whether events are open', ({ events }) => events.areAnyOpen()],
    ['handing out events', ({ events }) => events.handOut()],
    ['the look for events that are due', ({ events }) => events.due()],
    [
      'an event that a run does not take',
      ({ events }) => events.refused('00000000-0000-4000-8000-000000000000'),
    ],
    ['forgetting old events', ({ events }) => events.forgetOld()],
    ['forgetting what steps found', ({ firstLooks }) => firstLooks.forgetOld()],
    ['the look for notices', ({ notices }) => notices.claim()],
    ['the look for messages', ({ outbox }) => outbox.claim()],
    ['the look for messages that cannot be sent', ({ outbox }) => outbox.stuck()],
    ['the look for deliveries that are not settled', ({ deliveries }) => deliveries.unsettled(['jira'])],
    ['the count of runs that have not ended', ({ lag }) => lag.liveRuns()],
    ['the count of what waits', ({ lag }) => lag.waiting()],
    ['the count of deliveries', ({ lag }) => lag.deliveries()],
    ['the count of messages', ({ lag }) => lag.outbox()],
    ['a page of the words of older runs', ({ runs: own }) => own.catchUpWords()],
    ['the list', ({ runs: own }) => own.list({})],
    ['a later page of the list', ({ runs: own }) => own.list({ after: { startedAt: days(300), id: 'a' } })],
    ['the list by status', ({ runs: own }) => own.list({ status: ['parked'] })],
    ['the list by a status that there is none of', ({ runs: own }) => own.list({ status: ['paused'] })],
    ['the list by runbook', ({ runs: own }) => own.list({ runbook: 'rare-one' })],
    ['the list by person', ({ runs: own }) => own.list({ concerning: [requester] })],
    ['the list by two people', ({ runs: own }) => own.list({ concerning: [requester, signer] })],
    [
      'the list by whom runs wait for',
      ({ runs: own }) => own.list({ waitingFor: { person: signer, roles: [] } }),
    ],
    ['the list of a month', ({ runs: own }) => own.list({ began: { from: days(330), before: days(300) } })],
    [
      'changes that are planned',
      ({ runs: own }) => own.list({ kind: ['change'], status: ['running', 'waiting', 'parked', 'paused'] }),
    ],
    ['a search for something rare', ({ runs: own }) => own.list({ text: subjectOf(777) })],
    ['a search for something common', ({ runs: own }) => own.list({ text: 'hire' })],
    ['a search for a ticket', ({ runs: own }) => own.list({ text: 'HR-777' })],
    ['a search for nothing', ({ runs: own }) => own.list({ text: 'zebra' })],
    [
      'a search for one of a runbook',
      ({ runs: own }) => own.list({ text: subjectOf(777), runbook: 'rare-one' }),
    ],
    ['an inbox', ({ inbox }) => inbox.of(signer, ['it-coordinators'])],
    ['whether anything concerns a person', ({ inbox }) => inbox.concerns('nobody@example.com')],
    ['steps that parked', ({ overview }) => overview.parked(100)],
    ['how things stand', ({ overview }) => overview.standing()],
    [
      'what a person did',
      ({ doings }) => doings.of(requester, { from: days(30), before: days(0), limit: 500 }),
    ],
    ['a run by the end of its id', ({ runs: own }) => own.find('abcdef')],
    [
      'the live runs of a ticket',
      ({ runs: own }) => own.liveOfTicket({ system: 'jira', id: '7', key: 'HR-7', url: '', summary: '' }),
    ],
    ['a run by its workflow', ({ runs: own }) => own.liveUnder('new-hire-777')],
    ['the newest deliveries', ({ deliveries }) => deliveries.list()],
    [
      'deliveries by an outcome that there is none of',
      ({ deliveries }) => deliveries.list({ outcome: 'failed' }),
    ],
    ['a delivery by the beginning of its id', ({ deliveries }) => deliveries.find('abcd1')],
    ['deliveries that were only counted', ({ deliveries }) => deliveries.countedOnly()],
    [
      'later changes of a ticket',
      ({ deliveries }) =>
        deliveries.later('jira', '00000000-0000-4000-8000-000000000000', {
          ticketId: '777',
          number: 1,
          changed: [],
        }),
    ],
    ['the run of a transition', ({ deliveries }) => deliveries.runOfTransition('jira', 'transition-777')],
    ['the newest events', ({ events }) => events.list()],
    ['what was refused', ({ refusals }) => refusals.list({ limit: 50 })],
    [
      'a page of journals whose time is over',
      ({ removal }) => removal.prune({ what: 'journals', kind: 'other', age: '500 days' }),
    ],
    [
      'a page of runs whose time is over',
      ({ removal }) => removal.prune({ what: 'runs', kind: 'other', age: '500 days' }),
    ],
    [
      'a page of runs of a kind that there is none of',
      ({ removal }) => removal.prune({ what: 'runs', kind: 'review', age: '1 day' }),
    ],
    ['a page of deliveries whose time is over', ({ removal }) => removal.pruneDeliveries('500 days')],
    ['a page of messages whose time is over', ({ removal }) => removal.pruneMessages('500 days')],
    ['the lines of an order', ({ orders }) => orders.linesOf('777')],
    ['what was told of an order', ({ orders }) => orders.told('777', 'cxml: supplier')],
  ])('%s reads none of what is over', async (_, act) => {
    explaining.plans.length = 0;
    await act(store());
    const read = explaining.plans.flatMap(({ text, plan }) =>
      readBy(plan)
        .filter(([relation, rows]) => growing.includes(relation) && rows > most)
        .map(
          ([relation, rows, how]) => `${how} of ${rows} rows of ${relation}: ${text.replaceAll(/\s+/g, ' ')}`,
        ),
    );
    expect(read).toEqual([]);
    expect(explaining.plans.length).toBeGreaterThan(0);
  });
});
