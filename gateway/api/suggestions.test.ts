/** Other inputs suggested at a gate, over the gateway's real server and database. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { QuestionTold } from '../../presentation/gate-questions.ts';
import { messageToSend } from '../../presentation/messages.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { Problem } from '../problem.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();

const asker = 'hr.lead@example.com';
const coordinator = 'c.kim@example.com';
const manager = 'm.roth@example.com';
const director = 'i.novak@example.com';

const move = `runbook: move
title: Move the core switch
kind: change
owner: role:it-coordinators
on:
  - manual: { by: [${asker}] }
inputs:
  begins: { type: string, format: date-time }
  ends: { type: string, format: date-time }
  pin: { type: string, sensitive: true }
change: { risk: medium, affects: [core], backout: Back to the old one. }
steps:
  - id: signoff
    title: The manager signs
    approve: { from: [${manager}, ${director}], quorum: 2, show: { begins: "\${{ inputs.begins }}" } }
  - id: tell
    uses: mail.send
    with: { to: ${manager}, subject: Done, text: "\${{ inputs.begins }} \${{ inputs.ends }} \${{ inputs.pin }}" }
`;

const [first, second, third] = ['2030-05-06T20:00:00Z', '2030-05-07T20:00:00Z', '2030-05-08T20:00:00Z'];
const ends = '2030-05-09T02:00:00Z';

/** What the first of its signatures has signed, the second may still suggest otherwise. */
const twice = `runbook: twice
title: Move it twice signed
kind: change
owner: role:it-coordinators
on:
  - manual: { by: [${asker}] }
inputs:
  begins: { type: string, format: date-time }
  note: { type: string, amend: free }
change: { risk: medium, affects: [core], backout: Back to the old one. }
steps:
  - id: before
    title: The director signs
    approve: { from: [${director}], show: { begins: "\${{ inputs.begins }}" } }
  - id: signoff
    title: The manager signs
    approve: { from: [${manager}], show: { note: "\${{ inputs.note }}" } }
  - id: until
    wait: { for: 30d }
  - id: tell
    uses: mail.send
    with: { to: ${manager}, subject: Done, text: "\${{ inputs.begins }} \${{ inputs.note }}" }
`;

interface Told extends QuestionTold {
  overtaken?: string;
}

interface Answer {
  questions: Told[];
  suggestable?: Record<string, object>;
  mayAccept: boolean;
}

describeWith(database)('other inputs at a gate', () => {
  let gateway: TestGateway;
  let run = '';
  beforeAll(async () => {
    gateway = await TestGateway.start({
      database: database?.url ?? '',
      runbooks: [move, twice],
      records: true,
    });
    run = await gateway.startRun(asker, 'move', { begins: first, ends, pin: 'canary-pin' });
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  const path = () => `/runs/${run}/steps/signoff/questions`;
  const seen = async (person: string) => (await gateway.as(person, 'GET', path())).json() as Answer;
  const gate = async () =>
    (await gateway.as(manager, 'GET', `/runs/${run}/steps/signoff/gate`)).json() as {
      hash: string;
      votes: object[];
      shown: { inputs: Record<string, unknown> };
    };
  const send = (person: string, to: string, payload: object) =>
    gateway.send({
      method: 'POST',
      url: `/api/v1${to}`,
      headers: { ...gateway.headersOf(person), 'idempotency-key': JSON.stringify(payload) },
      payload,
    });
  const suggest = (person: string, inputs: object, text = 'The vendor is there then.') =>
    send(person, path(), { text, inputs });
  const settle = (person: string, way: string, id: number | undefined, text?: string) =>
    send(person, `${path()}/${id}/${way}`, text === undefined ? {} : { text });
  const told = async () => gateway.store.outbox.claim();
  const inbox = async (person: string) =>
    ((await gateway.as(person, 'GET', '/inbox')).json() as { items: { kind: string }[] }).items;

  it('are suggested by whoever may sign, and wait with their difference for whoever asked, who also has the time for the calendar', async () => {
    expect(Object.keys((await seen(manager)).suggestable ?? {}).sort()).toEqual(['begins', 'ends']);
    expect((await seen(coordinator)).suggestable).toBeUndefined();
    for (let times = 0; times < 2; times++)
      expect((await suggest(manager, { begins: second, ends })).statusCode).toBe(204);
    const { questions, mayAccept } = await seen(coordinator);
    expect(mayAccept).toBe(true);
    expect(questions).toMatchObject([
      { by: manager, instead: [{ input: 'begins', before: first, after: second }] },
    ]);
    for (const person of [asker, coordinator])
      expect(await inbox(person)).toMatchObject([
        { kind: 'question', suggested: [{ input: 'begins', before: first, after: second }] },
      ]);
    const [mail, ...others] = await told();
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      to: [asker, coordinator],
      subject: 'Suggested before it is signed: The manager signs (Move the core switch)',
      text: expect.stringContaining(`begins: ${second} instead of ${first}\n\nThe vendor is there then.`),
    });
    const { calendar } = messageToSend(mail ?? { id: '', subject: '', text: '' }, mail?.about, {
      address: 'https://countersign.example.com',
      now: 0,
    });
    for (const line of ['DTSTART:20300507T200000Z', 'DTEND:20300509T020000Z', 'SUMMARY:Suggested time:'])
      expect(calendar).toContain(line);
  });

  it('are refused where they do not fit, are sealed, are nothing else, or come from whoever does not sign', async () => {
    const refused = async (person: string, inputs: object) => {
      const answer = await suggest(person, inputs);
      return `${answer.statusCode} ${answer.json().detail}`;
    };
    expect(await refused(manager, { begins: 'soon' })).toMatch(/^422 Move the core switch: .*begins/);
    expect(await refused(manager, { when: second })).toMatch(/^422 .*when/);
    expect(await refused(manager, { pin: 'canary-pin' })).toBe(
      '422 Move the core switch: pin is sealed, and what is suggested stays on record for all to read.',
    );
    expect(await refused(manager, { begins: first })).toBe(
      '422 Move the core switch: What is suggested is what stands already.',
    );
    expect(await refused(manager, { begins: `${'x'.repeat(25_000)}` })).toMatch(/^422 /);
    expect(await refused(coordinator, { begins: second })).toMatch(/^403 .*is not asked to sign/);
    expect((await seen(manager)).questions).toHaveLength(1);
  });

  it('are accepted once by whoever operates the run, which voids the signatures there are and asks again', async () => {
    const { hash } = await gate();
    const vote = { decision: 'approve', hash };
    await gateway.as(director, 'POST', `/runs/${run}/steps/signoff/vote`, vote);
    const [suggestion] = (await seen(manager)).questions;
    const byAsker = await settle(asker, 'accept', suggestion?.id);
    expect([byAsker.statusCode, byAsker.json().detail]).toEqual([
      403,
      `${asker} does not operate run ${run} (role:it-coordinators), so it is not theirs to change its inputs. They can decline it, or ask role:it-coordinators to accept it.`,
    ]);
    expect((await settle(coordinator, 'answer', suggestion?.id, 'Yes.')).statusCode).toBe(409);
    for (let times = 0; times < 2; times++)
      expect((await settle(coordinator, 'accept', suggestion?.id)).statusCode).toBe(204);
    await gateway.runs.settle(run);
    const open = await gate();
    expect(open.hash).not.toBe(hash);
    expect([open.votes, open.shown.inputs.begins]).toEqual([[], second]);
    const late = await settle(asker, 'decline', suggestion?.id, 'No.');
    expect([late.statusCode, late.json().detail]).toEqual([
      409,
      `Suggestion ${suggestion?.id} has been accepted already.`,
    ]);
    expect((await seen(manager)).questions).toMatchObject([
      { became: 'accepted', answers: [{ by: coordinator }] },
    ]);
    expect(await told()).toMatchObject([
      { to: [manager], subject: 'What you suggested is accepted: The manager signs (Move the core switch)' },
    ]);
    expect(await inbox(coordinator)).toEqual([]);
  });

  it('cannot be accepted once the inputs were changed otherwise, and are declined with a reason that their author reads', async () => {
    await suggest(director, { begins: third }, 'Later is better.');
    await told();
    await gateway.as(coordinator, 'POST', `/runs/${run}/amend`, { inputs: { begins: first } });
    await gateway.runs.settle(run);
    const suggestion = (await seen(coordinator)).questions.at(-1);
    expect(suggestion?.overtaken).toBe('begins has been changed since it was suggested.');
    const refused = await settle(coordinator, 'accept', suggestion?.id);
    expect([refused.statusCode, refused.json().detail]).toEqual([
      409,
      'What was suggested cannot be accepted any more. begins has been changed since it was suggested. Decline it, or change the inputs by hand.',
    ]);
    expect((await settle(asker, 'decline', suggestion?.id)).statusCode).toBe(400);
    expect((await settle(asker, 'decline', suggestion?.id, 'It is moved already.')).statusCode).toBe(204);
    expect((await seen(director)).questions.at(-1)).toMatchObject({
      became: 'declined',
      answers: [{ by: asker, text: 'It is moved already.' }],
    });
    expect(await told()).toMatchObject([
      { to: [director], text: expect.stringContaining('has declined it:\n\nIt is moved already.') },
    ]);
  });

  it('stay in the evidence when the signature has closed, and then cannot be accepted', async () => {
    await suggest(director, { begins: third }, 'Still later.');
    const suggestion = (await seen(coordinator)).questions.at(-1);
    for (const person of [manager, director])
      await gateway.as(person, 'POST', `/runs/${run}/steps/signoff/vote`, {
        decision: 'approve',
        hash: (await gate()).hash,
      });
    await gateway.runs.settle(run);
    const closed = await settle(coordinator, 'accept', suggestion?.id);
    expect([closed.statusCode, closed.json().detail]).toEqual([
      403,
      `Run ${run} has ended, and what was asked in it stays as it is.`,
    ]);
    const { questions } = (
      await gateway.as(director, 'GET', `/runs/${run}/steps/signoff/signatures`)
    ).json() as Answer;
    expect(questions.map(({ became }) => became)).toEqual(['accepted', 'declined', undefined]);
    expect(JSON.stringify(await gateway.store.audit.records(run))).not.toContain('canary-pin');
  });

  it('are told to wait, where an earlier signature covers them, and not as changed', async () => {
    run = await gateway.startRun(asker, 'twice', { begins: first, note: 'as planned' });
    const opening = await gateway.as(director, 'GET', `/runs/${run}/steps/before/gate`);
    await gateway.as(director, 'POST', `/runs/${run}/steps/before/vote`, {
      decision: 'approve',
      hash: opening.json().hash,
    });
    await gateway.runs.settle(run);
    expect((await suggest(manager, { begins: second, note: 'a day later' }, 'Later.')).statusCode).toBe(204);
    await told();
    const [suggestion] = (await seen(coordinator)).questions;
    expect((await settle(coordinator, 'accept', suggestion?.id)).statusCode).toBe(204);
    expect((await gate()).shown.inputs).toMatchObject({ note: 'a day later' });
    expect((await seen(manager)).questions).toMatchObject([{ became: 'accepted', proposed: ['begins'] }]);
    const [mail] = await told();
    expect(mail?.text).toContain(
      'note is changed, and people are asked again. begins is not changed yet: that waits for those who signed it.',
    );
  });

  it('can still be put on record as accepted after the signature has closed, where they are in force already', async () => {
    await suggest(manager, { note: 'two days later' }, 'Later still.');
    const suggestion = (await seen(coordinator)).questions.at(-1);
    // Accepted, and the answer was lost before it was on record.
    await gateway.as(coordinator, 'POST', `/runs/${run}/amend`, { inputs: { note: 'two days later' } });
    await gateway.runs.settle(run);
    const { hash } = await gate();
    await gateway.as(manager, 'POST', `/runs/${run}/steps/signoff/vote`, { decision: 'approve', hash });
    await gateway.runs.settle(run);
    expect((await gateway.as(manager, 'GET', `/runs/${run}/steps/signoff/gate`)).statusCode).not.toBe(200);
    const answer = await settle(coordinator, 'accept', suggestion?.id);
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect((await seen(manager)).questions.at(-1)).toMatchObject({ became: 'accepted' });
  });

  it('cannot be declined while the run is told of them, and can again once it has refused them', async () => {
    run = await gateway.startRun(asker, 'twice', { begins: first, note: 'as planned' });
    const { hash } = (await gateway.as(director, 'GET', `/runs/${run}/steps/before/gate`)).json();
    await gateway.as(director, 'POST', `/runs/${run}/steps/before/vote`, { decision: 'approve', hash });
    await gateway.runs.settle(run);
    await suggest(manager, { note: 'tomorrow' }, 'Later.');
    const [suggestion] = (await seen(coordinator)).questions;
    const declines: string[] = [];
    const update = gateway.runs.update;
    gateway.runs.update = async () => {
      const answer = await settle(asker, 'decline', suggestion?.id, 'No.');
      declines.push(`${answer.statusCode} ${answer.json().title}`);
      throw new Problem(409, 'Refused', 'The run is ending.');
    };
    const accepted = await settle(coordinator, 'accept', suggestion?.id);
    gateway.runs.update = update;
    expect(declines).toEqual(['409 Being accepted']);
    expect([accepted.statusCode, accepted.json().detail]).toEqual([409, 'The run is ending.']);
    const records = (await gateway.store.audit.records(run)).filter(({ kind }) =>
      kind.startsWith('question.'),
    );
    expect(records.map(({ kind }) => kind)).toEqual([
      'question.asked',
      'question.accepting',
      'question.refused',
    ]);
    expect((await settle(asker, 'decline', suggestion?.id, 'No, really.')).statusCode).toBe(204);
  });
});
