import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();

const auditor = 'a.udit@example.com';
const coordinator = 'c.kim@example.com';

const runbook = `runbook: rule
title: Firewall rule
kind: change
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
inputs: { board: { type: string } }
steps:
  - id: board
    approve: { from: ["\${{ inputs.board }}"], quorum: 1, within: 2d }
  - id: note
    uses: entra.createUser
    with: { userPrincipalName: a@example.com, displayName: x, usageLocation: DE }
`;

/** What these change is whoever asks their own. */
const own = [
  'DELETE /api/v1/calendar/feed',
  'DELETE /api/v1/views/{name}',
  'POST /api/v1/calendar/feed',
  'POST /api/v1/sign-out',
  'PUT /api/v1/views/{name}',
];

/** What opens nothing by itself: streams that stay open, pages of a provider that is not there. */
const notAsked = /events$|openapi\.json$/;

describeWith(database)('Somebody whose role is read-only', () => {
  let gateway: TestGateway;
  let run = '';
  let routes: { method: string; path: string; open: boolean }[] = [];
  beforeAll(async () => {
    gateway = await TestGateway.start({ database: database?.url ?? '', runbooks: [runbook] });
    // In the coordinators' role too: what is read-only goes before it.
    gateway.configuration.roles.auditors = { people: [auditor], readOnly: true };
    gateway.configuration.roles['it-coordinators']?.people.push(auditor);
    run = await gateway.startRun(coordinator, 'rule', { board: auditor });
    const { paths } = gateway.app.swagger() as {
      paths: Record<string, Record<string, { security?: unknown[] }>>;
    };
    routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => ({
        method: method.toUpperCase(),
        path,
        open: security?.length === 0,
      })),
    );
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  const filled = (path: string) =>
    path
      .replace('{id}', run)
      .replace('{step}', 'board')
      .replace(/\{\w+\}/g, 'x');
  const ask = (method: string, path: string) =>
    gateway.app.inject({
      method: method as 'GET',
      url: filled(path),
      headers: { host: 'localhost:8321', ...gateway.headersOf(auditor), 'x-countersign-request': '1' },
    });

  it('changes nothing by any route, and is told why', async () => {
    const changing = routes.filter(
      ({ method, path, open }) => method !== 'GET' && path.startsWith('/api/') && !open,
    );
    expect(changing.length).toBeGreaterThan(15);
    const passed: string[] = [];
    for (const { method, path } of changing) {
      const answer = await ask(method, path);
      const { type, detail } = answer.body ? answer.json() : {};
      if (type !== 'urn:countersign:ReadOnly') passed.push(`${method} ${path}`);
      else {
        expect(answer.statusCode).toBe(403);
        expect(detail).toBe(
          `${auditor} has the role auditors, which is read-only: its people see everything and change nothing.`,
        );
      }
    }
    expect(passed.sort()).toEqual(own);
  });

  it('is turned away from nothing that can be looked at', async () => {
    const looking = routes.filter(
      ({ method, path }) => method === 'GET' && path.startsWith('/api/') && !notAsked.test(path),
    );
    const refused: string[] = [];
    for (const { method, path } of looking) {
      const { statusCode } = await ask(method, path);
      if ([401, 403].includes(statusCode) || statusCode >= 500)
        refused.push(`${method} ${path} ${statusCode}`);
    }
    expect(looking.length).toBeGreaterThan(20);
    expect(refused).toEqual([]);
  });

  it('is offered nothing that would be refused', async () => {
    const as = async (path: string) => (await gateway.as(auditor, 'GET', path)).json();
    expect(await as('/me')).toMatchObject({ id: auditor, readOnly: 'auditors' });
    expect(await as(`/runs/${run}`)).toMatchObject({ mayOperate: false, mayStart: false });
    expect((await as('/runbooks')).runbooks[0].mayStart).toBe(false);
    expect(await as(`/runs/${run}/steps/board/gate`)).toMatchObject({
      mayVote: false,
      whyNot: expect.stringContaining('read-only'),
    });
    expect((await as('/me')).roles).toContain('it-coordinators');
    expect((await gateway.as(coordinator, 'GET', '/me')).json().readOnly).toBeUndefined();
  });
});
