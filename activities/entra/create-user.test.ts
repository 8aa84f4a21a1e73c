import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from '../../plan/plan.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { entra } from './index.ts';

let sandbox: Sandbox;
let attempts: Attempts;

beforeAll(async () => {
  sandbox = await startSandbox();
  attempts = attemptsOf(entra, sandbox.connectors.entra ?? {}, ['clientSecret']);
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const ann = {
  userPrincipalName: 'ann.lee@example.com',
  displayName: 'Ann Lee',
  givenName: 'Ann',
  surname: 'Lee',
  usageLocation: 'DE',
  manager: 'dana.reyes@example.com',
};

const created = () => sandbox.effects.list({ effect: 'user.created' });

function passwordOf(output: Record<string, Json>): Json {
  return attempts.services.seal.open((output.password as { $sealed: string }).$sealed);
}

describe('Creating an account', () => {
  it('creates it with its manager, and seals the password', async () => {
    const output = await attempts.call('entra.createUser', ann);
    expect(output).toMatchObject({ userPrincipalName: ann.userPrincipalName, displayName: 'Ann Lee' });
    expect(passwordOf(output)).toMatch(/^\S{4}(-\S{4}){3}$/);
    expect(JSON.stringify(output)).not.toContain(String(passwordOf(output)));
    expect(created()).toMatchObject([{ detail: { user: { mailNickname: 'ann.lee', usageLocation: 'DE' } } }]);
    expect(sandbox.effects.list({ effect: 'manager.set' })).toMatchObject([
      { detail: { manager: 'dana.reyes@example.com' } },
    ]);
    expect(await attempts.verify('entra.createUser', ann)).toBe(true);
  });

  it('finds the first when it is tried again, with the same password', async () => {
    const first = await attempts.call('entra.createUser', ann);
    const second = await attempts.call('entra.createUser', ann);
    expect(second.id).toBe(first.id);
    expect(passwordOf(second)).toBe(passwordOf(first));
    expect(created()).toHaveLength(1);
  });

  it('finds the first when its answer was lost', async () => {
    sandbox.faults.add({ system: 'graph', method: 'POST', path: '/users$', times: 1, kind: 'lostAnswer' });
    const lost = await attempts.fails('entra.createUser', ann);
    expect(lost).toMatchObject({ type: 'RetryableFailure', nonRetryable: false });
    const output = await attempts.call('entra.createUser', ann);
    expect(output.id).toBe(created()[0]?.detail?.userId);
    expect(created()).toHaveLength(1);
  });

  it('waits for the first when its answer was lost and the directory does not show it yet', async () => {
    sandbox.faults.add({ system: 'graph', method: 'POST', path: '/users$', times: 1, kind: 'lostAnswer' });
    sandbox.faults.add({ kind: 'notFoundAfterCreate', delayMs: 1_500 });
    await attempts.fails('entra.createUser', ann);
    const output = await attempts.call('entra.createUser', ann);
    expect(output.id).toBe(created()[0]?.detail?.userId);
    expect(created()).toHaveLength(1);
  });

  it('does not end before the directory shows the account', async () => {
    sandbox.faults.add({ kind: 'notFoundAfterCreate', delayMs: 1_200 });
    const { id } = await attempts.call('entra.createUser', ann);
    expect(await attempts.call('entra.getUser', { user: id ?? '' })).toMatchObject({
      displayName: 'Ann Lee',
    });
  });

  it('leaves an account of somebody else alone, and says whose it is and what to do', async () => {
    const taken = { ...ann, userPrincipalName: 'robin.sato@example.com' };
    const failure = await attempts.fails('entra.createUser', taken);
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toMatch(
      /^robin\.sato@example\.com already belongs to Robin Sato \(.*created 2024-01-15\), and not to this run\. Choose another/,
    );
    expect(created()).toHaveLength(0);
  });

  it('treats an account that another step made as somebody else’s', async () => {
    await attempts.call('entra.createUser', ann, { step: 'one' });
    const failure = await attempts.fails('entra.createUser', ann, { step: 'two' });
    expect(failure.message).toContain('already belongs to Ann Lee');
    expect(created()).toHaveLength(1);
  });

  it('creates nothing when the manager is not known', async () => {
    const failure = await attempts.fails('entra.createUser', { ...ann, manager: 'nobody@example.com' });
    expect(failure.message).toBe(
      'Entra ID has no user nobody@example.com to be the manager. Correct `manager`, or leave it out.',
    );
    expect(created()).toHaveLength(0);
  });

  it('passes on a refusal in Graph’s own words, with the request id and no secret', async () => {
    const failure = await attempts.fails('entra.createUser', {
      ...ann,
      userPrincipalName: 'ann@elsewhere.example',
    });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('The domain portion of the userPrincipalName property is invalid.');
    expect(failure.details).toEqual([{ status: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
    expect(JSON.stringify([failure.message, failure.stack])).not.toContain('sandbox-graph-secret');
  });

  it('previews what it would do, and what stands in its way', async () => {
    expect(await attempts.preview('entra.createUser', ann)).toEqual({
      summary: 'would create ann.lee@example.com',
    });
    const blocked = await attempts.preview('entra.createUser', {
      ...ann,
      userPrincipalName: 'kim.okafor@example.com',
      manager: 'nobody@example.com',
    });
    expect(blocked?.problems).toHaveLength(2);
    expect(created()).toHaveLength(0);
  });
});
