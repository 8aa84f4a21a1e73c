import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWith, testDatabase } from '../test/support/services.ts';
import { host, TestGateway } from './testing.ts';

const database = await testDatabase();

const coordinator = 'c.kim@example.com';
const manager = 'm.roth@example.com';
const director = 'i.novak@example.com';

const patch = `runbook: patch
title: Patch <script>alert(1)</script>
kind: maintenance
owner: role:it-coordinators
description: Patches a host in its window.
on:
  - manual: { by: [role:it-coordinators, ${manager}] }
inputs:
  host: { type: string, minLength: 1 }
  all: { type: boolean, default: false }
  pin: { type: string, sensitive: true, visibleTo: [role:it-director] }
change:
  risk: '\${{ inputs.all ? "high" : "low" }}'
  affects: ["\${{ inputs.host }}", gateway]
  backout: "Restore \${{ inputs.host }} of \${{ string(organisation.name) }}."
steps:
  - id: find
    uses: entra.getUser
    with: { user: "\${{ inputs.host }}" }
  - id: signoff
    title: The board signs
    approve:
      from: [${manager}, ${coordinator}, ${director}]
      quorum: 2
      within: 2d
      show: { host: "\${{ inputs.host }}" }
  - id: night
    window:
      calendar: prod-maintenance
      freeze: [year-end]
      needs: 1h
      overrun: finish
      steps:
        - id: account
          title: Create the account
          uses: entra.createUser
          with: { userPrincipalName: a@example.com, displayName: "\${{ inputs.pin }}", usageLocation: DE }
finally:
  - id: tell
    uses: mail.send
    with: { to: ${manager}, subject: Done, text: Done }
`;

const hand = `runbook: by-hand
title: By hand
kind: other
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
steps:
  - id: desk
    title: Place the laptop
    task: { to: ${director}, instructions: Place it., form: { serial: { type: string } }, within: 1d }
`;

describeWith(database)('the API', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await TestGateway.start({ database: database?.url ?? '', runbooks: [patch, hand] });
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });
  const get = async (person: string, path: string) => (await gateway.as(person, 'GET', path)).json();

  describe('for everybody', () => {
    it('describes every route: what it is for, under which heading, and what it answers', () => {
      const { paths } = gateway.app.swagger() as unknown as { paths: Record<string, Record<string, object>> };
      const bare = Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods)
          .filter(([, route]) => !isDescribed(route))
          .map(([method]) => `${method} ${path}`),
      );
      expect(bare).toEqual([]);
      expect(Object.keys(paths).length).toBeGreaterThan(20);
    });

    it('answers an address that no route can be looked up for with a problem like any other', async () => {
      for (const [path, status] of [
        [`/runs/${'x'.repeat(200)}`, 414],
        ['/runs/%zz', 400],
      ] as const) {
        const response = await gateway.app.inject({ url: `/api/v1${path}`, headers: { host } });
        expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
        expect(response.json()).toMatchObject({ type: 'about:blank', title: 'Not understood', status });
      }
    });

    it('answers nobody who is not signed in, except for signing in', async () => {
      const { paths } = gateway.app.swagger() as unknown as { paths: Record<string, Record<string, object>> };
      const open: string[] = [];
      for (const [path, methods] of Object.entries(paths)) {
        for (const method of Object.keys(methods)) {
          const url = path.replace(/\{\w+\}/g, 'x');
          const response = await gateway.app.inject({
            method: method.toUpperCase() as 'GET',
            url,
            headers: { host },
          });
          if (response.statusCode !== 401) open.push(`${method} ${path}`);
        }
      }
      expect(open.sort()).toEqual([
        // Whoever has its secret, which is somebody's own.
        'get /api/v1/calendar/feed/{secret}',
        'get /api/v1/sign-in',
        'get /health',
        'get /sign-in/oidc',
        // Tells nothing, and does nothing without what the provider was given, or a token that it signed.
        'get /sign-in/oidc/signed-out',
        'post /api/v1/sign-in',
        'post /api/v1/sign-in/code',
        'post /sign-in/oidc/back-channel',
      ]);
    });

    it('takes nothing that would name a secret or a sealed value of somebody else', async () => {
      for (const data of [{ a: { $secret: 'token' } }, { a: [{ $sealed: 'v1.k.x' }] }]) {
        const response = await gateway.as(coordinator, 'POST', '/events', { name: 'a.b', key: 'k', data });
        expect(response.statusCode).toBe(422);
        expect(response.json().detail).toContain('by which only a runbook may name a secret');
      }
    });

    it('takes nothing that is nested so deeply that it would break whoever walks through it', async () => {
      for (const depth of [101, 100_000]) {
        const data = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
        const response = await gateway.send({
          method: 'POST',
          url: '/api/v1/events',
          headers: { ...gateway.headersOf(coordinator), 'content-type': 'application/json' },
          payload: `{"name":"a.b","key":"k","data":${data}}`,
        });
        expect([depth, response.statusCode]).toEqual([depth, 400]);
        expect(response.json().detail).toContain('more than 100 deep');
      }
    });

    it('says of a number or a moment that there is not, that it does not fit', async () => {
      for (const path of ['/runs?afterStartedAt=x&afterId=y', '/runs/%00']) {
        const response = await gateway.as(coordinator, 'GET', path);
        expect([path, response.statusCode]).toEqual([path, 400]);
      }
    });

    it('does not answer under a name that is not its own', async () => {
      const response = await gateway.app.inject({
        url: '/api/v1/sign-in',
        headers: { host: 'evil.example' },
      });
      expect(response.statusCode).toBe(403);
      expect(response.json().detail).toContain('not as evil.example');
    });
  });

  describe('of runbooks', () => {
    it('says who may start one', async () => {
      const of = async (person: string) =>
        (await get(person, '/runbooks')).runbooks.map((each: { runbook: string; mayStart: boolean }) => [
          each.runbook,
          each.mayStart,
        ]);
      expect(await of(coordinator)).toEqual([
        ['patch', true],
        ['by-hand', true],
      ]);
      expect(await of(manager)).toEqual([
        ['patch', true],
        ['by-hand', false],
      ]);
    });

    it('tells which inputs one takes, and what starts it', async () => {
      const found = await get(coordinator, '/runbooks/patch');
      expect(found).toMatchObject({
        needsTicket: false,
        mayStart: true,
        description: 'Patches a host in its window.',
      });
      expect(found.inputs.pin).toMatchObject({ required: true, sensitive: true });
      expect(found.inputs.all).toMatchObject({ required: false, default: false });
      expect(found.triggers).toEqual([{ type: 'manual', by: ['role:it-coordinators', manager] }]);
    });

    it('shows the procedure as a fragment in which nothing of the runbook is markup', async () => {
      const { html, svg } = await get(coordinator, '/runbooks/patch/procedure');
      expect(html).toContain('<h1>Patch &lt;script&gt;alert(1)&lt;/script&gt;</h1>');
      expect(html).not.toMatch(/<script|<style|<html/);
      expect(svg).toMatch(/^<svg /);
      expect(svg).not.toContain('<script');
    });

    it('names the others when there is none of that name', async () => {
      const response = await gateway.as(coordinator, 'GET', '/runbooks/pach');
      expect(response.statusCode).toBe(404);
      expect(response.json().detail).toBe('There is no runbook "pach". There are: by-hand, patch.');
    });
  });

  describe('of a run that waits for signatures', () => {
    let run: string;
    beforeAll(async () => {
      run = await gateway.startRun(coordinator, 'patch', { host: 'web-1', all: true, pin: '4711-canary' });
    });

    it('gives all steps of its plan, those not reached too, and what gates them', async () => {
      const { outline } = await get(coordinator, `/runs/${run}`);
      const brief = outline.map((step: { id: string; depth: number; gatedBy: string[]; part: string }) => [
        step.id,
        step.depth,
        step.gatedBy,
        step.part,
      ]);
      expect(brief).toEqual([
        ['find', 0, [], 'steps'],
        ['signoff', 0, [], 'steps'],
        ['night', 0, ['signoff'], 'steps'],
        ['account', 1, ['signoff'], 'steps'],
        ['tell', 0, [], 'finally'],
      ]);
      expect(outline[3]).toMatchObject({
        action: 'entra.createUser',
        effect: 'write',
        title: 'Create the account',
      });
    });

    it('lets its owners operate it, and says so to them only', async () => {
      expect((await get(coordinator, `/runs/${run}`)).mayOperate).toBe(true);
      expect((await get(manager, `/runs/${run}`)).mayOperate).toBe(false);
    });

    it('shows a sealed input to those alone for whom it is meant', async () => {
      expect((await get(director, `/runs/${run}`)).live.inputs.pin).toBe('4711-canary');
      expect((await get(director, `/runs/${run}/steps/signoff/gate`)).shown.inputs.pin).toBe('4711-canary');
      for (const path of [
        `/runs/${run}`,
        `/runs/${run}/steps/signoff/gate`,
        `/runs/${run}/journal`,
        '/inbox',
      ]) {
        const { payload } = await gateway.as(manager, 'GET', path);
        expect(payload).not.toContain('canary');
        expect(payload).not.toContain('v1.k.');
      }
      expect((await get(manager, `/runs/${run}`)).live.inputs.pin).toEqual({ $sealed: true });
    });

    it('tells the board what the change is, and when its window opens', async () => {
      const { change, window, runbook } = await get(manager, `/runs/${run}/steps/signoff/gate`);
      const backout = 'Restore web-1 of Example.';
      expect(change).toEqual({ risk: 'high', affects: ['web-1', 'gateway'], backout });
      // By the values with which the run began, whatever is configured since.
      const { organisation } = gateway.configuration;
      gateway.configuration.organisation = { ...organisation, name: 'Renamed' };
      const again = await get(manager, `/runs/${run}/steps/signoff/gate`);
      gateway.configuration.organisation = organisation;
      expect(again.change).toEqual({ ...change, backout });
      expect(window).toMatchObject({ calendar: 'prod-maintenance', title: 'prod-maintenance' });
      expect(window.closesAt - window.opensAt).toBeGreaterThan(0);
      expect(window.closesAt).toBeGreaterThan(Date.now());
      expect(runbook).toMatchObject({ name: 'patch', kind: 'maintenance' });
    });

    it('knows who may sign, and why others may not, by the run’s own rules', async () => {
      const of = (person: string) => get(person, `/runs/${run}/steps/signoff/gate`);
      expect((await of(manager)).mayVote).toBe(true);
      expect(await of(coordinator)).toMatchObject({
        mayVote: false,
        whyNot: expect.stringContaining(`${coordinator} asked for this run, so somebody else must sign`),
      });
    });

    it('is seen by those with a role, and by those whom it asks, and by nobody else', async () => {
      const stranger = 'stranger@example.com';
      for (const path of [
        '',
        '/journal',
        '/events',
        '/audit',
        '/audit/export',
        '/steps/signoff/gate',
        '/steps/signoff/signatures',
      ]) {
        const response = await gateway.as(stranger, 'GET', `/runs/${run}${path}`);
        expect([path, response.statusCode]).toEqual([path, 403]);
      }
      const seenBy = async (person: string) =>
        (await get(person, '/runs?limit=500')).runs.some(({ id }: { id: string }) => id === run);
      expect(await seenBy(stranger)).toBe(false);
      expect(await seenBy(manager)).toBe(true);
      expect(await seenBy(coordinator)).toBe(true);
      expect((await gateway.as(stranger, 'GET', '/events')).statusCode).toBe(403);
    });

    it('tells those who may not see it nothing of its steps and people, whatever they ask of it', async () => {
      const stranger = 'stranger@example.com';
      const asked: Record<string, object> = {
        'steps/signoff/vote': { decision: 'approve', hash: 'x' },
        'steps/signoff/retry': {},
        'steps/signoff/skip': { comment: 'x' },
        'steps/signoff/complete': { output: {} },
        'steps/signoff/reassign': { from: [stranger] },
        abort: { comment: 'x' },
        pause: {},
        resume: {},
        amend: { inputs: { host: 'x' } },
      };
      for (const [path, body] of Object.entries(asked)) {
        const response = await gateway.as(stranger, 'POST', `/runs/${run}/${path}`, body as never);
        expect([path, response.statusCode]).toEqual([path, 403]);
        expect(response.json().detail).toMatch(/may not see this run/);
        expect(response.payload).not.toMatch(/signoff|roth|novak/);
      }
    });

    it('waits in the inbox of those asked until they have voted, who may then still change their mind', async () => {
      const steps = async (person: string) =>
        (await get(person, '/inbox')).items.map((item: { run: { id: string }; step: string }) => [
          item.run.id,
          item.step,
        ]);
      expect(await steps(manager)).toContainEqual([run, 'signoff']);
      const { hash } = await get(manager, `/runs/${run}/steps/signoff/gate`);
      const vote = await gateway.as(manager, 'POST', `/runs/${run}/steps/signoff/vote`, {
        decision: 'approve',
        hash,
      });
      expect(vote.json()).toEqual({ result: 'counted', approvals: 1, needed: 2 });
      expect(await steps(manager)).not.toContainEqual([run, 'signoff']);
      expect(await get(manager, `/runs/${run}/steps/signoff/gate`)).toMatchObject({
        mayVote: true,
        mine: { decision: 'approve' },
      });
    });

    it('says of a change by hand whether it is in force', async () => {
      const other = await gateway.startRun(coordinator, 'patch', { host: 'web-3', pin: '1' });
      const amended = await gateway.as(coordinator, 'POST', `/runs/${other}/amend`, {
        inputs: { host: 'web-4' },
      });
      expect(amended.json()).toEqual({ id: other, done: 'amend', applied: ['host'], proposed: [] });
    });

    it('tells whom it asked, and who voted how, for whoever comes later', async () => {
      const { askings, proposals } = await get(director, `/runs/${run}/steps/signoff/signatures`);
      expect(askings).toMatchObject([
        { asked: [manager, coordinator, director], needed: 2, votes: [{ by: manager, decision: 'approve' }] },
      ]);
      expect(askings[0].shown).toMatchObject({ inputs: { host: 'web-1' } });
      expect(proposals).toEqual([]);
    });

    it('is among the runs that concern whoever was asked, in the time in which it began', async () => {
      const has = async (person: string, query: string) =>
        (await get(person, `/runs?${query}`)).runs.some(({ id }: { id: string }) => id === run);
      expect(await has(coordinator, `concerning=${director}&from=2020-01-01`)).toBe(true);
      expect(await has(coordinator, `concerning=${director}&before=2020-01-01`)).toBe(false);
      expect(await has(coordinator, `concerning=${director}&from=2999-01-01T00:00:00Z`)).toBe(false);
      expect(await has(coordinator, 'concerning=stranger@example.com')).toBe(false);
      // Who has no role is not shown what they have no part in by naming somebody who has.
      expect(await has('stranger@example.com', `concerning=${director}`)).toBe(false);
      expect((await gateway.as(coordinator, 'GET', '/runs?from=yesterday')).statusCode).toBe(400);
    });

    it('is among the runs of its runbook', async () => {
      const ids = async (runbook: string) =>
        (await get(coordinator, `/runs?runbook=${runbook}`)).runs.map(({ id }: { id: string }) => id);
      expect(await ids('patch')).toContain(run);
      expect(await ids('by-hand')).toEqual([]);
    });
  });

  describe('the inbox', () => {
    it('says why a step is parked, to the owners', async () => {
      gateway.runs.world.fails('entra.getUser', 'There is no user web-9.');
      const run = await gateway.startRun(coordinator, 'patch', { host: 'web-9', pin: '1' });
      const { items } = await get(coordinator, '/inbox');
      expect(items.find((item: { run: { id: string } }) => item.run.id === run)).toMatchObject({
        kind: 'parked',
        step: 'find',
        role: 'it-coordinators',
        people: [],
        reason: 'There is no user web-9.',
        run: { runbook: 'patch', requester: coordinator, kind: 'maintenance' },
      });
    });

    it('has what is due first at its top, and what has no deadline at its end', async () => {
      gateway.runs.world.once('countersign.openTask', () => ({
        people: [coordinator],
        deadline: Date.now() + 60_000,
      }));
      const run = await gateway.startRun(coordinator, 'by-hand', {});
      const { items, total } = await get(coordinator, '/inbox');
      expect(items[0]).toMatchObject({ run: { id: run }, kind: 'task', title: 'Place the laptop' });
      expect(items.at(-1).kind).toBe('parked');
      expect(total).toBe(items.length);
    });
  });
});

function isDescribed(route: object): boolean {
  const {
    summary,
    tags = [],
    responses = {},
  } = route as {
    summary?: string;
    tags?: string[];
    responses?: Record<string, { content?: object; description?: string }>;
  };
  const good = Object.entries(responses).find(([status]) => /^[23]/.test(status));
  return (
    Boolean(summary) &&
    tags.length > 0 &&
    good !== undefined &&
    (['204', '302'].includes(good[0]) || Boolean(good[1].content))
  );
}
