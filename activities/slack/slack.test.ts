import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { keyOf } from '../kit/call.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { slack } from './index.ts';
import { blocksOf } from './message.ts';

let sandbox: Sandbox;
let attempts: Attempts;

beforeAll(async () => {
  sandbox = await startSandbox();
  attempts = attemptsOf({ ...slack, callsPerSecond: 1_000 }, sandbox.connectors.slack ?? {}, ['botToken']);
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const input = { channel: '#it-changes', text: 'The rule is in place.' };
const posted = () => sandbox.effects.list({ system: 'slack', effect: 'message.posted' });
const write = (channel: string, text: string) =>
  fetch(`${sandbox.url}/_sandbox/slack/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channel, text }),
  });

describe('Posting in Slack', () => {
  it('posts once, however often it is tried', async () => {
    const first = await attempts.call('slack.post', input);
    expect(first).toEqual({ channel: 'C01ITCHANGES', messageId: expect.stringMatching(/^\d{10}\.\d{6}$/) });
    expect(await attempts.call('slack.post', input)).toEqual(first);
    expect(await attempts.call('slack.post', { ...input, channel: 'C01ITCHANGES' })).toEqual(first);
    expect(posted()).toHaveLength(1);
    expect(await attempts.verify('slack.post', input)).toBe(true);
  });

  it('posts once when the answer was lost', async () => {
    sandbox.faults.add({ system: 'slack', path: 'postMessage', times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails('slack.post', input)).nonRetryable).toBe(false);
    await attempts.call('slack.post', input);
    expect(posted()).toHaveLength(1);
  });

  it('posts again for another step, with the same words', async () => {
    await attempts.call('slack.post', input, { step: 'one' });
    expect(await attempts.verify('slack.post', input, 'two')).toBe(false);
    await attempts.call('slack.post', input, { step: 'two' });
    expect(posted()).toHaveLength(2);
  });

  it('finds its message among more than a page of later ones', async () => {
    const first = await attempts.call('slack.post', input);
    for (let index = 0; index < 1_000; index++) await write(input.channel, `Message ${index}`);
    expect(await attempts.call('slack.post', input)).toEqual(first);
    expect(posted()).toHaveLength(1);
  });

  it('says what it would post, that it has, and what stands in the way', async () => {
    expect(await attempts.preview('slack.post', input)).toEqual({
      summary: 'would post in #it-changes: The rule is in place.',
    });
    await attempts.call('slack.post', input);
    expect(await attempts.preview('slack.post', input)).toMatchObject({ nothingToDo: true });
    const preview = await attempts.preview('slack.post', { ...input, channel: '#nowhere' });
    expect(preview?.problems).toEqual([
      'The Slack app sees no channel #nowhere. Check its name, or invite the app to it if it is private.',
    ]);
    expect(posted()).toHaveLength(1);
  });

  it('opens a page by a button, and does nothing else when it is pressed', async () => {
    const link = 'https://countersign.example.com/runs/r1';
    await attempts.call('slack.post', { ...input, link });
    expect(blocksOf(input.text, 'k', link).at(-1)).toEqual({
      type: 'actions',
      elements: [{ type: 'button', text: { type: 'plain_text', text: 'Open' }, url: link }],
    });
    expect((await attempts.fails('slack.post', { ...input, link: 'javascript:alert(1)' })).nonRetryable).toBe(
      true,
    );
    expect(posted()).toHaveLength(1);
  });

  it('says plainly why Slack refuses', async () => {
    const words = async (channel: string) => {
      const failure = await attempts.fails('slack.post', { ...input, channel });
      expect(failure.nonRetryable).toBe(true);
      return failure.message;
    };
    expect(await words('#announcements')).toBe(
      'The Slack app is not in that channel. Invite it there: /invite and its name. (not_in_channel)',
    );
    expect(await words('#board')).toContain('The Slack app sees no channel #board.');
    expect(await words('C01BOARD0')).toContain('(channel_not_found)');
    expect(await words('C01OLDPROJECT')).toBe('That channel is archived. Name another one. (is_archived)');
    expect(posted()).toHaveLength(0);
  });

  it('waits as long as Slack asks when it posts too often', async () => {
    sandbox.faults.add({
      system: 'slack',
      path: 'postMessage',
      times: 1,
      kind: 'status',
      status: 429,
      retryAfter: 4,
    });
    expect(await attempts.fails('slack.post', input)).toMatchObject({
      type: 'RateLimited',
      nextRetryDelay: 4_000,
    });
    await attempts.call('slack.post', input);
    expect(posted()).toHaveLength(1);
  });

  it('shows a wrong token nowhere', async () => {
    const settings = { ...sandbox.connectors.slack, botToken: 'xoxb-canary-token' };
    const failure = await attemptsOf(slack, settings, ['botToken']).fails('slack.post', input);
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('Check botToken under connectors: slack:');
    expect(JSON.stringify(failure)).not.toContain('canary');
  });
});

describe('A text as a Slack message', () => {
  const key = keyOf({ run: 'run-1', runbook: 'new-hire', step: 'step' });
  const textOf = (text: string) => blocksOf(text, key).map((block) => block.text?.text ?? '');

  it('cannot call everybody in the channel', () => {
    expect(textOf('Laptop <!channel> & more')).toEqual(['Laptop &lt;!channel&gt; &amp; more']);
  });

  it('of any length is cut into sections that Slack takes, between lines or words', async () => {
    for (const part of ['word ', 'a line of text\n', '&', 'x']) {
      const text = part.repeat(Math.floor(12_000 / part.length));
      const sections = textOf(text);
      expect(sections.every((section) => section.length > 0 && section.length <= 3_000)).toBe(true);
      expect(sections.join('').replaceAll(/\s/g, '')).toBe(
        text.replaceAll('&', '&amp;').replaceAll(/\s/g, ''),
      );
      expect(sections.every((section) => !/&(a(mp?)?)?$/.test(section))).toBe(true);
      await attempts.call('slack.post', { ...input, text }, { step: JSON.stringify(part) });
    }
  });
});
