/** The agenda of a board and its minutes, over the gateway's real server and database. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { AgendaItem, Decision } from '../../presentation/agenda.ts';
import { Agenda } from '../../store/agenda.ts';
import { Database } from '../../store/database.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();

const asker = 'hr.lead@example.com';
const coordinator = 'c.kim@example.com';
const stranger = 'nobody@example.com';
const [first, second] = ['b.one@example.com', 'b.two@example.com'];

const move = `runbook: move
title: Move a service
kind: change
owner: role:it-coordinators
subject: \${{ inputs.service }}
on:
  - manual: { by: [${asker}] }
inputs:
  service: { type: string }
change: { risk: medium, affects: ["\${{ inputs.service }}"], backout: Move it back. }
steps:
  - id: board
    title: The board agrees
    approve: { from: [${first}, ${second}], quorum: 1, show: { service: "\${{ inputs.service }}" } }
  - id: tell
    title: Tell everybody
    uses: mail.send
    with: { to: ${asker}, subject: Done, text: "\${{ inputs.service }}" }
`;

describeWith(database)('the agenda of a role', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await TestGateway.start({
      database: database?.url ?? '',
      runbooks: [move],
      records: true,
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  /** With the record that a worker writes before people are asked. */
  const start = async (service: string) => {
    const runId = await gateway.startRun(asker, 'move', { service });
    const { hash } = (await gateway.as(first, 'GET', `/runs/${runId}/steps/board/gate`)).json() as {
      hash: string;
    };
    const data = { hash, from: ['role:security'], asked: [first, second] };
    await gateway.store.audit.append({
      runId,
      kind: 'gate.opened',
      step: 'board',
      actor: 'countersign',
      data,
    });
    return runId;
  };
  const agenda = async (person: string, role = 'security') =>
    ((await gateway.as(person, 'GET', `/agenda?role=${role}`)).json() as { items: AgendaItem[] }).items;
  const minutes = async (person: string, query = '') =>
    ((await gateway.as(person, 'GET', `/minutes?role=security${query}`)).json() as { decisions: Decision[] })
      .decisions;
  const html = async (path: string) => (await gateway.as(first, 'GET', path)).body;

  it('has what it is to decide with risk, way back, questions and votes, for whoever may see the run', async () => {
    const run = await start('<script>vpn</script>');
    await gateway.as(first, 'POST', `/runs/${run}/steps/board/questions`, { text: 'Who is told?' });
    for (const person of [first, coordinator, asker])
      expect(await agenda(person)).toMatchObject([
        {
          run,
          step: 'board',
          title: 'The board agrees',
          subject: '<script>vpn</script>',
          requester: asker,
          risk: 'medium',
          affects: ['<script>vpn</script>'],
          backout: 'Move it back.',
          needed: 1,
          asked: [first, second],
          votes: [],
          questions: [{ by: first, text: 'Who is told?', answers: [] }],
        },
      ]);
    expect(await agenda(stranger)).toEqual([]);
    expect(await agenda(first, 'it-coordinators')).toEqual([]);
    const unknown = await gateway.as(first, 'GET', '/agenda?role=nobody');
    expect([unknown.statusCode, unknown.json().detail]).toEqual([
      404,
      expect.stringContaining('There is no role "nobody". There are: '),
    ]);
  });

  it('is printed a page each, with nothing in it that a page would run', async () => {
    await start('mail');
    const page = await html('/agenda.html?role=role:security');
    expect(page.match(/<h1>/g)).toHaveLength(3);
    expect(page).toContain('h1:not(:first-child) { break-before: page; }');
    expect(page).not.toContain('<script>');
    expect(page).toContain('Move a service: &lt;script&gt;vpn&lt;/script&gt;');
  });

  it('tells afterwards who voted what, with which words, and what is still open', async () => {
    const open = await agenda(first);
    const [decided, left] = open.map(({ run }) => run);
    const { hash } = (await gateway.as(second, 'GET', `/runs/${decided}/steps/board/gate`)).json() as {
      hash: string;
    };
    await gateway.as(second, 'POST', `/runs/${decided}/steps/board/vote`, {
      decision: 'reject',
      hash,
      comment: 'Not <b>now</b>.',
    });
    await gateway.runs.settle(decided ?? '');
    expect((await agenda(first)).map(({ run }) => run)).toEqual([left]);
    const told = await minutes(first, '&from=1970-01-01&to=1970-12-31');
    expect(told).toEqual([]);
    const all = await minutes(first);
    expect(all).toMatchObject([
      {
        run: decided,
        title: 'The board agrees',
        became: 'rejected',
        votes: [{ by: second, decision: 'reject', comment: 'Not <b>now</b>.' }],
      },
      { run: left },
    ]);
    expect(all[1]?.became).toBeUndefined();
    expect(await minutes(stranger)).toEqual([]);
    expect(await html('/minutes.html?role=security')).toContain('“Not &lt;b&gt;now&lt;/b&gt;.”');
    expect(
      (await gateway.as(first, 'GET', '/minutes?role=security&from=2026-02-01&to=2026-01-01')).statusCode,
    ).toBe(400);
  });

  it('says that not all of it is here, where there is more than is read at once', async () => {
    expect((await gateway.as(first, 'GET', '/agenda?role=security')).json().more).toBe(false);
    expect((await gateway.as(first, 'GET', '/minutes?role=security')).json().more).toBe(false);
    for (const service of ['files', 'print']) await start(service);
    const own = new Database(database?.url ?? '');
    gateway.store.agenda = new Agenda(own, 1);
    for (const what of ['agenda', 'minutes']) {
      expect((await gateway.as(first, 'GET', `/${what}?role=security`)).json().more).toBe(true);
      expect(await html(`/${what}.html?role=security`)).toContain('Not all of it is here');
    }
    expect(await agenda(first)).toHaveLength(1);
    await own.close();
  });
});
