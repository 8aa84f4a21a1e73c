import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { InboxItem } from '../store/inbox.ts';
import type { Gate } from '../workflows/messages.ts';
import { coordinator, manager, TestStack, until } from './support/stack.ts';

/** Signed in, and has nothing to do with any run. */
const stranger = 'eve.stranger@example.com';
/** Has a role, so may look at every run. */
const watcher = 'morgan.weiss@example.com';

interface Answered<T> {
  status: number;
  body: T;
  cookie: string | undefined;
}

/** The gateway as the console's pages use it. */
class Page {
  readonly base: string;
  cookie = '';

  constructor(base: string) {
    this.base = base;
  }

  async ask<T>(method: string, path: string, body?: object, headers: object = {}): Promise<Answered<T>> {
    const response = await fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: {
        cookie: this.cookie,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    const [cookie] = response.headers.getSetCookie();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T, cookie };
  }

  act<T>(path: string, body: object): Promise<Answered<T>> {
    return this.ask<T>('POST', path, body, { 'x-countersign-request': '1' });
  }

  /** Reads a run's live events until it ends. Gives their names and data. */
  async follow(run: string): Promise<{ event: string; data: Record<string, unknown> }[]> {
    const response = await fetch(`${this.base}/api/v1/runs/${run}/events`, {
      headers: { cookie: this.cookie },
    });
    const text = await response.text();
    return [...text.matchAll(/^event: (\w+)\n(?:id: \d+\n)?data: (.*)$/gm)].map(
      ([, event = '', data = '']) => ({
        event,
        data: JSON.parse(data) as Record<string, unknown>,
      }),
    );
  }
}

describe('the gateway, as the console uses it', () => {
  let stack: TestStack;
  let page: Page;
  let run: string;
  beforeAll(async () => {
    stack = await TestStack.start('gateway-api');
    page = new Page(stack.stack.addresses.gateway);
    ({ run } = await stack.startRun({ givenName: 'Ada', familyName: 'Console' }));
    // The index follows a run in a moment; only then is the manager somebody for whom something waits.
    await until('the gate in the inbox', async () => {
      const { body } = await stack.api<{ items: InboxItem[] }>(manager, 'GET', '/inbox');
      return body.items.length > 0 || undefined;
    });
  }, 240_000);
  afterAll(async () => {
    await stack.stop();
  });

  it('signs in a manager, whom no role names but whose signature is waited for, by a code from their mail', async () => {
    expect((await page.ask('GET', '/me')).status).toBe(401);
    expect((await page.ask('POST', '/sign-in/code', { email: manager })).status).toBe(204);
    const code = await until('the mail', async () => {
      const mail = (await stack.mails()).findLast(({ subject }) => subject.startsWith('Your sign-in code'));
      return mail && /\b\d{4}-\d{4}\b/.exec(mail.text)?.[0];
    });
    const { status, body, cookie } = await page.ask('POST', '/sign-in', { email: manager, code });
    expect([status, body]).toEqual([200, { id: manager, roles: [] }]);
    page.cookie = cookie?.split(';')[0] ?? '';
    expect((await page.ask('GET', '/me')).body).toEqual({ id: manager, roles: [] });
  });

  it('shows the manager what waits for them, and what they would sign', async () => {
    const { items } = (await page.ask<{ items: InboxItem[] }>('GET', '/inbox')).body;
    expect(items).toMatchObject([
      { kind: 'gate', step: 'signoff', run: { id: run, runbook: 'new-hire' }, people: [manager] },
    ]);
    const { body } = await page.ask<Gate & { mayVote: boolean }>('GET', `/runs/${run}/steps/signoff/gate`);
    expect(body).toMatchObject({ mayVote: true, runbook: { kind: 'onboarding' } });
    expect(body.preview?.steps.length).toBeGreaterThan(0);
  });

  it('tells whoever may not see a run nothing of it, and keeps nothing of what they try', async () => {
    const records = async () =>
      (await stack.api<{ records: { kind: string }[] }>(coordinator, 'GET', `/runs/${run}/audit`)).body
        .records;
    const before = await records();
    const tried: Record<string, object> = {
      'steps/signoff/vote': { decision: 'approve', hash: 'x' },
      'steps/signoff/retry': {},
      'steps/signoff/skip': { comment: 'x' },
      'steps/signoff/complete': { output: {} },
      'steps/signoff/reassign': { from: [stranger] },
      abort: { comment: 'x' },
      pause: {},
      resume: {},
      amend: { inputs: { familyName: 'x' } },
    };
    for (const [path, body] of Object.entries(tried)) {
      const answer = await stack.api(stranger, 'POST', `/runs/${run}/${path}`, body);
      expect([path, answer.status]).toEqual([path, 403]);
      expect(JSON.stringify(answer.body)).not.toMatch(/signoff|dana|kim|role:/);
    }
    expect(await records()).toEqual(before);
    // Who may see it and not operate it is refused on record, and not without end.
    const pause = () => stack.api(watcher, 'POST', `/runs/${run}/pause`, { comment: 'x' });
    const answers: number[] = [];
    for (let time = 0; time < 25; time += 1) answers.push((await pause()).status);
    expect(new Set(answers.slice(0, 20))).toEqual(new Set([403]));
    expect(new Set(answers.slice(20))).toEqual(new Set([429]));
    const more = (await records()).slice(before.length);
    expect(more.filter(({ kind }) => kind === 'command.refused')).toHaveLength(20);
    expect(more.length).toBeLessThanOrEqual(40);
  }, 60_000);

  it('takes the signature from its own pages only, and tells live what follows from it', async () => {
    const { hash } = (await page.ask<Gate>('GET', `/runs/${run}/steps/signoff/gate`)).body;
    const vote = { decision: 'approve', hash };
    const path = `/runs/${run}/steps/signoff/vote`;
    expect((await page.ask('POST', path, vote)).status).toBe(403);
    const following = page.follow(run);
    expect((await page.act(path, vote)).body).toEqual({ result: 'counted', approvals: 1, needed: 1 });
    const events = await following;
    const entries = events.filter(({ event }) => event === 'entry').map(({ data }) => data);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
    expect(entries.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['vote', 'gate.approved', 'run.ended']),
    );
    expect(events.at(-1)).toEqual({ event: 'status', data: { status: 'succeeded', waitingOn: [] } });
    // The password that the run made is in none of it.
    expect(JSON.stringify(events)).not.toMatch(/"v1\.k\d\./);
  });

  it('has nothing for the manager any more, and nothing for whoever has signed out', async () => {
    await until('an empty inbox', async () => {
      const { items } = (await page.ask<{ items: InboxItem[] }>('GET', '/inbox')).body;
      return items.length === 0 || undefined;
    });
    expect((await page.act('/sign-out', {})).status).toBe(200);
    expect((await page.ask('GET', '/inbox')).status).toBe(401);
  });

  it('serves a page to browsers, and the same API to the command line', async () => {
    const response = await fetch(`${page.base}/runs/${run}`, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    const { body } = await stack.api<{ mayOperate: boolean; outline: object[] }>(
      coordinator,
      'GET',
      `/runs/${run}`,
    );
    expect(body.outline.length).toBeGreaterThan(5);
  });
});
