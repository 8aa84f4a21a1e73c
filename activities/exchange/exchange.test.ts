import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Mailboxes } from '../../sandbox/exchange/mailboxes.ts';
import { Directory } from '../../sandbox/graph/directory.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { entra } from '../entra/index.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { exchange } from './index.ts';

let sandbox: Sandbox;
let attempts: Attempts;
let people: Attempts;

const lou = 'lou.maier@example.com';
const robin = 'robin.sato@example.com';
const alex = 'alex.duarte@example.com';
const dana = 'dana.reyes@example.com';

beforeAll(async () => {
  sandbox = await startSandbox();
  const { entra: shared, exchange: own } = sandbox.connectors;
  attempts = attemptsOf(exchange, { ...shared, ...own }, ['clientSecret']);
  people = attemptsOf(entra, shared ?? {}, ['clientSecret']);
});
beforeEach(async () => {
  await people.call('entra.getUser', { user: lou }).catch(() =>
    people.call('entra.createUser', {
      userPrincipalName: lou,
      displayName: 'Lou Maier',
      usageLocation: 'DE',
    }),
  );
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const count = (effect: string) => sandbox.effects.list({ system: 'exchange', effect }).length;
const changes = () => sandbox.effects.list({ system: 'exchange' }).length;

async function sandboxDoes(what: string, body: object): Promise<void> {
  const response = await fetch(`${sandbox.url}/_sandbox/exchange/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(204);
}

async function setPace(pace: Record<string, number>): Promise<void> {
  const response = await fetch(`${sandbox.url}/_sandbox/exchange/pace`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(pace),
  });
  expect(response.status).toBe(204);
}

const typeOf = async (user: string) => (await attempts.call('exchange.getMailbox', { user })).type;

async function becomes(type: string, user: string): Promise<void> {
  for (let tries = 0; tries < 50 && (await typeOf(user)) !== type; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await typeOf(user)).toBe(type);
}

/** Each write, what it says it did, and the effect that it has once. */
const writes: [action: string, input: Record<string, string>, did: object, again: object, effect: string][] =
  [
    [
      'exchange.setAutoReply',
      { user: lou, internal: 'I have left.\nWrite to Dana & co.', external: 'Gone.' },
      { set: true },
      { set: false },
      'autoReply.set',
    ],
    ['exchange.hideFromAddressLists', { user: lou }, { hidden: true }, { hidden: false }, 'mailbox.hidden'],
    ['exchange.setForwarding', { user: lou, to: dana }, { set: true }, { set: false }, 'forwarding.set'],
    [
      'exchange.removeInboxRules',
      { user: lou },
      { removed: ['Forward everything to my own address', 'Newsletters'] },
      { removed: [] },
      'rule.removed',
    ],
    [
      'exchange.removeMobileDevices',
      { user: lou },
      { removed: ['Lou’s iPhone'] },
      { removed: [] },
      'mobileDevice.removed',
    ],
    [
      'exchange.cancelMeetings',
      { user: lou, from: '2026-12-01' },
      { done: true },
      { done: true },
      'meeting.cancelled',
    ],
    [
      'exchange.grantMailboxAccess',
      { user: lou, to: dana },
      { granted: true },
      { granted: false },
      'access.granted',
    ],
  ];

describe.each(writes)('%s', (action, input, did, again, effect) => {
  const times = action === 'exchange.removeInboxRules' ? 2 : 1;

  it('does it once, however often it is tried', async () => {
    const before = changes();
    const preview = await attempts.preview(action, input);
    expect(preview?.summary).toMatch(/^would .*lou\.maier@example\.com/);
    expect(preview?.nothingToDo).toBeUndefined();
    expect(changes()).toBe(before);
    expect(await attempts.call(action, input)).toEqual(did);
    expect(await attempts.call(action, input)).toEqual(again);
    expect(count(effect)).toBe(times);
    if (action === 'exchange.cancelMeetings') return;
    expect(await attempts.verify(action, input)).toBe(true);
    expect(await attempts.preview(action, input)).toMatchObject({ nothingToDo: true });
  });

  it('has one effect when the answer was lost', async () => {
    const isGraph = ['exchange.setAutoReply', 'exchange.removeInboxRules'].includes(action);
    // The last request of an action is the one that writes.
    const system = isGraph ? 'graph' : 'exchange';
    const method = action === 'exchange.setAutoReply' ? 'PATCH' : isGraph ? 'DELETE' : 'POST';
    const lookups = isGraph ? 0 : lookupsBefore(action);
    for (let request = 0; request < lookups; request++)
      sandbox.faults.add({ system, method, times: 1, kind: 'delay', delayMs: 0 });
    sandbox.faults.add({ system, method, times: 1, kind: 'lostAnswer' });
    const failure = await attempts.fails(action, input);
    expect(failure).toMatchObject({ type: 'RetryableFailure', nonRetryable: false });
    expect(count(effect)).toBe(1);
    await attempts.call(action, input);
    expect(count(effect)).toBe(times);
  });

  it('is slowed down when the service asks for it', async () => {
    const system =
      action === 'exchange.setAutoReply' || action === 'exchange.removeInboxRules' ? 'graph' : 'exchange';
    sandbox.faults.add({ system, times: 1, kind: 'status', status: 429, retryAfter: 7 });
    const failure = await attempts.fails(action, input);
    expect(failure).toMatchObject({ type: 'RateLimited', nextRetryDelay: 7_000 });
    expect(failure.message).toContain('asked to be called less often (429)');
  });

  it('has nothing to do for somebody who has no mailbox, and none on its way', async () => {
    await sandboxDoes('without', { user: robin });
    const given = { ...input, user: robin };
    expect(await attempts.preview(action, given)).toMatchObject({ nothingToDo: true });
    const before = changes();
    const output = await attempts.call(action, given);
    if (action !== 'exchange.cancelMeetings')
      expect(output).toMatchObject(
        Object.fromEntries(Object.entries(again).map(([key, value]) => [key, value])),
      );
    expect(output.skipped).toBe(
      'There is no mailbox of robin.sato@example.com, who has no licence with e-mail.',
    );
    expect(changes()).toBe(before);
    if (action !== 'exchange.cancelMeetings') expect(await attempts.verify(action, given)).toBe(true);
  });

  it('waits for the mailbox of somebody who has a licence with e-mail', async () => {
    await sandboxDoes('without', { user: lou });
    const failure = await attempts.fails(action, input);
    expect(failure.nonRetryable).toBe(false);
    expect(failure.message).toContain('Exchange has no mailbox for lou.maier@example.com.');
  });

  it('waits for the mailbox of somebody new', async () => {
    await setPace({ newMailboxMs: 60_000 });
    await people.call('entra.createUser', {
      userPrincipalName: 'ann.lee@example.com',
      displayName: 'Ann Lee',
      usageLocation: 'DE',
    });
    const failure = await attempts.fails(action, { ...input, user: 'ann.lee@example.com' });
    expect(failure.nonRetryable).toBe(false);
    expect(failure.message).toContain('Exchange has no mailbox for ann.lee@example.com.');
  });
});

function lookupsBefore(action: string): number {
  return ['exchange.removeMobileDevices', 'exchange.grantMailboxAccess'].includes(action) ? 2 : 1;
}

describe('Taking it back', () => {
  it.each([
    [
      'exchange.setAutoReply',
      'exchange.clearAutoReply',
      { internal: 'Away.' },
      'cleared',
      'autoReply.cleared',
    ],
    ['exchange.hideFromAddressLists', 'exchange.showInAddressLists', {}, 'shown', 'mailbox.shown'],
    ['exchange.setForwarding', 'exchange.clearForwarding', { to: dana }, 'cleared', 'forwarding.cleared'],
    [
      'exchange.grantMailboxAccess',
      'exchange.revokeMailboxAccess',
      { to: dana },
      'revoked',
      'access.revoked',
    ],
  ])('of %s is %s', async (action, undo, more, field, effect) => {
    const input = { user: robin, ...more };
    const back = undo === 'exchange.revokeMailboxAccess' ? input : { user: robin };
    expect(await attempts.preview(undo, back)).toMatchObject({ nothingToDo: true });
    await attempts.call(action, input);
    expect(await attempts.verify(undo, back)).toBe(false);
    expect((await attempts.preview(undo, back))?.summary).toMatch(/^would .*robin\.sato@example\.com/);
    expect(await attempts.call(undo, back)).toEqual({ [field]: true });
    expect(await attempts.call(undo, back)).toEqual({ [field]: false });
    expect(count(effect)).toBe(1);
    expect(await attempts.verify(undo, back)).toBe(true);
  });
});

describe('An out-of-office reply', () => {
  const reply = () => sandbox.effects.list({ effect: 'autoReply.set' }).at(-1)?.detail?.changes;

  it('answers everybody alike unless told otherwise, with text as text', async () => {
    await attempts.call('exchange.setAutoReply', { user: robin, internal: 'Ask <Kim>.' });
    expect(reply()).toMatchObject({
      autoReply: {
        status: 'alwaysEnabled',
        externalAudience: 'all',
        externalReplyMessage: expect.stringContaining('Ask &lt;Kim&gt;.'),
      },
    });
    await attempts.call('exchange.setAutoReply', { user: robin, internal: 'Ask Kim.', external: '' });
    expect(reply()).toMatchObject({ autoReply: { externalAudience: 'none' } });
  });

  it('keeps to its time, which a second try finds again', async () => {
    const input = {
      user: robin,
      internal: 'Away.',
      from: '2026-12-21T01:00:00+01:00',
      to: '2027-01-04T00:00:00Z',
    };
    expect(await attempts.call('exchange.setAutoReply', input)).toEqual({ set: true });
    expect(reply()).toMatchObject({
      autoReply: {
        status: 'scheduled',
        scheduledStartDateTime: { dateTime: '2026-12-21T00:00:00.0000000', timeZone: 'UTC' },
        scheduledEndDateTime: { dateTime: '2027-01-04T00:00:00.0000000', timeZone: 'UTC' },
      },
    });
    expect(await attempts.call('exchange.setAutoReply', input)).toEqual({ set: false });
    const later = { ...input, to: '2027-01-05T00:00:00Z' };
    expect(await attempts.call('exchange.setAutoReply', later)).toEqual({ set: true });
  });

  it('that would end before it begins is refused', async () => {
    const failure = await attempts.fails('exchange.setAutoReply', {
      user: robin,
      internal: 'Away.',
      from: '2027-01-04T00:00:00Z',
      to: '2026-12-21T00:00:00Z',
    });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('would end (2026-12-21T00:00:00Z) before it begins');
  });
});

describe('Forwarding', () => {
  it('says where mail went before, and whether a copy stays', async () => {
    await attempts.call('exchange.setForwarding', { user: robin, to: 'help@partner.example.net' });
    expect(await attempts.call('exchange.getMailbox', { user: robin })).toMatchObject({
      forwardingTo: 'help@partner.example.net',
    });
    const toDana = { user: robin, to: dana, keepCopy: false };
    expect(await attempts.preview('exchange.setForwarding', toDana)).toEqual({
      summary: `would forward mail of ${robin} to ${dana} instead of help@partner.example.net, keeping none`,
    });
    expect(await attempts.call('exchange.setForwarding', toDana)).toEqual({
      set: true,
      before: 'help@partner.example.net',
    });
    expect(sandbox.effects.list({ effect: 'forwarding.set' }).at(-1)?.detail?.changes).toEqual({
      forwardingSmtpAddress: `smtp:${dana}`,
      forwardingAddress: null,
      deliverToMailboxAndForward: false,
    });
  });

  it('to nobody is refused before anything changes', async () => {
    const failure = await attempts.fails('exchange.setForwarding', { user: robin, to: 'nobody' });
    expect(failure.message).toContain('Entra ID has no user nobody to forward mail to.');
    expect(changes()).toBe(0);
  });
});

describe('Making a mailbox shared', () => {
  it('takes a while, and is undone', async () => {
    await setPace({ conversionMs: 300 });
    expect(await attempts.call('exchange.getMailbox', { user: lou })).toEqual({
      type: 'user',
      sizeMegabytes: 3_072,
      hidden: false,
      primaryAddress: lou,
    });
    expect(await attempts.preview('exchange.convertToShared', { user: lou })).toEqual({
      summary: `would make the mailbox of ${lou} shared; it has 3072 megabytes`,
    });
    expect(await attempts.call('exchange.convertToShared', { user: lou })).toEqual({
      converting: true,
      sizeMegabytes: 3_072,
    });
    expect(await typeOf(lou)).toBe('user');
    await becomes('shared', lou);
    expect(await attempts.call('exchange.convertToShared', { user: lou })).toMatchObject({
      converting: false,
    });
    expect(await attempts.preview('exchange.convertToShared', { user: lou })).toMatchObject({
      nothingToDo: true,
    });
    expect(count('mailbox.converted')).toBe(1);

    expect(await attempts.call('exchange.convertToUser', { user: lou })).toEqual({ converting: true });
    await becomes('user', lou);
    expect(await attempts.call('exchange.convertToUser', { user: lou })).toEqual({ converting: false });
    expect(count('mailbox.converted')).toBe(2);
  });

  it.each(['exchange.convertToShared', 'exchange.convertToUser'])(
    'is only begun by %s, so that nothing is read back at once',
    async (action) => {
      expect(await attempts.verify(action, { user: lou })).toBeUndefined();
    },
  );

  it('goes on with the same conversion when the answer was lost', async () => {
    sandbox.faults.add({ system: 'exchange', times: 1, kind: 'delay', delayMs: 0 });
    sandbox.faults.add({ system: 'exchange', times: 1, kind: 'delay', delayMs: 0 });
    sandbox.faults.add({ system: 'exchange', times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails('exchange.convertToShared', { user: lou })).nonRetryable).toBe(false);
    expect(await attempts.call('exchange.convertToShared', { user: lou })).toMatchObject({
      converting: true,
    });
    expect(count('mailbox.converted')).toBe(1);
  });

  it('is taken back while it is still under way', async () => {
    await setPace({ conversionMs: 500 });
    await attempts.call('exchange.convertToShared', { user: lou });
    await attempts.call('exchange.convertToUser', { user: lou });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await typeOf(lou)).toBe('user');
  });

  it('is refused for more than a shared mailbox may hold without a licence', async () => {
    const failure = await attempts.fails('exchange.convertToShared', { user: alex });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain(
      `The mailbox of ${alex} has 62464 megabytes, and a shared mailbox of more than 51200 would need a licence.`,
    );
    expect(await attempts.preview('exchange.convertToShared', { user: alex })).toMatchObject({
      problems: [expect.stringContaining('would need a licence')],
    });
    expect(changes()).toBe(0);
  });
});

describe('Access to a mailbox', () => {
  it('goes to nobody who is not there', async () => {
    const input = { user: robin, to: 'nobody@example.com' };
    const failure = await attempts.fails('exchange.grantMailboxAccess', input);
    expect(failure.message).toContain('Entra ID has no user nobody@example.com to open the mailbox.');
    expect(changes()).toBe(0);
  });
});

describe('Exchange', () => {
  it('is asked in the way of its own module, with a token of its own', async () => {
    const answer = await fetch(
      `${sandbox.url}/exchange/adminapi/beta/example.onmicrosoft.com/InvokeCommand`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${await graphToken()}`, 'x-anchormailbox': `UPN:${robin}` },
      },
    );
    expect(answer.status).toBe(401);
    const lines = (await (await fetch(`${sandbox.url}/_sandbox/requests`)).json()) as string[];
    expect(lines.some((line) => line.includes('/adminapi/beta/'))).toBe(true);
  });

  it('refuses in its own words, with the id of the request', async () => {
    sandbox.faults.add({ system: 'exchange', times: 1, kind: 'status', status: 403 });
    const failure = await attempts.fails('exchange.getMailbox', { user: robin });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('Exchange does not allow it (403): The service is unavailable.');
    expect(failure.message).not.toContain('|');
  });

  it('gets a new token when it no longer accepts the old one', async () => {
    await attempts.call('exchange.getMailbox', { user: robin });
    sandbox.faults.add({ system: 'exchange', times: 1, kind: 'status', status: 401 });
    expect(await attempts.call('exchange.getMailbox', { user: robin })).toMatchObject({ type: 'user' });
    sandbox.faults.add({ system: 'exchange', times: 2, kind: 'status', status: 401 });
    const failure = await attempts.fails('exchange.getMailbox', { user: robin });
    expect(failure.message).toContain('Exchange refused the credentials (401)');
  });

  it('never gets credentials in the clear on another machine', async () => {
    const open = attemptsOf(
      exchange,
      { ...sandbox.connectors.entra, exchangeUrl: 'http://exchange.example.com' },
      ['clientSecret'],
    );
    const failure = await open.fails('exchange.getMailbox', { user: robin });
    expect(failure.message).toContain(
      'connectors.exchange.exchangeUrl in countersign.yaml must begin with https://',
    );
  });

  it('remembers what was changed when it starts again', async () => {
    await attempts.call('exchange.hideFromAddressLists', { user: robin });
    await attempts.call('exchange.grantMailboxAccess', { user: robin, to: dana });
    const directory = new Directory(sandbox.effects, sandbox.faults);
    const again = new Mailboxes(sandbox.effects, directory);
    expect(again.find(robin)).toMatchObject({ hidden: true, fullAccess: [dana] });
  });
});

async function graphToken(): Promise<string> {
  const { tenant, clientId, clientSecret } = sandbox.connectors.entra as Record<string, string>;
  const response = await fetch(`${sandbox.url}/login/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId ?? '',
      client_secret: clientSecret ?? '',
      scope: `${sandbox.url}/graph/.default`,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

describe('Somebody without a mailbox', () => {
  it('is told apart by what kind of mailbox they have: none', async () => {
    await sandboxDoes('without', { user: robin });
    expect(await attempts.call('exchange.getMailbox', { user: robin })).toEqual({
      type: 'none',
      sizeMegabytes: 0,
      hidden: false,
      primaryAddress: '',
    });
    for (const [action, did] of [
      ['exchange.convertToShared', { converting: false }],
      ['exchange.convertToUser', { converting: false }],
      ['exchange.clearAutoReply', { cleared: false }],
      ['exchange.clearForwarding', { cleared: false }],
      ['exchange.showInAddressLists', { shown: false }],
    ] as const)
      expect(await attempts.call(action, { user: robin }, { step: 'without' })).toMatchObject({
        ...did,
        skipped: expect.any(String),
      });
  });
});

describe('Mail and mailbox for somebody whose account is disabled', () => {
  it.each(['exchange.setForwarding', 'exchange.grantMailboxAccess'])(
    'is a problem that %s shows before anybody signs',
    async (action) => {
      expect(await attempts.preview(action, { user: lou, to: dana })).not.toHaveProperty('problems');
      await people.call('entra.disableUser', { user: dana });
      expect(await attempts.preview(action, { user: lou, to: dana })).toMatchObject({
        problems: [
          'The account of dana.reyes@example.com is disabled: they could not use what they are given. Name somebody else, or enable it first.',
        ],
      });
    },
  );
});
