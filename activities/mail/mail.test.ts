import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from '../../plan/plan.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { mail } from './index.ts';

let sandbox: Sandbox;
let attempts: Attempts;

beforeAll(async () => {
  sandbox = await startSandbox();
  attempts = attemptsOf(mail, sandbox.connectors.mail ?? {});
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const message = {
  to: ['dana.reyes@example.com'],
  subject: 'Willkommen, Zoë',
  text: 'Your account is ready.',
};
const delivered = () => sandbox.effects.list({ effect: 'mail.delivered' });

describe('Sending a mail', () => {
  it('delivers it to everybody named, with an id made from the step', async () => {
    const cc = ['kim.okafor@example.com'];
    const output = await attempts.call('mail.send', { ...message, cc });
    expect(output).toMatchObject({ accepted: [...message.to, ...cc], rejected: [] });
    expect(output.messageId).toMatch(/^<[A-Za-z0-9_-]{22}@countersign\.example\.com>$/);
    expect(delivered()).toMatchObject([
      { subject: message.to[0], detail: { mail: { subject: message.subject, text: message.text } } },
      { subject: cc[0], detail: { mail: { messageId: output.messageId } } },
    ]);
  });

  it('opens sealed parts only on the way out, and hands none back', async () => {
    const password = 'canary-password';
    const { seal } = attempts.services;
    const text = { $text: ['First password: ', { $sealed: seal.seal(password) }, '\n'] };
    const output = await attempts.call('mail.send', { ...message, text });
    expect(delivered()[0]?.detail?.mail).toMatchObject({ text: `First password: ${password}` });
    expect(JSON.stringify(output)).not.toContain(password);
  });

  it('sends it with the same id when the answer was lost, so that mailboxes drop the second', async () => {
    sandbox.faults.add({ system: 'smtp', times: 1, kind: 'lostAnswer' });
    const lost = await attempts.fails('mail.send', message);
    expect(lost).toMatchObject({ type: 'RetryableFailure', nonRetryable: false });
    await attempts.call('mail.send', message);
    expect(delivered()).toHaveLength(1);
    expect(sandbox.effects.list({ effect: 'mail.duplicate' })).toHaveLength(1);
  });

  it('tries again what the server puts off, and not what it refuses', async () => {
    sandbox.faults.add({ system: 'smtp', times: 1, kind: 'status', status: 451 });
    sandbox.faults.add({ system: 'smtp', times: 1, kind: 'status', status: 550 });
    const later = await attempts.fails('mail.send', message);
    expect(later).toMatchObject({
      type: 'RetryableFailure',
      nonRetryable: false,
      details: [{ status: 451 }],
    });
    expect(later.message).toContain('451 Try again later');
    const never = await attempts.fails('mail.send', message);
    expect(never).toMatchObject({ type: 'PermanentFailure', nonRetryable: true, details: [{ status: 550 }] });
    expect(never.message).toContain('550 Mailbox unavailable');
    expect(delivered()).toHaveLength(0);
  });

  it('refuses line breaks in headers, which could add recipients', async () => {
    for (const subject of ['Hello\r\nBcc: everybody@example.com', 'Hello\nX: y']) {
      const failure = await attempts.fails('mail.send', { ...message, subject });
      expect(failure.message).toBe('`subject` has a line break in it, and must be one line.');
      expect(failure.nonRetryable).toBe(true);
    }
    for (const address of ['a@example.com\r\nBcc: b@example.com', 'a@example.com, b@example.com', 'Ann']) {
      const failure = await attempts.fails('mail.send', { ...message, to: [address] });
      expect(failure.message).toContain('`to.0` must be an e-mail address');
    }
    expect(delivered()).toHaveLength(0);
  });

  const overdue = {
    name: 'overdue.csv',
    csv: [
      { name: 'LT-0117', owner: { mail: 'b@example.com' }, note: '=HYPERLINK("http://evil.example","x")' },
      { name: 'Zoë’s', owner: { mail: 'c@example.com' }, note: 'late' },
    ],
    columns: ['name', 'owner.mail', 'note'],
  };
  const file = {
    name: 'first-day.pdf',
    type: 'application/pdf',
    size: 4,
    sha256: createHash('sha256').update('%PDF').digest('hex'),
    base64: Buffer.from('%PDF').toString('base64'),
  };

  it('takes a list along as a table without formulas, a page and a file, byte by byte', async () => {
    const attachments: Json[] = [
      overdue,
      { name: 'list.html', html: '<p>ü</p>' },
      { name: 'day one.pdf', file },
    ];
    await attempts.call('mail.send', { ...message, attachments });
    const mail = delivered()[0]?.detail?.mail as { text: string; attachments: { content: string }[] };
    expect(mail).toMatchObject({
      attachments: [
        { filename: 'overdue.csv', type: 'text/csv' },
        { filename: 'list.html', type: 'text/html' },
        { filename: 'day one.pdf', type: 'application/pdf' },
      ],
    });
    expect(mail.text.trim()).toBe(message.text);
    const contents = mail.attachments.map(({ content }) => Buffer.from(content, 'base64').toString('utf8'));
    expect(contents).toEqual([
      `\ufeffname,owner.mail,note\r\nLT-0117,b@example.com,"'=HYPERLINK(""http://evil.example"",""x"")"\r\nZoë’s,c@example.com,late\r\n`,
      '<p>ü</p>',
      '%PDF',
    ]);
  });

  it('previews each attachment by name, size and content, and what is wrong with one', async () => {
    const attachments: Json[] = [overdue, { name: 'day one.pdf', file }];
    const { summary } = (await attempts.preview('mail.send', { ...message, attachments })) ?? {};
    expect(summary).toMatch(
      /, with overdue\.csv \(2 rows, \d+ bytes, sha256 [0-9a-f]{12}\), day one\.pdf \(4 bytes, sha256 [0-9a-f]{12}\)$/,
    );
    const changed = { ...overdue, csv: [...overdue.csv, { name: 'LT-1' }] };
    const other = await attempts.preview('mail.send', { ...message, attachments: [changed] });
    expect(other?.summary).not.toContain(/sha256 (\w+)/.exec(summary ?? '')?.[1]);
    const wrong: Json[] = [
      overdue,
      { ...overdue, html: 'x' },
      overdue,
      { name: 'a', file: { ...file, base64: 'AAAA' } },
    ];
    expect(await attempts.preview('mail.send', { ...message, attachments: wrong })).toMatchObject({
      problems: [
        'The attachment overdue.csv takes one of csv, html and file, and has csv and html.',
        'Two attachments are called overdue.csv.',
        'The file of the attachment a is not the one that its sha256 names.',
      ],
    });
    const failure = await attempts.fails('mail.send', { ...message, attachments: wrong });
    expect(failure.nonRetryable).toBe(true);
    const path = await attempts.fails('mail.send', { ...message, attachments: [{ name: '../x', html: '' }] });
    expect(path.message).toContain('attachments.0.name');
    expect(delivered()).toHaveLength(0);
  });

  it('previews whom it would tell', async () => {
    expect(await attempts.preview('mail.send', message)).toEqual({
      summary: 'would send "Willkommen, Zoë" to dana.reyes@example.com',
    });
  });
});

describe('The mail server', () => {
  let silent: Server | undefined;
  afterAll(() => {
    silent?.close();
  });

  it('that is away may come back', async () => {
    const nobody = createServer();
    await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
    const port = (nobody.address() as { port: number }).port;
    await new Promise((resolve) => nobody.close(resolve));
    const away = attemptsOf(mail, { ...sandbox.connectors.mail, port });
    const failure = await away.fails('mail.send', message);
    expect(failure).toMatchObject({ type: 'RetryableFailure', nonRetryable: false });
    expect(failure.message).toContain('The mail server 127.0.0.1 could not be reached');
  });

  it('that says nothing is given up when the attempt’s time is over', async () => {
    let open = 0;
    silent = createServer((socket) => {
      open++;
      socket.on('error', () => {});
      socket.on('close', () => open--);
    });
    await new Promise<void>((resolve) => silent?.listen(0, '127.0.0.1', resolve));
    const port = (silent.address() as { port: number }).port;
    const deaf = attemptsOf(mail, { ...sandbox.connectors.mail, port });
    const failure = await deaf.fails('mail.send', message, { timeoutMs: 300 });
    expect(failure.message).toBe('mail.send did not finish within the 0.3 s of an attempt.');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(open).toBe(0);
  });

  it('must be reached securely where a password goes along', async () => {
    const settings = {
      ...sandbox.connectors.mail,
      host: 'mail.example.com',
      user: 'u',
      password: 'canary-password',
    };
    const failure = await attemptsOf(mail, settings, ['password']).fails('mail.send', message);
    expect(failure.message).toContain('would send its password in the clear');
    expect(failure.message).not.toContain('canary');
  });

  it('is not written to in the clear when it offers no encryption and none was waived', async () => {
    const { security: _, ...settings } = sandbox.connectors.mail ?? {};
    const failure = await attemptsOf(mail, settings).fails('mail.send', message);
    expect(failure.message).toContain('The mail server 127.0.0.1');
    expect(delivered()).toHaveLength(0);
  });
});
