import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { specsFolder } from '../sandbox/contract.ts';
import type { Delivery } from '../store/deliveries.ts';
import { connectorSecrets, expectNoCanaries } from './support/canaries.ts';
import { withoutContracts } from './support/skipped.ts';
import {
  coordinator,
  effectsOf,
  manager,
  onceEach,
  TestStack,
  until,
  webhookSecret,
} from './support/stack.ts';

let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.start('main-job');
}, 300_000);

afterEach(async () => {
  await stack.noFaults();
});

afterAll(async () => {
  try {
    const passwords = (await stack.mails()).flatMap((mail) => firstPasswordIn(mail.text) ?? []);
    expect(passwords.length).toBeGreaterThan(5);
    await expectNoCanaries(stack, [
      ...connectorSecrets(stack),
      { name: 'the webhook’s secret', value: webhookSecret },
      ...passwords.map((value) => ({ name: 'a first password', value, mailedTo: manager })),
    ]);
  } finally {
    await stack.stop();
  }
}, 120_000);

function firstPasswordIn(text: string): string | undefined {
  return /First password[^:]*: (\S+)/.exec(text)?.[1];
}

function signed(body: string, more: Record<string, string> = {}) {
  const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
  return {
    body,
    headers: { 'content-type': 'application/json', 'x-hub-signature': `sha256=${signature}`, ...more },
  };
}

async function runCount(): Promise<number> {
  const { body } = await stack.api<{ runs: unknown[] }>(coordinator, 'GET', '/runs?limit=500');
  return body.runs.length;
}

describe('An approved ticket', () => {
  it('onboards the new hire, each effect once, and closes the ticket', async () => {
    const { run, key } = await stack.startRun({ givenName: 'Mia', familyName: 'Berg' });
    const gate = await stack.gate(run);
    expect(gate.approvers).toEqual([manager]);
    expect(gate.shown).toMatchObject({ show: { account: 'mia.berg@example.com', licence: 'SPE_E3' } });
    expect(gate.preview?.stopped).toBeUndefined();
    expect(gate.preview?.steps.map(({ step, summary }) => [step, summary])).toEqual(
      expect.arrayContaining([
        ['account', 'would create mia.berg@example.com'],
        [
          'licence',
          expect.stringMatching(/^would assign SPE_E3 once the account is there; \d+ of \d+ free$/),
        ],
        ['join[2]', 'would add ‹mia.berg@example.com› to VPN Users'],
        ['done', expect.stringContaining('Done')],
      ]),
    );
    expect((await stack.effects({ subject: 'mia.berg@example.com' })).length).toBe(0);
    expect((await stack.vote(run, manager)).status).toBe(200);
    const ended = await stack.waitFor(run, ['succeeded', 'parked']);
    expect(ended.status).toBe('succeeded');
    const subjects = await until('the requester to be told', async () => {
      const told = (await stack.mails()).filter(
        ({ text, to }) => text.includes(run) && to === ended.requester,
      );
      return told.length === 2 ? told.map(({ subject }) => subject) : undefined;
    });
    const about = `New hire onboarding: Mia Berg (${key})`;
    expect(subjects).toEqual([`Started: ${about}`, `Done: ${about}`]);
    expect(await effectsOf(stack, 'mia.berg@example.com', key)).toEqual(onceEach);
  });

  it('waits for its manager, who finds it in the inbox and nobody else does', async () => {
    const { run } = await stack.startRun({ givenName: 'Noa', familyName: 'Falk' });
    await stack.gate(run);
    const inbox = (as: string) =>
      stack
        .api<{ runs: { id: string }[] }>(as, 'GET', '/runs?waitingFor=me')
        .then(({ body }) => body.runs.map(({ id }) => id));
    await until('the run in the inbox', async () =>
      (await inbox(manager)).includes(run) ? true : undefined,
    );
    expect(await inbox(coordinator)).not.toContain(run);
  });

  it('that the manager refuses creates nothing and ends as rejected', async () => {
    const { run, key } = await stack.startRun({ givenName: 'Ole', familyName: 'Kern' });
    await stack.vote(run, manager, 'reject');
    const ended = await stack.waitFor(run, ['rejected']);
    expect(ended.reason).toContain(`was refused by ${manager}`);
    expect((await effectsOf(stack, 'ole.kern@example.com', key)).users).toBe(0);
  });

  it('whose preview takes its time asks the manager all the same, once', async () => {
    await stack.fault({ system: 'graph', path: 'subscribedSkus', kind: 'delay', delayMs: 5_000, times: 1 });
    const { run } = await stack.startRun({ givenName: 'Uwe', familyName: 'Lahm' });
    const gate = await stack.gate(run);
    await stack.noFaults();
    expect(gate.preview?.steps.find(({ step }) => step === 'licence')?.summary).toContain(
      'would assign SPE_E3',
    );
    const asking = async () =>
      (await stack.mails()).filter(
        ({ text, subject }) => text.includes(run) && subject.startsWith('Please sign'),
      );
    // Sent beside the run, from the outbox.
    const asked = await until('the manager’s mail', async () => {
      const mails = await asking();
      return mails.length > 0 ? mails : undefined;
    });
    expect(asked).toHaveLength(1);
  });

  it('that is taken back while its run waits aborts the run, once, and the run says why', async () => {
    const { run, key } = await stack.startRun({ givenName: 'Rea', familyName: 'Lund' });
    await stack.gate(run);
    const delivery = await stack.moved(key, 'Rejected');
    expect((await stack.deliver(delivery)).body).toMatchObject({ outcome: 'told', run });
    expect((await stack.deliver(delivery)).body).toMatchObject({ outcome: 'told', run });
    const ended = await stack.waitFor(run, ['cancelled']);
    expect(ended.reason).toContain(`${key} moved to Rejected`);
    const commands = (await stack.journal(run)).filter(({ kind }) => kind === 'command');
    expect(commands).toHaveLength(1);
    expect((await stack.effects({ subject: 'rea.lund@example.com' })).length).toBe(0);
  });

  it('that is taken back aborts every run that goes on for it', async () => {
    const { run, key } = await stack.startRun({ givenName: 'Una', familyName: 'Dahl' });
    const second = await stack.api<{ id: string }>(coordinator, 'POST', '/runs', {
      runbook: 'patch-ring',
      ticket: { system: 'jira', key },
      inputs: { rings: ['Patch ring pilot'], month: 'November 2026' },
    });
    await stack.gate(run);
    await stack.gate(second.body.id);
    expect((await stack.deliver(await stack.moved(key, 'Rejected'))).body).toMatchObject({ outcome: 'told' });
    for (const each of [run, second.body.id]) await stack.waitFor(each, ['cancelled']);
  });

  it('that is deleted aborts its run, and is no hindrance to its end', async () => {
    const { run, key } = await stack.startRun({ givenName: 'Ada', familyName: 'Gone' });
    await stack.gate(run);
    expect((await stack.deliver(await stack.deleted(key))).body).toMatchObject({ outcome: 'told', run });
    expect((await stack.waitFor(run, ['cancelled'])).reason).toContain(`${key} was deleted`);
  });

  it('that moves to another project is shown under its new key, and its run comments there', async () => {
    const { run, key } = await stack.startRun({ givenName: 'Ulf', familyName: 'Umzug' });
    await stack.gate(run);
    const moved = await stack.movedTo(key, 'IT');
    expect((await stack.deliver(moved)).body).toMatchObject({ outcome: 'told', run });
    const shown = await stack.run(run);
    expect(shown.ticket?.key).toMatch(/^IT-/);
    await stack.vote(run, manager);
    await stack.waitFor(run, ['succeeded']);
    expect(await effectsOf(stack, 'ulf.umzug@example.com', shown.ticket?.key ?? '')).toEqual(onceEach);
  });

  it('for a person of a name that somebody has already starts too: the gate says so, and another sign-in name is chosen', async () => {
    const hire = { givenName: 'Ira', familyName: 'Doppel' };
    const first = await stack.startRun(hire);
    await stack.vote(first.run, manager);
    await stack.waitFor(first.run, ['succeeded']);
    const second = await stack.startRun(hire);
    expect(second.run).not.toBe(first.run);
    const { preview } = await stack.gate(second.run);
    const problems = preview?.steps.find(({ step }) => step === 'account')?.problems ?? [];
    expect(problems.join()).toContain('ira.doppel@example.com already belongs to Ira Doppel');
    const inputs = { signInName: 'ira.doppel2' };
    const amended = await stack.api(coordinator, 'POST', `/runs/${second.run}/amend`, { inputs });
    expect(amended.status).toBe(200);
    await until('the gate to show the other name', async () => {
      const { shown } = await stack.gate(second.run);
      return JSON.stringify(shown).includes('ira.doppel2@example.com') ? true : undefined;
    });
    await stack.vote(second.run, manager);
    await stack.waitFor(second.run, ['succeeded']);
    expect(await effectsOf(stack, 'ira.doppel2@example.com', second.key)).toEqual(onceEach);
  });

  it('whose start date is edited amends its run: votes are void, and only that field follows the ticket', async () => {
    const { run, key } = await stack.startRun({ givenName: 'Sol', familyName: 'Moen' });
    const before = await stack.gate(run);
    const other = await stack.deliver(await stack.edited(key, { customfield_10105: 'FR' }));
    expect(other.body).toMatchObject({ outcome: 'not for us' });
    const moved = await stack.deliver(await stack.edited(key, { customfield_10103: '2027-03-01' }));
    expect(moved.body).toMatchObject({ outcome: 'told', run });
    expect(moved.body.reason).toContain('another startDate');
    const after = await until('the gate to show the new date', async () => {
      const gate = await stack.gate(run);
      return gate.hash !== '' && gate.hash !== before.hash ? gate : undefined;
    });
    expect(after.shown).toMatchObject({ inputs: { startDate: '2027-03-01', country: 'DE' } });
    const wrong = await stack.deliver(await stack.edited(key, { customfield_10103: 'next week' }));
    expect(wrong.body).toMatchObject({ outcome: 'rejected' });
    expect(wrong.body.reason).toContain('must be a date');
  });

  it('parks where a licence is used up, and goes on when the coordinator chooses another', async () => {
    const { run, key } = await stack.startRun({ givenName: 'Pia', familyName: 'Holm', licence: 'SPE_E5' });
    await stack.vote(run, manager);
    const parked = await stack.waitFor(run, ['parked']);
    const [waiting] = parked.waitingOn;
    expect(waiting).toMatchObject({ step: 'licence', kind: 'parked', role: 'it-coordinators' });
    const [failed] = (await stack.journal(run)).filter((entry) => entry.kind === 'step.parked');
    expect(failed?.data?.message).toBe(
      'There are no free units of SPE_E5 (25 of 25 used). Buy more or free one, then retry this step.',
    );
    const told = await until('the owner’s mail', async () =>
      (await stack.mails()).find((mail) => mail.to === coordinator && mail.subject.startsWith('Needs you')),
    );
    expect(told.text).toContain('There are no free units of SPE_E5');
    const input = { user: 'pia.holm@example.com', license: 'SPE_E3' };
    const refused = await stack.api(manager, 'POST', `/runs/${run}/steps/licence/retry`, { with: input });
    expect(refused.status).toBe(403);
    expect(
      (await stack.api(coordinator, 'POST', `/runs/${run}/steps/licence/retry`, { with: input })).status,
    ).toBe(200);
    // The manager signed another licence: until they have signed this one too, it is not assigned.
    const asked = await stack.gate(run);
    expect(asked.shown.proposed).toMatchObject([
      { by: coordinator, changes: [{ path: 'steps.licence.with', after: input }] },
    ]);
    expect((await stack.vote(run, manager)).status).toBe(200);
    await stack.waitFor(run, ['succeeded']);
    expect(await effectsOf(stack, 'pia.holm@example.com', key)).toEqual(onceEach);
  });

  it('is taken back when the coordinator aborts it', async () => {
    const { run } = await stack.startRun({ givenName: 'Rik', familyName: 'Voss', licence: 'SPE_E5' });
    await stack.vote(run, manager);
    await stack.waitFor(run, ['parked']);
    const body = { comment: 'offer withdrawn' };
    expect((await stack.api(coordinator, 'POST', `/runs/${run}/abort`, body)).status).toBe(200);
    const ended = await stack.waitFor(run, ['cancelled']);
    expect(ended.reason).toBe(`aborted by ${coordinator}: offer withdrawn`);
    expect(await stack.effects({ effect: 'user.deleted', subject: 'rik.voss@example.com' })).toHaveLength(1);
  });
});

describe('The same ticket transition', () => {
  it('delivered ten times at once makes one run', async () => {
    const key = await stack.ticket({ givenName: 'Eva', familyName: 'Ried' });
    const delivery = await stack.moved(key);
    const before = await runCount();
    const answers = await Promise.all(Array.from({ length: 10 }, () => stack.deliver(delivery)));
    expect(new Set(answers.map((answer) => answer.body.run)).size).toBe(1);
    expect(answers.every((answer) => answer.status === 200 || answer.status === 202)).toBe(true);
    expect(await runCount()).toBe(before + 1);
  });

  it('reported by a second webhook makes no second run', async () => {
    const key = await stack.ticket({ givenName: 'Uwe', familyName: 'Thal' });
    const delivery = await stack.moved(key);
    const first = await stack.deliver(delivery);
    const headers = { ...delivery.headers, 'x-atlassian-webhook-identifier': 'another-webhook' };
    const second = await stack.deliver({ ...delivery, headers });
    expect(second).toMatchObject({ status: 200, body: { outcome: 'already', run: first.body.run } });
  });

  it('is accepted later when Temporal is away, and nothing is lost', async () => {
    const key = await stack.ticket({ givenName: 'Liv', familyName: 'Gran' });
    const delivery = await stack.moved(key);
    const { temporal } = stack.stack.parts;
    await temporal.stop();
    const away = await stack.deliver(delivery);
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toBe('5');
    await temporal.start();
    const accepted = await until('the delivery to be accepted', async () => {
      const answer = await stack.deliver(delivery);
      return answer.status === 503 ? undefined : answer;
    });
    // The gateway may have taken it up itself meanwhile.
    expect(['started', 'already']).toContain(accepted.body.outcome);
    await stack.gate(accepted.body.run ?? '');
  }, 120_000);

  it('is answered at once when Temporal and then the gateway are away, and starts its run when they are back', async () => {
    const key = await stack.ticket({ givenName: 'Ole', familyName: 'Fern' });
    const delivery = await stack.moved(key);
    const { temporal, gateway } = stack.stack.parts;
    await temporal.stop();
    const { status, body } = await stack.deliver(delivery, {});
    expect({ status, body }).toEqual({
      status: 202,
      body: { outcome: 'received', delivery: expect.any(String) },
    });
    gateway.kill();
    await temporal.start();
    await gateway.waitReady();
    const settled = await until(
      'the delivery to be handled',
      async () => {
        const path = `/deliveries/${body.delivery}`;
        const { body: shown } = await stack.api<Delivery>(coordinator, 'GET', path);
        return shown.outcome === 'received' ? undefined : shown;
      },
      60_000,
    );
    expect(settled).toMatchObject({ outcome: 'started', runId: expect.any(String) });
    await stack.gate(settled.runId ?? '');
  }, 120_000);
});

describe('A delivery', () => {
  it.each([
    ['is not signed', {}, 'not signed'],
    [
      'is signed with another secret',
      { 'x-hub-signature': `sha256=${'0'.repeat(64)}` },
      'does not match the body',
    ],
    ['is signed with a weaker method', { 'x-hub-signature': 'sha1=0000' }, 'only sha256 is accepted'],
  ])('that %s is not believed', async (_, headers, words) => {
    const before = await runCount();
    const answer = await stack.deliver({
      body: '{}',
      headers: { 'content-type': 'application/json', ...headers },
    });
    expect(answer.status).toBe(401);
    expect(answer.body.detail).toContain(words);
    expect(await runCount()).toBe(before);
  });

  it('that lacks a required input is rejected, with its reason kept', async () => {
    const key = await stack.ticket({ givenName: '', familyName: 'Nameless' });
    const answer = await stack.deliver(await stack.moved(key));
    expect(answer.status).toBe(422);
    expect(answer.body.reason).toContain('(`givenName`) must have at least 1 character');
    const { body } = await stack.api<{ deliveries: Delivery[] }>(coordinator, 'GET', '/deliveries');
    expect(body.deliveries[0]).toMatchObject({ outcome: 'rejected', reason: answer.body.reason });
  });

  it.each([
    'not json',
    '[]',
    '"text"',
    '{"issue":5}',
    '{"webhookEvent":"jira:issue_updated","issue":{"key":"HR-1"},"changelog":{"items":[null,7]}}',
  ])('with the body %s gets an answer and starts nothing', async (body) => {
    const before = await runCount();
    const { status, body: answer } = await stack.deliver(signed(body));
    expect([200, 422]).toContain(status);
    expect(answer.reason).toBeTruthy();
    expect(await runCount()).toBe(before);
  });

  const payloads = join(specsFolder(), 'payloads');
  const published = existsSync(payloads)
    ? readdirSync(payloads).filter((name) => /^(jira|jsm)/.test(name))
    : [];
  const check = published.length > 0 ? it : it.skip;
  if (published.length === 0) withoutContracts('payloads that others published');

  check('as other senders have published them gets an answer with a reason, and starts nothing', async () => {
    const before = await runCount();
    for (const name of published) {
      const { status, body } = await stack.deliver(signed(readFileSync(join(payloads, name), 'utf8')));
      expect({ name, status }).toEqual({ name, status: 200 });
      expect(body.outcome).toBe('not for us');
      expect(body.reason).toBeTruthy();
    }
    expect(await runCount()).toBe(before);
  });
});

describe('A vote', () => {
  it('counts only from somebody who was asked, once, on what was shown, while the gate is open', async () => {
    const { run } = await stack.startRun({ givenName: 'Ann', familyName: 'Vik' });
    const gate = await stack.gate(run);
    const path = `/runs/${run}/steps/signoff/vote`;
    const outsider = await stack.api(coordinator, 'POST', path, { decision: 'approve', hash: gate.hash });
    expect(outsider).toMatchObject({
      status: 403,
      body: { detail: `${coordinator} was not asked to sign "The manager signs off". Asked: ${manager}.` },
    });
    const stale = await stack.api(manager, 'POST', path, { decision: 'approve', hash: 'something else' });
    expect(stale.status).toBe(409);
    expect((await stack.api(manager, 'POST', path, { decision: 'approve', hash: gate.hash })).status).toBe(
      200,
    );
    const second = await stack.api(manager, 'POST', path, { decision: 'approve', hash: gate.hash });
    expect(second.status).toBe(409);
    expect(String(second.body.detail)).toContain(`it was approved by ${manager}`);
  });

  it('sent twice under one key counts once, and gives nobody else its answer', async () => {
    const { run } = await stack.startRun({ givenName: 'Ida', familyName: 'Moe' });
    const { hash } = await stack.gate(run);
    const send = (as: string) =>
      stack.api(
        as,
        'POST',
        `/runs/${run}/steps/signoff/vote`,
        { decision: 'approve', hash },
        { 'idempotency-key': 'k-1' },
      );
    const first = await send(manager);
    expect(first).toMatchObject({ status: 200, body: { result: 'counted' } });
    // The headers tell the time, which goes on.
    const { status, body } = await send(manager);
    expect({ status, body }).toEqual({ status: first.status, body: first.body });
    expect((await send(coordinator)).status).not.toBe(200);
    await stack.waitFor(run, ['succeeded']);
    expect((await stack.journal(run)).filter(({ kind }) => kind === 'vote')).toHaveLength(1);
  });

  it('of nobody signed in, on an unknown run or an unknown step, says what to do', async () => {
    const url = `${stack.stack.addresses.gateway}/api/v1/runs`;
    expect((await fetch(url)).status).toBe(401);
    const unknown = await stack.api(manager, 'POST', '/runs/no-such-run/steps/signoff/vote', {
      decision: 'approve',
      hash: 'x',
    });
    expect(unknown).toMatchObject({
      status: 404,
      body: { detail: 'There is no run "no-such-run".' },
    });
    const { run } = await stack.startRun({ givenName: 'Bea', familyName: 'Lund' });
    await stack.gate(run);
    const step = await stack.api(manager, 'POST', `/runs/${run}/steps/sign/vote`, {
      decision: 'approve',
      hash: 'x',
    });
    expect(step).toMatchObject({
      status: 404,
      body: { detail: 'No approval "sign" has been asked for in this run. Open now: signoff.' },
    });
  });
});

describe('Bad days of the outside systems', () => {
  it.each([
    ['is throttled', { system: 'graph', kind: 'status', status: 429, retryAfter: 1, times: 3 }],
    ['is down for a moment', { system: 'graph', kind: 'status', status: 503, times: 3 }],
    [
      'loses the answer to the creation',
      { system: 'graph', method: 'POST', path: '/users$', kind: 'lostAnswer', times: 1 },
    ],
    [
      'loses the answer to the licence',
      { system: 'graph', path: 'assignLicense', kind: 'lostAnswer', times: 1 },
    ],
    ['does not show the new user at first', { system: 'graph', kind: 'notFoundAfterCreate', delayMs: 2_500 }],
    [
      'loses the answer to the comment',
      { system: 'jira', method: 'POST', path: 'comment', kind: 'lostAnswer', times: 1 },
    ],
    ['takes the mail and breaks off', { system: 'smtp', kind: 'lostAnswer', times: 1 }],
  ] as const)(
    'do no harm when the service %s',
    async (what, fault) => {
      const family = `Bad${what.replace(/[^a-z]/g, '').slice(0, 24)}`;
      const { run, key } = await stack.startRun({ givenName: 'Kai', familyName: family });
      await stack.gate(run);
      await stack.fault({ ...fault });
      await stack.vote(run, manager);
      const ended = await stack.waitFor(run, ['succeeded', 'parked'], 90_000);
      expect(ended.status).toBe('succeeded');
      expect(await effectsOf(stack, `kai.${family.toLowerCase()}@example.com`, key)).toEqual(onceEach);
    },
    120_000,
  );
});

describe('A first password', () => {
  it('reaches the manager’s mailbox', async () => {
    const { run } = await stack.startRun({ givenName: 'Zoe', familyName: 'Canary' });
    await stack.vote(run, manager);
    await stack.waitFor(run, ['succeeded']);
    const mail = (await stack.mails()).find(
      (each) => each.text.includes('zoe.canary@example.com') && each.text.includes('First password'),
    );
    expect(firstPasswordIn(mail?.text ?? '')?.length).toBeGreaterThan(11);
  });
});
