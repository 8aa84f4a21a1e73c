/** Naming somebody who signs for you, over the gateway's real server and database. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import type { KeptDelegation } from '../../store/delegations.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();

const lee = 'a.lee@example.com';
const ito = 'b.ito@example.com';
const deputy = 'deputy@example.com';
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const signed = `runbook: signed
title: Signed by the board
kind: other
owner: role:it-coordinators
on:
  - manual: { by: [x.other@example.com] }
steps:
  - id: signoff
    title: The board signs
    approve: { from: [${lee}, ${ito}, ${deputy}], quorum: 1 }
  - id: tell
    uses: mail.send
    with: { to: ${ito}, subject: Done, text: Done }
`;

interface Answer {
  delegations: KeptDelegation[];
  roles: { role: string; mayName: string[] }[];
  problem?: string;
}

describeWith(database)('who stands in', () => {
  let gateway: TestGateway;
  let owner: pg.Client;
  beforeAll(async () => {
    gateway = await TestGateway.start({ database: database?.url ?? '', runbooks: [signed], records: true });
    Object.assign(gateway.configuration.roles, {
      board: { people: [lee, ito], standIns: [deputy] },
      others: { people: ['x.other@example.com'] },
    });
    owner = new pg.Client({ connectionString: database?.url });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await gateway.stop();
    await database?.drop();
  });

  const seen = async (person: string) => (await gateway.as(person, 'GET', '/delegations')).json() as Answer;
  const name = (person: string, body: object) =>
    gateway.as(person, 'POST', '/delegations', {
      role: 'board',
      delegate: deputy,
      from: day(1),
      to: day(10),
      ...body,
    } as never);
  const detail = async (person: string, body: object) => {
    const response = await name(person, body);
    return [response.statusCode, response.json().detail];
  };

  it('is named by a member, of the other members and whom the role lets stand in, and told by mail', async () => {
    expect((await seen(lee)).roles).toEqual([{ role: 'board', mayName: [ito, deputy] }]);
    expect((await name(lee, {})).statusCode).toBe(204);
    const { delegations } = await seen(ito);
    expect(delegations).toMatchObject([
      { person: lee, delegate: deputy, role: 'board', from: day(1), to: day(10) },
    ]);
    expect((await seen('x.other@example.com')).delegations).toEqual([]);
    expect(await gateway.store.outbox.claim()).toMatchObject([
      { to: [deputy], about: { page: 'delegations' } },
    ]);
    expect(await gateway.store.delegations.standing()).toMatchObject([{ person: lee, delegate: deputy }]);
  });

  it('is nobody else, nor oneself, nor for a role that one is not in, nor for days that were', async () => {
    expect(await detail(lee, { delegate: 'x.other@example.com' })).toEqual([
      422,
      `x.other@example.com may not stand in for members of role:board: they are not in it, and \`standIns\` of the role in countersign.yaml does not name them. You can name: ${ito}, ${deputy}.`,
    ]);
    expect((await detail(lee, { delegate: lee }))[0]).toBe(422);
    expect((await detail(lee, { role: 'others' }))[0]).toBe(403);
    expect((await detail(deputy, {}))[0]).toBe(403);
    expect((await detail(ito, { from: day(-2) }))[0]).toBe(422);
    expect((await detail(ito, { from: day(5), to: day(4) }))[0]).toBe(422);
    expect((await detail(ito, { to: day(500) }))[0]).toBe(422);
    expect((await seen(ito)).delegations).toHaveLength(1);
  });

  it('is nobody who only looks, since their vote would not count', async () => {
    const auditor = 'd.audit@example.com';
    const { board } = gateway.configuration.roles;
    Object.assign(gateway.configuration.roles, {
      board: { ...board, standIns: [deputy, auditor] },
      auditors: { people: ['D.Audit@example.com'], readOnly: true },
    });
    try {
      expect(await detail(lee, { delegate: auditor, from: day(50), to: day(51) })).toEqual([
        422,
        `${auditor} has the role auditors, which is read-only: its people see everything and change nothing. You can name: ${ito}, ${deputy}.`,
      ]);
      expect((await seen(lee)).roles).toEqual([{ role: 'board', mayName: [ito, deputy] }]);
    } finally {
      const { auditors: _, ...rest } = gateway.configuration.roles;
      gateway.configuration.roles = { ...rest, ...(board ? { board } : {}) };
    }
  });

  it('is one a day, and two do not stand in for each other', async () => {
    expect((await detail(lee, { from: day(5), to: day(20) }))[0]).toBe(409);
    expect((await name(ito, { delegate: lee, from: day(30), to: day(40) })).statusCode).toBe(204);
    expect((await detail(lee, { delegate: ito, from: day(35), to: day(36) }))[0]).toBe(409);
    expect((await name(lee, { from: day(11), to: day(20) })).statusCode).toBe(204);
  });

  it('is taken back by either of the two alone, once, and the other is told', async () => {
    await gateway.store.outbox.claim();
    const [first] = (await seen(lee)).delegations;
    const end = (person: string) => gateway.as(person, 'POST', `/delegations/${first?.id}/end`, {});
    expect((await end(ito)).statusCode).toBe(404);
    for (let times = 0; times < 2; times++) expect((await end(deputy)).statusCode).toBe(204);
    expect((await seen(lee)).delegations[0]?.ended).toMatchObject({ by: deputy });
    expect(await gateway.store.outbox.claim()).toMatchObject([{ to: [lee] }]);
    expect((await gateway.store.delegations.standing()).map(({ from }) => from)).toEqual([day(30), day(11)]);
  });

  it('signs nothing any more for whoever took it back, also where people were asked before', async () => {
    const run = await gateway.startRun('x.other@example.com', 'signed', {});
    const view = gateway.runs.view.bind(gateway.runs);
    gateway.runs.view = async (...of) => {
      const now = await view(...of);
      return { ...now, gates: now.gates.map((gate) => ({ ...gate, seats: { [deputy]: lee } })) };
    };
    const vote = async (person: string) => {
      const shown = await gateway.as(person, 'GET', `/runs/${run}/steps/signoff/gate`);
      const { hash } = shown.json() as { hash: string };
      return gateway.as(person, 'POST', `/runs/${run}/steps/signoff/vote`, { decision: 'approve', hash });
    };
    const refused = await vote(deputy);
    expect([refused.statusCode, refused.json().detail]).toEqual([
      403,
      expect.stringContaining(`${deputy} no longer stands in for ${lee}`),
    ]);
    expect((await vote(lee)).statusCode).toBe(200);
    gateway.runs.view = view;
  });

  it('is named by many at once without anybody else of the gateway having to wait', async () => {
    const people = Array.from({ length: 14 }, (_, n) => `m${n}@example.com`);
    Object.assign(gateway.configuration.roles, { crowd: { people } });
    const makes = people.map((person, n) =>
      name(person, { role: 'crowd', delegate: people[(n + 1) % 14], from: day(100 + n), to: day(100 + n) }),
    );
    const asked = Date.now();
    await gateway.store.runs.countByStatus('running');
    expect(Date.now() - asked).toBeLessThan(5_000);
    expect((await Promise.all(makes)).map(({ statusCode }) => statusCode)).toEqual(people.map(() => 204));
  });

  it('is nobody by a record that this installation did not write', async () => {
    const forged = { role: 'board', delegate: 'mallory@example.com', from: day(0), to: day(9), request: 'x' };
    await owner.query(
      `insert into audit select run_id, seq + 1, at, kind, step, actor, $1::jsonb, hash, repeat('f', 64), mac
       from audit where run_id = 'delegations' order by seq desc limit 1`,
      [JSON.stringify(forged)],
    );
    await owner.query(
      `update audit_heads set seq = seq + 1, hash = repeat('f', 64) where run_id = 'delegations'`,
    );
    expect(await gateway.store.delegations.standing()).toEqual([]);
    expect((await seen(lee)).problem).toContain('was changed after it was written');
  });
});
