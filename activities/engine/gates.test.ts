/** Whom the engine asks for a signature, how many must give it, and what they are told. */
import { describe, expect, it } from '@jest/globals';
import { Calendars } from '../../organisation/calendars.ts';
import type { Roles } from '../../organisation/people.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { engineActivities as names } from '../../workflows/engine-activities.ts';
import { engineActivities } from './activities.ts';
import type { EngineServices, Notice } from './services.ts';

const board = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@example.com`);
const monday = Date.UTC(2026, 0, 5, 9);
const away = (person: string | undefined, more: object = {}) => ({
  person: person ?? '',
  from: '2026-01-01',
  to: '2026-01-31',
  ...more,
});

function engine(roles: Roles, more: Partial<EngineServices> = {}) {
  const told: Notice[] = [];
  const activities = engineActivities({
    roles: () => roles,
    calendars: () => new Calendars({ calendars: {}, timezone: 'UTC', read: () => '' }),
    tell: async (notice) => void told.push(notice),
    ...more,
  });
  const call = (activity: string, input: object, item?: string) =>
    activities[activity]?.(input as Json, {
      run: 'r1',
      runbook: 'x',
      step: 'sign',
      ...(item ? { item } : {}),
    }) as Promise<JsonObject>;
  return { told, call };
}

const asking = (more: object = {}) => ({
  step: 'sign',
  title: 'Sign',
  runbookTitle: 'X',
  owner: 'role:it',
  requester: { id: 'asker@example.com', roles: [] },
  from: ['role:board'],
  quorum: 'majority',
  shown: {},
  barred: ['asker@example.com'],
  openedAt: monday,
  configured: true,
  escalate: 'role:director',
  revision: 1,
  ...more,
});

const director = { people: ['director@example.com'] };

describe('How many must sign', () => {
  it('is counted of the members as they are configured, whoever is away', async () => {
    const roles = { board: { people: board, absences: board.slice(1).map((each) => away(each)) }, director };
    const { call } = engine(roles);
    expect(await call(names.openGate, asking())).toMatchObject({ approvers: [board[0]], needed: 3 });
    expect(await call(names.openGate, asking({ quorum: 'all' }))).toMatchObject({ needed: 5 });
  });

  it('is two at least by majority where there are two, and leaves out the requester and whom the runbook leaves out', async () => {
    const { call } = engine({ two: { people: board.slice(0, 2) }, board: { people: board }, director });
    expect(await call(names.openGate, asking({ from: ['role:two'] }))).toMatchObject({ needed: 2 });
    expect(
      await call(
        names.openGate,
        asking({ requester: { id: board[0], roles: [] }, barred: [board[0]], except: [board[1]] }),
      ),
    ).toMatchObject({ needed: 2, approvers: board.slice(2) });
  });

  it('does not sink when somebody is barred later: they count as not having voted', async () => {
    const { call } = engine({ board: { people: board }, director });
    const answer = await call(names.openGate, asking({ barred: ['asker@example.com', board[0], board[1]] }));
    expect(answer).toMatchObject({ needed: 3, approvers: board.slice(2) });
  });
});

describe('Whom the owner has asked instead', () => {
  const roles = { board: { people: board }, director };

  it('is asked in place of whom the runbook names, by as many signatures as the runbook says', async () => {
    const { call, told } = engine(roles);
    const instead = board.slice(1, 4);
    expect(await call(names.openGate, asking({ instead }))).toMatchObject({ approvers: instead, needed: 3 });
    expect(told.at(-1)?.to).toEqual(instead);
    expect(
      await call(names.openGate, asking({ from: [board[0]], quorum: 1, instead: ['director@example.com'] })),
    ).toMatchObject({ approvers: ['director@example.com'], needed: 1 });
  });

  it('is asked beside whom the runbook names where too few of them may sign, and never somebody whom nothing names', async () => {
    const { call } = engine(roles);
    const barred = ['asker@example.com', board[4]];
    const instead = [...board.slice(3), 'mallory@example.com'];
    expect(await call(names.openGate, asking({ instead, barred }))).toMatchObject({
      approvers: [board[3], ...board.slice(0, 3)],
      needed: 3,
    });
  });
});

describe('A delegate', () => {
  it('signs for the role under which they were named, and for no other', async () => {
    const roles = {
      board: { people: board.slice(0, 1), absences: [away(board[0], { delegate: 'deputy@example.com' })] },
      security: { people: board.slice(0, 2) },
      director,
    };
    const { call } = engine(roles);
    expect(await call(names.openGate, asking())).toMatchObject({ approvers: ['deputy@example.com'] });
    expect(await call(names.openGate, asking({ from: ['role:security'] }))).toMatchObject({
      approvers: [board[1]],
    });
  });

  it('of somebody who went away since is asked at the reminder', async () => {
    const { call, told } = engine({
      board: {
        people: board.slice(0, 2),
        absences: [away(board[0], { delegate: 'deputy@example.com', from: '2026-01-06' })],
      },
    });
    const notice = { step: 'sign', title: 'Sign', runbookTitle: 'X', people: board.slice(0, 2), revision: 1 };
    const reminder = { ...notice, from: ['role:board'], barred: [], approvers: board.slice(0, 2) };
    expect(await call(names.remindGate, { ...reminder, now: monday })).toBeNull();
    expect(await call(names.remindGate, { ...reminder, now: monday + 86_400_000 })).toEqual({
      approvers: ['deputy@example.com'],
      standIns: { 'deputy@example.com': board[0] },
      // One vote for the two of them.
      seats: { 'deputy@example.com': board[0] },
    });
    expect(told.at(-1)?.to).toEqual([...board.slice(0, 2), 'deputy@example.com']);
  });
});

describe('A message', () => {
  it('is another one for each revision and each who it is taken to, and the same at every try', async () => {
    const { call, told } = engine({
      board: { people: board },
      director,
      last: { people: ['last@example.com'] },
    });
    await call(names.openGate, asking());
    await call(names.openGate, asking());
    await call(names.openGate, asking({ revision: 2 }));
    const further = {
      step: 'sign',
      title: 'Sign',
      runbookTitle: 'X',
      people: [],
      barred: [],
      now: monday,
      revision: 2,
    };
    await call(names.escalateGate, { ...further, from: ['role:director'], times: 1 });
    await call(names.escalateGate, { ...further, from: ['role:last'], times: 2 });
    const ids = told.map(({ id }) => id);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(4);
  });

  it('is another one for each time that the same is asked for: a later round, or another try', async () => {
    const { call, told } = engine({ board: { people: board }, director });
    await call(names.openGate, asking({ shown: { show: { who: 'ada' } } }));
    const first = await call(names.openGate, asking({ shown: { show: { who: 'ada' }, time: 2 } }));
    const notice = { step: 'sign', title: 'Sign', runbookTitle: 'X', people: board.slice(0, 1), revision: 1 };
    await call(names.remindGate, notice);
    await call(names.remindGate, { ...notice, time: 2 });
    const task = { step: 'do', title: 'Do', runbookTitle: 'X', to: ['role:board'], instructions: 'Do it.' };
    await call(names.openTask, { ...task, openedAt: monday });
    await call(names.openTask, { ...task, openedAt: monday + 60_000 });
    const ids = told.map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
    expect(first).toMatchObject({ notice: ids[1] });
  });

  it('is another one for others whom the owner asks about the same, and for each vote that is entered for somebody', async () => {
    const { call, told } = engine({ board: { people: board } });
    const notice = { step: 'sign', title: 'Sign', runbookTitle: 'X', revision: 1, asked: true };
    for (const person of [board[0], board[1], board[1]])
      await call(names.remindGate, { ...notice, people: [person] });
    const vote = { step: 'sign', title: 'Sign', runbookTitle: 'X', member: board[0], by: board[1] };
    for (const decision of ['approve', 'reject'])
      await call(names.voteRecorded, { ...vote, decision, minutes: 'M1', at: monday });
    const ids = told.map(({ id }) => id);
    expect(ids[1]).toBe(ids[2]);
    expect(new Set(ids).size).toBe(4);
  });

  it('says what is shown, what was typed by hand, and how many more values are behind the signature', async () => {
    const { call, told } = engine({ board: { people: board }, director });
    const values = Object.fromEntries(
      Array.from({ length: 29 }, (_, index) => [`steps.s${index}.output.id`, index]),
    );
    const byHand = [{ path: 'inputs.device', by: 'owner@example.com', before: 'lock', after: 'wipe' }];
    // The site is shown as it is, so that it is no further value.
    const inputs = { person: 'ada@example.com', device: 'wipe', site: 'Graz' };
    const show = { person: 'Ada Brandt', site: 'Graz' };
    await call(names.openGate, asking({ shown: { show, inputs, values, byHand } }));
    const text = told.at(-1)?.text ?? '';
    expect(text).toContain('Person: Ada Brandt');
    expect(text).toMatch(/Typed or changed by hand:\n {2}.*lock -> wipe \(owner@example\.com\)/);
    expect(text).toContain('31 more values behind your signature');
    expect(text.indexOf('Ada Brandt')).toBeLessThan(text.indexOf('Typed or changed'));
    expect(text).not.toContain('ada@example.com');
  });

  it('tells whoever proposed what was not signed, and the owner, old and new', async () => {
    const { call, told } = engine({ it: { people: ['owner@example.com'] } });
    await call(names.proposalFell, {
      id: 1,
      by: 'robin@example.com',
      owner: 'role:it',
      runbookTitle: 'Leaver',
      changes: [{ path: 'inputs.manager', before: 'dana@example.com', after: 'robin@example.com' }],
      reason: '"Sign" was not decided in time',
    });
    expect(told).toMatchObject([
      { to: ['owner@example.com', 'robin@example.com'], subject: 'Not signed: a change in Leaver' },
    ]);
    expect(told[0]?.text).toContain('Manager: dana@example.com -> robin@example.com');
  });

  it('of a later asking counts as well, when it is asked whether anybody was told', async () => {
    const { call } = engine({}, { wasSent: async (id) => id === 'second' });
    expect(await call(names.wasTold, { notice: 'first' })).toEqual({ told: false });
    expect(await call(names.wasTold, { notice: 'first', others: ['second'] })).toEqual({ told: true });
  });
});

describe('What those who are asked are told', () => {
  it('has old and new of what the signature opens, line by line', async () => {
    const step = { step: 'apply', title: 'Set the rule', action: 'http.request', effect: 'write' as const };
    const difference = '  "action": "allow",\n- "port": 443\n+ "port": 8443';
    const { told, call } = engine(
      { board: { people: board }, director },
      { preview: async () => ({ steps: [{ ...step, summary: 'would send PUT', difference }] }) },
    );
    const answer = await call(names.openGate, asking());
    expect(answer.preview).toMatchObject({ steps: [{ difference }] });
    expect(told[0]?.text).toContain(
      '  Set the rule: would send PUT\n        "action": "allow",\n      - "port": 443\n      + "port": 8443\n',
    );
  });
});
