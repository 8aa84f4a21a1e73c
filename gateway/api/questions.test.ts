/** Questions at a gate, over the gateway's real server and database. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { QuestionTold } from '../../presentation/gate-questions.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();

const asker = 'hr.lead@example.com';
const coordinator = 'c.kim@example.com';
const manager = 'm.roth@example.com';
const director = 'i.novak@example.com';
const stranger = 'nobody@example.com';

const move = `runbook: move
title: Move a desk
kind: other
owner: role:it-coordinators
on:
  - manual: { by: [${asker}] }
inputs:
  desk: { type: string }
steps:
  - id: signoff
    title: The manager signs
    approve: { from: [${manager}, ${director}], quorum: 2, show: { desk: "\${{ inputs.desk }}" } }
  - id: tell
    uses: mail.send
    with: { to: ${manager}, subject: Done, text: "\${{ inputs.desk }}" }
`;

interface Answer {
  questions: QuestionTold[];
  mayAsk: boolean;
  mayAnswer: boolean;
}

describeWith(database)('questions at a gate', () => {
  let gateway: TestGateway;
  let run = '';
  beforeAll(async () => {
    gateway = await TestGateway.start({ database: database?.url ?? '', runbooks: [move], records: true });
    run = await gateway.startRun(asker, 'move', { desk: 'B-12' });
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  const path = () => `/runs/${run}/steps/signoff/questions`;
  const seen = async (person: string) => (await gateway.as(person, 'GET', path())).json() as Answer;
  const say = (person: string, to: string, text: string, key = text) =>
    gateway.send({
      method: 'POST',
      url: `/api/v1${to}`,
      headers: { ...gateway.headersOf(person), 'idempotency-key': key },
      payload: { text },
    });
  const told = async () =>
    (await gateway.store.outbox.claim()).map(({ to, subject, about }) => ({ to, subject, about }));
  const inbox = async (person: string) =>
    ((await gateway.as(person, 'GET', '/inbox')).json() as { items: { kind: string; step: string }[] }).items;

  it('are asked by whoever is to sign, once however often they are sent, and told to whoever asked and operates', async () => {
    expect(await seen(manager)).toMatchObject({ questions: [], mayAsk: true, mayAnswer: false });
    expect(await seen(asker)).toMatchObject({ mayAsk: false, mayAnswer: true });
    expect(await seen(coordinator)).toMatchObject({ mayAsk: false, mayAnswer: true });
    for (let times = 0; times < 2; times++)
      expect((await say(manager, path(), 'Is there a socket?')).statusCode).toBe(204);
    const { questions } = await seen(director);
    expect(questions).toMatchObject([{ by: manager, text: 'Is there a socket?', answers: [] }]);
    const [mail, ...others] = await told();
    expect(others).toEqual([]);
    expect(mail?.to).toEqual([asker, coordinator]);
    expect(mail?.subject).toBe('A question before it is signed: The manager signs (Move a desk)');
    expect(mail?.about).toMatchObject({ page: 'question', step: 'signoff' });
  });

  it('wait in the inbox of whoever can answer until one of them has', async () => {
    expect(await inbox(asker)).toMatchObject([{ kind: 'question', step: 'signoff' }]);
    expect(await inbox(coordinator)).toMatchObject([{ kind: 'question' }]);
    expect(await inbox(manager)).toMatchObject([{ kind: 'gate' }]);
    const [question] = (await seen(asker)).questions;
    const answer = `${path()}/${question?.id}/answer`;
    for (let times = 0; times < 2; times++)
      expect((await say(asker, answer, 'Two of them.')).statusCode).toBe(204);
    expect((await seen(manager)).questions).toMatchObject([
      { text: 'Is there a socket?', answers: [{ by: asker, text: 'Two of them.' }] },
    ]);
    expect(await told()).toMatchObject([
      { to: [manager], subject: 'Your question is answered: The manager signs (Move a desk)' },
    ]);
    expect([await inbox(asker), await inbox(coordinator)]).toEqual([[], []]);
  });

  it('are not for whoever may not see the gate, nor asked by whoever does not sign it, nor answered by whoever did not ask for it', async () => {
    for (const method of ['GET', 'POST'] as const)
      expect(
        (await gateway.as(stranger, method, path(), method === 'POST' ? { text: 'x' } : undefined))
          .statusCode,
      ).toBe(403);
    const refused = await say(coordinator, path(), 'May I?');
    expect([refused.statusCode, refused.json().detail]).toEqual([
      403,
      `${coordinator} is not asked to sign "The manager signs", so it is not theirs to ask about. Asked: ${manager}, ${director}. Write a note on the run instead.`,
    ]);
    const [question] = (await seen(asker)).questions;
    expect((await say(director, `${path()}/${question?.id}/answer`, 'I know it.')).statusCode).toBe(403);
    expect((await say(asker, `${path()}/999/answer`, 'Of what?')).statusCode).toBe(404);
    expect((await say(manager, path(), '  ')).statusCode).toBe(400);
    expect((await seen(asker)).questions).toHaveLength(1);
    expect(await told()).toEqual([]);
  });

  it('stay on the page and in the record when the gate has closed, and can then only be answered', async () => {
    await say(director, path(), 'And a window?');
    for (const person of [manager, director]) {
      const { hash } = (await gateway.as(person, 'GET', `/runs/${run}/steps/signoff/gate`)).json() as {
        hash: string;
      };
      await gateway.as(person, 'POST', `/runs/${run}/steps/signoff/vote`, { decision: 'approve', hash });
    }
    expect(await seen(director)).toMatchObject({ questions: [{}, { text: 'And a window?' }], mayAsk: false });
    expect((await say(director, path(), 'Too late?')).statusCode).toBe(409);
    const signatures = (await gateway.as(director, 'GET', `/runs/${run}/steps/signoff/signatures`)).json();
    expect(signatures.questions).toMatchObject([{ answers: [{ text: 'Two of them.' }] }, { answers: [] }]);
    // Nobody waits for the answer any more.
    expect(await inbox(asker)).toEqual([]);
    const kinds = (await gateway.store.audit.records(run)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind.startsWith('question.'))).toEqual([
      'question.asked',
      'question.answered',
      'question.asked',
    ]);
  });
});
