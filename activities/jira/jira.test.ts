import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { keyOf } from '../kit/call.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { jira } from './index.ts';

let sandbox: Sandbox;
let attempts: Attempts;

beforeAll(async () => {
  sandbox = await startSandbox();
  attempts = attemptsOf(jira, sandbox.connectors.jira ?? {}, ['apiToken']);
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const issue = 'HR-101';
const comments = () => sandbox.effects.list({ effect: 'comment.added' });
const moves = () => sandbox.effects.list({ effect: 'issue.transitioned' });
const move = (to: string) =>
  fetch(`${sandbox.url}/_sandbox/jira/move`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: issue, to, secret: 's' }),
  });

const moveTo = (project: string) =>
  fetch(`${sandbox.url}/_sandbox/jira/project`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: issue, project }),
  });

describe('Commenting on an issue', () => {
  const input = { issue, text: 'The account is ready.\n\nSee https://example.com/a.' };

  it('comments once, however often it is tried', async () => {
    const first = await attempts.call('jira.comment', input);
    expect(first.added).toBe(true);
    expect(await attempts.call('jira.comment', input)).toEqual({ id: first.id, added: false });
    expect(comments()).toHaveLength(1);
    expect(await attempts.verify('jira.comment', input)).toBe(true);
  });

  it('comments once when the answer was lost', async () => {
    sandbox.faults.add({ system: 'jira', method: 'POST', times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails('jira.comment', input)).nonRetryable).toBe(false);
    expect(await attempts.call('jira.comment', input)).toMatchObject({ added: true });
    expect(comments()).toHaveLength(1);
  });

  it('comments again for another step, with the same words', async () => {
    await attempts.call('jira.comment', input, { step: 'one' });
    expect(await attempts.verify('jira.comment', input, 'two')).toBe(false);
    expect(await attempts.call('jira.comment', input, { step: 'two' })).toMatchObject({ added: true });
    expect(comments()).toHaveLength(2);
  });

  it('finds its comment among more than a page of later ones', async () => {
    const first = await attempts.call('jira.comment', input);
    const credentials = Buffer.from('countersign@example.com:sandbox-jira-token').toString('base64');
    const document = { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [] }] };
    for (let index = 0; index < 101; index++)
      await fetch(`${sandbox.url}/rest/api/3/issue/${issue}/comment`, {
        method: 'POST',
        headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
        body: JSON.stringify({ body: document }),
      });
    expect(await attempts.call('jira.comment', input)).toEqual({ id: first.id, added: false });
  });

  it('finds its comment where the issue’s comments come without their properties', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url?.split('?')[0]}`);
      const key = keyOf({ run: 'run-1', runbook: 'new-hire', step: 'step' });
      const properties = [{ key: 'countersign', value: { key } }];
      const plain = { comments: [{ id: '9' }, { id: '8' }], total: 2 };
      const full = { values: [{ id: '9' }, { id: '8', properties }] };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.method === 'GET' ? plain : full));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const elsewhere = attemptsOf(jira, { ...sandbox.connectors.jira, baseUrl });
    try {
      expect(await elsewhere.call('jira.comment', input)).toEqual({ id: '8', added: false });
      const look = [`GET /rest/api/3/issue/${issue}/comment`, 'POST /rest/api/3/comment/list'];
      // Once before, and once to read it back.
      expect(asked).toEqual([...look, ...look]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('comments on an issue that moved to another project by the key that the run knows, once', async () => {
    await moveTo('IT');
    const first = await attempts.call('jira.comment', input);
    expect(first.added).toBe(true);
    expect(await attempts.call('jira.comment', input)).toEqual({ id: first.id, added: false });
    expect(comments().map(({ subject }) => subject)).toEqual(['IT-102']);
    expect(await attempts.verify('jira.comment', input)).toBe(true);
  });

  it('says in Jira’s own words that there is no such issue', async () => {
    const failure = await attempts.fails('jira.comment', { ...input, issue: 'HR-999' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('(404): Issue does not exist or you do not have permission to see it.');
  });
});

describe('Moving an issue', () => {
  const done = { issue, to: 'done' };

  it('moves it once; where it is already, it stays', async () => {
    await move('Approved');
    expect(await attempts.preview('jira.transition', done)).toEqual({
      summary: 'would move HR-101 from Approved to done',
    });
    expect(await attempts.call('jira.transition', done)).toEqual({
      from: 'Approved',
      to: 'Done',
      moved: true,
    });
    expect(await attempts.call('jira.transition', done)).toEqual({ from: 'Done', to: 'Done', moved: false });
    expect(moves()).toHaveLength(2);
    expect(await attempts.verify('jira.transition', done)).toBe(true);
    expect(await attempts.preview('jira.transition', done)).toMatchObject({ nothingToDo: true });
  });

  it('moves an issue that is in another project by now, by the key that the run knows', async () => {
    await move('Approved');
    await moveTo('IT');
    expect(await attempts.preview('jira.transition', done)).toEqual({
      summary: 'would move HR-101 from Approved to done',
    });
    expect(await attempts.call('jira.transition', done)).toMatchObject({ to: 'Done', moved: true });
    expect(await attempts.verify('jira.transition', done)).toBe(true);
  });

  it('moves it once when the answer was lost', async () => {
    await move('Approved');
    sandbox.faults.add({ system: 'jira', method: 'POST', path: 'transitions', times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails('jira.transition', done)).nonRetryable).toBe(false);
    expect(await attempts.call('jira.transition', done)).toMatchObject({ moved: true });
    expect(moves()).toHaveLength(2);
  });

  it('says where it can go when it cannot go there', async () => {
    const failure = await attempts.fails('jira.transition', done);
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toBe(
      'HR-101 is in Waiting for approval and cannot be moved to done. From there it can go to: Approved, Rejected. Correct `to`, or ask for the permission in Jira.',
    );
    const preview = await attempts.preview('jira.transition', done);
    expect(preview?.problems).toEqual([failure.message]);
  });

  it('is tried again when somebody else is just changing the issue', async () => {
    await move('Approved');
    sandbox.faults.add({ system: 'jira', method: 'POST', times: 1, kind: 'status', status: 409 });
    expect(await attempts.fails('jira.transition', done)).toMatchObject({
      type: 'RetryableFailure',
      nonRetryable: false,
    });
  });
});

describe('Jira on a bad day', () => {
  it('asks to be called less often, is away, hangs up or says nothing', async () => {
    const input = { issue, to: 'Approved' };
    sandbox.faults.add({ system: 'jira', times: 1, kind: 'status', status: 429, retryAfter: 4 });
    sandbox.faults.add({ system: 'jira', times: 1, kind: 'status', status: 503, retryAfter: 2 });
    sandbox.faults.add({ system: 'jira', times: 1, kind: 'reset' });
    sandbox.faults.add({ system: 'jira', times: 1, kind: 'timeout' });
    expect(await attempts.fails('jira.transition', input)).toMatchObject({
      type: 'RateLimited',
      nextRetryDelay: 4_000,
    });
    expect(await attempts.fails('jira.transition', input)).toMatchObject({
      type: 'RetryableFailure',
      nextRetryDelay: 2_000,
    });
    expect((await attempts.fails('jira.transition', input)).message).toContain(
      'Jira could not be reached at 127.0.0.1',
    );
    const silent = await attempts.fails('jira.transition', input, { timeoutMs: 300 });
    expect(silent.message).toBe('jira.transition did not finish within the 0.3 s of an attempt.');
    expect(await attempts.call('jira.transition', input)).toMatchObject({ moved: true });
  });

  it('refuses a wrong token, which is shown nowhere', async () => {
    const wrong = attemptsOf(jira, { ...sandbox.connectors.jira, apiToken: 'canary-token' }, ['apiToken']);
    const failure = await wrong.fails('jira.transition', { issue, to: 'Approved' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('Jira refused the credentials (401)');
    expect(failure.message).not.toContain('canary');
  });
});
