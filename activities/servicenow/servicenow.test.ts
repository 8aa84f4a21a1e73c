import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { servicenow } from './index.ts';

let sandbox: Sandbox;
let attempts: Attempts;

beforeAll(async () => {
  sandbox = await startSandbox();
  attempts = attemptsOf(servicenow, sandbox.connectors.servicenow ?? {}, ['password']);
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const change = 'CHG0030001';
const item = 'RITM0010001';
const effects = (effect: string) => sandbox.effects.list({ system: 'servicenow', effect });
const move = (number: string, to: string) =>
  fetch(`${sandbox.url}/_sandbox/servicenow/move`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ number, to }),
  });
const lostAnswer = (method: string) =>
  sandbox.faults.add({ system: 'servicenow', method, times: 1, kind: 'lostAnswer' });

describe.each([
  ['servicenow.comment', 'comments', 'comment'],
  ['servicenow.workNote', 'work_notes', 'work note'],
])('%s', (action, field, what) => {
  const input = { ticket: item, text: 'The account is disabled.\nThe laptop is on its way.' };

  it('writes once, however often it is tried, with a reference that people can pass over', async () => {
    expect(await attempts.call(action, input)).toEqual({ added: true });
    expect(await attempts.call(action, input)).toEqual({ added: false });
    const [entry, ...more] = effects('journal.added');
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ subject: item, detail: { field } });
    expect(entry?.detail?.text).toMatch(
      /^The account is disabled\.\nThe laptop is on its way\.\n\n\(Countersign [\w-]{10}\)$/,
    );
    expect(await attempts.verify(action, input)).toBe(true);
  });

  it('writes once when the answer was lost', async () => {
    lostAnswer('PATCH');
    expect((await attempts.fails(action, input)).nonRetryable).toBe(false);
    expect(await attempts.call(action, input)).toEqual({ added: true });
    expect(effects('journal.added')).toHaveLength(1);
  });

  it('writes the same words again for another step', async () => {
    await attempts.call(action, input, { step: 'one' });
    expect(await attempts.verify(action, input, 'two')).toBe(false);
    expect(await attempts.call(action, input, { step: 'two' })).toEqual({ added: true });
    expect(effects('journal.added')).toHaveLength(2);
  });

  it('says beforehand what it would write, and writes nothing then', async () => {
    expect(await attempts.preview(action, input)).toEqual({
      summary: `would add a ${what} to RITM0010001: The account is disabled.`,
    });
    expect(sandbox.effects.list()).toEqual([]);
  });
});

it('A comment is no work note: each is looked for where it belongs', async () => {
  const input = { ticket: item, text: 'Done.' };
  await attempts.call('servicenow.comment', input);
  expect(await attempts.verify('servicenow.workNote', input)).toBe(false);
  expect(await attempts.call('servicenow.workNote', input)).toEqual({ added: true });
});

describe('A ticket', () => {
  it('is found in the table that its number tells, with who asked and the fields that are named', async () => {
    const fields = ['u_port', 'cmdb_ci', 'risk'];
    expect(await attempts.call('servicenow.getTicket', { ticket: change, fields })).toEqual({
      sysId: expect.stringMatching(/^[0-9a-f]{32}$/),
      table: 'change_request',
      state: 'New',
      shortDescription: 'Open the order interface for the warehouse',
      requester: 'robin.sato@example.com',
      fields: { u_port: '8443', cmdb_ci: 'fw-edge-01', risk: '3' },
      values: { u_port: '8443', cmdb_ci: expect.stringMatching(/^[0-9a-f]{32}$/), risk: '3' },
    });
    expect(await attempts.call('servicenow.getTicket', { ticket: item })).toMatchObject({
      table: 'sc_req_item',
      state: 'Open',
      requester: 'sam.lindqvist@example.com',
      fields: {},
    });
  });

  it('that is not there, of an unknown kind, or without a field is said to be so', async () => {
    const words = async (input: Record<string, string | string[]>) => {
      const failure = await attempts.fails('servicenow.getTicket', input);
      expect(failure.nonRetryable).toBe(true);
      return failure.message;
    };
    expect(await words({ ticket: 'CHG0099999' })).toContain(
      'ServiceNow shows no CHG0099999 in change_request.',
    );
    expect(await words({ ticket: 'UREQ0001' })).toContain('for any other give `table`.');
    expect(await words({ ticket: change, fields: ['u_prot'] })).toContain('CHG0030001 shows no u_prot.');
    expect(await words({ ticket: change, table: 'sc_req_item' })).toContain('in sc_req_item');
    expect(await words({ ticket: 'CHG1^ORnumberLIKE0' })).toContain('`ticket` does not have the form');
  });
});

describe('The state of a change', () => {
  const implement = { ticket: change, state: 'implement' };

  it('is changed as its model allows, once; where it is already, it stays', async () => {
    await move(change, 'Scheduled');
    expect(await attempts.preview('servicenow.setState', implement)).toEqual({
      summary: 'would put CHG0030001 from Scheduled into Implement',
    });
    const done = { from: 'Scheduled', to: 'Implement', changed: true };
    expect(await attempts.call('servicenow.setState', implement)).toEqual(done);
    expect(await attempts.call('servicenow.setState', { ...implement, state: '-1' })).toEqual({
      from: 'Implement',
      to: 'Implement',
      changed: false,
    });
    expect(effects('record.updated')).toHaveLength(2);
    expect(await attempts.verify('servicenow.setState', implement)).toBe(true);
    expect(await attempts.preview('servicenow.setState', implement)).toEqual({
      summary: 'CHG0030001 is in Implement already',
      nothingToDo: true,
    });
  });

  it('is changed once when the answer was lost', async () => {
    await move(change, 'Scheduled');
    lostAnswer('PATCH');
    expect((await attempts.fails('servicenow.setState', implement)).nonRetryable).toBe(false);
    expect(await attempts.call('servicenow.setState', implement)).toMatchObject({ changed: true });
    expect(effects('record.updated')).toHaveLength(2);
  });

  it('that cannot be reached from here is refused, saying which can', async () => {
    const failure = await attempts.fails('servicenow.setState', implement);
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toBe(
      'CHG0030001 is in New and cannot be put into implement. From there it can go to: Assess, Canceled. Correct `state`, or see what the change still lacks.',
    );
    expect(await attempts.verify('servicenow.setState', implement)).toBe(false);
    // Steps before it may move it on; a state that no change has is a mistake.
    expect(await attempts.preview('servicenow.setState', implement)).toEqual({
      summary: 'would put CHG0030001 from New into Implement, once it can go there',
    });
    const preview = await attempts.preview('servicenow.setState', { ticket: change, state: 'Done' });
    expect(preview?.problems).toEqual([expect.stringContaining('cannot be put into Done.')]);
  });

  it('is closed with its code and notes, and without them ServiceNow says what it wants', async () => {
    await move(change, 'Review');
    const close = { ticket: change, state: 'Closed' };
    const failure = await attempts.fails('servicenow.setState', close);
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('mandatory: close_code, close_notes');
    const notes = { closeCode: 'successful', closeNotes: 'Tested.' };
    await attempts.call('servicenow.setState', { ...close, ...notes });
    const read = { ticket: change, fields: ['close_code', 'close_notes'] };
    expect(await attempts.call('servicenow.getTicket', read)).toMatchObject({
      state: 'Closed',
      fields: { close_code: 'successful', close_notes: 'Tested.' },
    });
  });
});

describe('The state of any other ticket', () => {
  it('is one of its table’s list, and of the list of tasks where it has none', async () => {
    const done = { ticket: item, state: 'Closed Complete' };
    expect(await attempts.call('servicenow.setState', done)).toEqual({
      from: 'Open',
      to: 'Closed Complete',
      changed: true,
    });
    const unknown = await attempts.fails('servicenow.setState', { ticket: item, state: 'Implement' });
    expect(unknown.message).toContain('can go to: Pending, Open, Work in Progress');
  });
});

describe('An attachment', () => {
  const input = {
    ticket: change,
    fileName: 'rule-before.txt',
    text: 'permit tcp any host 198.51.100.17 – ä',
  };

  it('is attached once; another content of the same name is another file', async () => {
    const first = await attempts.call('servicenow.attach', input);
    expect(first.attached).toBe(true);
    expect(await attempts.call('servicenow.attach', input)).toEqual({ ...first, attached: false });
    expect(effects('file.attached')).toMatchObject([
      { detail: { file_name: 'rule-before.txt', content: input.text, content_type: 'text/plain' } },
    ]);
    expect(await attempts.verify('servicenow.attach', input)).toBe(true);
    const other = { ...input, text: '{}', contentType: 'application/json' };
    expect(await attempts.preview('servicenow.attach', other)).toEqual({
      summary: 'would attach rule-before.txt to CHG0030001',
    });
    expect(await attempts.call('servicenow.attach', other)).toMatchObject({ attached: true });
    expect(await attempts.preview('servicenow.attach', other)).toMatchObject({ nothingToDo: true });
    expect(effects('file.attached')).toHaveLength(2);
  });

  it('is attached once when the answer was lost', async () => {
    lostAnswer('POST');
    expect((await attempts.fails('servicenow.attach', input)).nonRetryable).toBe(false);
    expect(await attempts.call('servicenow.attach', input)).toMatchObject({ attached: true });
    expect(effects('file.attached')).toHaveLength(1);
  });
});

describe('ServiceNow on a bad day', () => {
  it('asks to be called less often, or is away', async () => {
    const input = { ticket: change };
    sandbox.faults.add({ system: 'servicenow', times: 1, kind: 'status', status: 429, retryAfter: 4 });
    sandbox.faults.add({ system: 'servicenow', times: 1, kind: 'status', status: 503 });
    expect(await attempts.fails('servicenow.getTicket', input)).toMatchObject({
      type: 'RateLimited',
      nextRetryDelay: 4_000,
    });
    expect(await attempts.fails('servicenow.getTicket', input)).toMatchObject({ nonRetryable: false });
    expect(await attempts.call('servicenow.getTicket', input)).toMatchObject({ state: 'New' });
  });

  it('refuses a wrong password, which is shown nowhere', async () => {
    const settings = { ...sandbox.connectors.servicenow, password: 'canary-password' };
    const wrong = attemptsOf(servicenow, settings, ['password']);
    const failure = await wrong.fails('servicenow.getTicket', { ticket: change });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('ServiceNow refused the credentials (401): User is not authenticated');
    expect(failure.message).not.toContain('canary');
  });
});

it('What the stand-in changed is there again after a restart', async () => {
  await move(item, 'Work in Progress');
  await attempts.call('servicenow.comment', { ticket: item, text: 'Begun.' });
  const { Records } = await import('../../sandbox/servicenow/records.ts');
  const again = new Records(sandbox.effects).byNumber(item);
  expect(again).toMatchObject({ fields: { state: '2' }, modCount: 2, journal: [{ field: 'comments' }] });
});
