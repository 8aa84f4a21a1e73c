import { afterAll, beforeAll, expect, it } from '@jest/globals';
import ical from 'ical.js';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { host, TestGateway } from '../testing.ts';

const database = await testDatabase();

const coordinator = 'c.kim@example.com';
const manager = 'w.stone@example.com';
const stranger = 'z.else@example.com';
const other = 'o.board@example.com';

const change = `runbook: rule
title: Firewall rule
kind: change
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
inputs:
  name: { type: string }
  device: { type: string }
  board: { type: string, default: ${manager} }
subject: \${{ inputs.name }}
change:
  risk: low
  affects: ["\${{ inputs.device }}"]
  backout: Take it out.
steps:
  - id: board
    title: The board signs
    approve: { from: ["\${{ inputs.board }}"], quorum: 1, within: 2d, show: { device: "\${{ inputs.device }}" } }
  - id: night
    window:
      calendar: prod-maintenance
      freeze: [year-end]
      needs: 1h
      overrun: finish
      steps:
        - id: account
          uses: entra.createUser
          with: { userPrincipalName: a@example.com, displayName: x, usageLocation: DE }
`;

describeWith(database)('the calendar', () => {
  let gateway: TestGateway;
  let runs: string[] = [];
  beforeAll(async () => {
    gateway = await TestGateway.start({ database: database?.url ?? '', runbooks: [change] });
    runs = [];
    for (const [name, device] of [
      ['One', 'FW-1'],
      ['Two', 'fw-1'],
      ['Three', 'fw-2'],
      ['Four', 'fw-3'],
    ] as const)
      runs.push(await gateway.startRun(coordinator, 'rule', { name, device }));
    runs.push(await gateway.startRun(coordinator, 'rule', { name: 'Five', device: 'FW-3', board: other }));
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  it('has windows, freezes, and the changes that wait for one, with those that are in each other’s way', async () => {
    const { times, changes, timezone } = (await gateway.as(coordinator, 'GET', '/calendar')).json();
    expect(timezone).toBe('UTC');
    expect(times.some(({ kind }: { kind: string }) => kind === 'window')).toBe(true);
    const year = new Date().getFullYear();
    const winter = (
      await gateway.as(coordinator, 'GET', `/calendar?from=${year}-12-01&before=${year + 1}-02-01`)
    ).json();
    expect(winter.times.map(({ kind }: { kind: string }) => kind)).toContain('freeze');
    expect(changes).toHaveLength(5);
    const one = changes.find(({ run }: { run: string }) => run === runs[0]);
    expect(one).toMatchObject({ subject: 'One', affects: ['FW-1'], risk: 'low', status: 'waiting' });
    expect(one.to).toBeGreaterThan(one.from);
    expect(one.conflicts).toEqual([{ run: runs[1], title: 'Firewall rule: Two', affects: ['fw-1'] }]);
    expect(changes.find(({ run }: { run: string }) => run === runs[2]).conflicts).toBeUndefined();
  });

  it('says at the signature what is at the same time on the same, without telling people what is not theirs', async () => {
    const gate = (await gateway.as(manager, 'GET', `/runs/${runs[0]}/steps/board/gate`)).json();
    expect(gate.conflicts).toEqual([{ run: runs[1], title: 'Firewall rule: Two', affects: ['fw-1'] }]);
    const third = (await gateway.as(manager, 'GET', `/runs/${runs[2]}/steps/board/gate`)).json();
    expect(third.conflicts).toBeUndefined();
    // That there is one is for everybody; which one it is, and its page, for who may see it.
    const fourth = (await gateway.as(manager, 'GET', `/runs/${runs[3]}/steps/board/gate`)).json();
    expect(fourth.conflicts).toEqual([{ title: 'Firewall rule', affects: ['FW-3'] }]);
    const { changes } = (await gateway.as(manager, 'GET', '/calendar')).json();
    expect(changes.find(({ run }: { run: string }) => run === runs[3]).conflicts).toEqual(fourth.conflicts);
    expect((await gateway.as(manager, 'GET', `/runs/${runs[4]}`)).statusCode).toBe(403);
  });

  it('has for whoever has no role only what concerns them', async () => {
    expect((await gateway.as(stranger, 'GET', '/calendar')).json().changes).toEqual([]);
    expect((await gateway.as(manager, 'GET', '/calendar')).json().changes).toHaveLength(4);
  });

  it('refuses times that are none, or too long', async () => {
    for (const query of [
      'from=2026-05-01&before=2026-05-01',
      'from=2026-01-01&before=2027-01-01',
      'from=2026-1-1',
    ])
      expect((await gateway.as(coordinator, 'GET', `/calendar?${query}`)).statusCode).toBe(400);
  });

  it('is a feed under an address of somebody’s own, which a new one or nobody’s wish ends', async () => {
    const feed = (path: string) => gateway.app.inject({ url: path, headers: { host } });
    const begin = async (person: string) =>
      (await gateway.as(person, 'POST', '/calendar/feed')).json().path as string;
    const first = await begin(coordinator);
    const { body, headers } = await feed(first);
    expect(headers['content-type']).toContain('text/calendar');
    const events = new ical.Component(ical.parse(body)).getAllSubcomponents('vevent');
    const titles = events.map((event) => new ical.Event(event).summary);
    expect(titles).toEqual(expect.arrayContaining(['Firewall rule: One', 'Firewall rule: Three']));
    const told = events
      .map((event) => new ical.Event(event).description)
      .find((text) => text?.includes('Affects FW-1'));
    expect(told).toContain('At the same time: Firewall rule: Two, on fw-1.');
    const second = await begin(coordinator);
    expect((await feed(first)).statusCode).toBe(404);
    expect((await feed(second)).statusCode).toBe(200);
    // Somebody without a role reads theirs by their own address, and nothing by a guess.
    expect((await feed(await begin(stranger))).body).not.toContain('Firewall rule');
    expect((await feed('/api/v1/calendar/feed/x.ics')).statusCode).toBe(404);
    await gateway.send({
      method: 'DELETE',
      url: '/api/v1/calendar/feed',
      headers: gateway.headersOf(coordinator),
    });
    expect((await feed(second)).statusCode).toBe(404);
  });
});
