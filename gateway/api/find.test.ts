import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '../../plan/plan.ts';
import { shortRunId } from '../../plan/run-name.ts';
import type { RunRow } from '../../store/runs.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();

const coordinator = 'c.kim@example.com';
const manager = 'w.stone@example.com';
const director = 'i.novak@example.com';
const stranger = 'z.else@example.com';
const pin = 'canary4471pin';

const visit = `runbook: visit
title: A visit to =the= plant
kind: other
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
inputs:
  guest: { type: string }
  site: { type: string, default: Ulm }
  pin: { type: string, sensitive: true, default: none }
  badge: { type: object, optional: true }
subject: \${{ inputs.guest }}
steps:
  - id: host
    title: The host agrees
    approve: { from: [${manager}], quorum: 1, within: 2d, show: { guest: "\${{ inputs.guest }}" } }
  - id: account
    title: Give access
    uses: entra.createUser
    with: { userPrincipalName: a@example.com, displayName: "\${{ inputs.pin }}", usageLocation: DE }
`;

describeWith(database)('finding runs', () => {
  let gateway: TestGateway;
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    gateway = await TestGateway.start({ database: database?.url ?? '', runbooks: [visit] });
    const asked: Record<string, JsonObject> = {
      ada: { guest: 'Ada Müller-Brandt', site: 'Bonn', badge: { colour: 'Turquoise' } },
      bob: { guest: '=cmd|calc', pin },
    };
    for (const [name, inputs] of Object.entries(asked))
      ids[name] = await gateway.startRun(coordinator, 'visit', inputs);
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  const found = async (query: string, person = coordinator) => {
    const { runs } = (await gateway.as(person, 'GET', `/runs?${query}`)).json() as { runs: RunRow[] };
    return runs.map(({ id }) => Object.keys(ids).find((name) => ids[name] === id));
  };

  it.each([
    ['its subject, without accents and in any order', 'q=brandt+muller', ['ada']],
    ['the beginning of a word', 'q=turq', ['ada']],
    ['an input that is not sealed', 'q=bonn', ['ada']],
    ['whoever was asked in it', 'q=w.stone', ['bob', 'ada']],
    ['all words at once', 'q=ada+ulm', []],
    ['a word and a filter', `q=visit&concerning=${manager}&status=waiting`, ['bob', 'ada']],
    ['a person who has nothing to do with it', `concerning=${director}`, []],
    ['no word at all', 'q=%26%7C%27', []],
    ['what is sealed', `q=${pin}`, []],
    ['words of PostgreSQL’s own language', `q=${encodeURIComponent("ada' & !bonn:*")}`, ['ada']],
  ])('finds runs by %s', async (_, query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it('finds a run by the part of its id that people are shown', async () => {
    const short = shortRunId(ids.ada ?? '');
    expect(short).toHaveLength(8);
    expect((await gateway.as(coordinator, 'GET', `/runs/${short}`)).json()).toMatchObject({ id: ids.ada });
    expect(await found(`q=${short}`)).toEqual(['ada']);
  });

  it('finds for whoever has no role only what concerns them', async () => {
    expect(await found('q=visit', stranger)).toEqual([]);
    expect(await found('q=visit', manager)).toEqual(['bob', 'ada']);
  });

  it('makes runs that an earlier version listed findable', async () => {
    const { runs } = gateway.store;
    const before = await found('q=turquoise');
    await (runs as unknown as { database: { query(text: string): Promise<unknown> } }).database.query(
      'delete from run_words',
    );
    expect(await found('q=turquoise')).toEqual([]);
    expect(await runs.catchUpWords()).toBe(2);
    expect(await runs.catchUpWords()).toBe(0);
    expect(await found('q=turquoise')).toEqual(before);
  });

  it('gives the list as a table in which nothing is a formula and nothing sealed', async () => {
    const { headers, body } = await gateway.as(coordinator, 'GET', '/runs.csv?q=visit');
    expect(headers['content-type']).toContain('text/csv');
    const lines = body.split('\r\n');
    expect(lines[0]).toContain('run,runbook,title,subject,ticket,status');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toContain(`${ids.bob},visit,A visit to =the= plant,'=cmd|calc`);
    expect(lines[1]).toContain(`The host agrees ${manager}`);
    expect(body).not.toContain(pin);
    expect((await gateway.as(stranger, 'GET', '/runs.csv')).body.split('\r\n')).toHaveLength(2);
  });

  it('keeps lists under a name, for each person their own', async () => {
    const put = (person: string, name: string, query: string) =>
      gateway.send({
        method: 'PUT',
        url: `/api/v1/views/${encodeURIComponent(name)}`,
        headers: gateway.headersOf(person),
        payload: { query },
      });
    const viewsOf = async (person: string) => (await gateway.as(person, 'GET', '/views')).json().views;
    expect((await put(coordinator, 'Parked in Bonn', 'q=bonn')).statusCode).toBe(204);
    expect((await put(coordinator, 'Parked in Bonn', 'q=bonn&status=parked')).statusCode).toBe(204);
    expect(await viewsOf(coordinator)).toEqual([{ name: 'Parked in Bonn', query: 'q=bonn&status=parked' }]);
    expect(await viewsOf(manager)).toEqual([]);
    expect((await put(coordinator, 'Elsewhere', 'a#b')).statusCode).toBe(400);
    for (let n = 1; n < 50; n += 1) await put(coordinator, `List ${n}`, `q=${n}`);
    expect((await put(coordinator, 'One more', 'q=1')).statusCode).toBe(409);
    const forget = (person: string) =>
      gateway.send({
        method: 'DELETE',
        url: '/api/v1/views/Parked%20in%20Bonn',
        headers: gateway.headersOf(person),
      });
    await forget(manager);
    expect(await viewsOf(coordinator)).toHaveLength(50);
    expect((await forget(coordinator)).statusCode).toBe(204);
    expect(await viewsOf(coordinator)).toHaveLength(49);
  });

  it('groups what parked by why, and says how things stand', async () => {
    for (const id of Object.values(ids)) {
      gateway.runs.world.fails('entra.createUser', 'The tenant is out of licences.');
      const { hash } = (await gateway.as(manager, 'GET', `/runs/${id}/steps/host/gate`)).json();
      await gateway.as(manager, 'POST', `/runs/${id}/steps/host/vote`, { decision: 'approve', hash });
      await gateway.runs.settle(id);
    }
    const { parked, standing } = (await gateway.as(coordinator, 'GET', '/overview')).json();
    expect(parked).toHaveLength(1);
    expect(parked[0]).toMatchObject({ runbook: 'visit', step: 'account', mayOperate: true });
    expect(parked[0].message).toContain('out of licences');
    expect(parked[0].steps.map(({ run }: { run: string }) => run).sort()).toEqual(Object.values(ids).sort());
    expect(standing).toMatchObject({ live: { parked: 2 }, overdue: 0, gates: { open: 0 } });
    // Whoever signed sees theirs, and neither decides about them nor sees the rest.
    const theirs = (await gateway.as(manager, 'GET', '/overview')).json();
    expect(theirs.parked[0].mayOperate).toBe(false);
    expect(theirs.standing).toBeUndefined();
    expect((await gateway.as(stranger, 'GET', '/overview')).json()).toEqual({ parked: [] });
  });
});
