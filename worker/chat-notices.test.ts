import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../plan/plan.ts';
import { messageToSend } from '../presentation/messages.ts';
import { type Sandbox, startSandbox } from '../sandbox/start.ts';
import { chatNotices, chatsOf } from './chat-notices.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const notice = {
  id: 'r1.board.ask',
  to: ['dana@example.com', 'lee@example.com'],
  subject: 'Sign: Firewall rule',
  text: 'You are asked to sign <!channel> the rule.\n\ncountersign approve r1 board',
  about: { page: 'gate' as const, id: 'r1', step: 'board', commands: ['countersign approve r1 board'] },
};
const link = 'https://countersign.example.com/runs/r1/gates/board';
const services = {
  secrets: { get: async () => '' },
  seal: { open: () => '' },
} as unknown as Parameters<typeof chatNotices>[1];
const post = (settings: { slack?: JsonObject; teams?: JsonObject }) =>
  chatNotices(settings, services, async ({ about, ...message }) =>
    messageToSend(message, about, { now: 0, address: 'https://countersign.example.com' }),
  );

describe('A message by chat', () => {
  it('is a card in Teams whose one button opens the page that asks, and does nothing else', async () => {
    const { teams = {} } = sandbox.connectors;
    await post({ teams: teams as JsonObject })(notice, { by: 'teams', to: 'it-operations' });
    const [{ subject, detail } = { subject: '' }] = sandbox.effects.list({
      system: 'teams',
      effect: 'card.posted',
    });
    expect(subject).toBe('it-operations');
    expect(detail?.card).toMatchObject({
      body: [{ text: 'Sign: Firewall rule' }, { text: 'You are asked to sign <!channel> the rule.' }],
      actions: [{ type: 'Action.OpenUrl', title: 'Read it and sign', url: link }],
    });
    expect(JSON.stringify(detail)).not.toContain('countersign approve');
  });

  it('is a message in Slack with such a button, which calls nobody else by what a ticket says', async () => {
    const { slack = {} } = sandbox.connectors;
    await post({ slack: slack as JsonObject })(notice, { by: 'slack', to: '#it-changes' });
    const [posted] = sandbox.effects.list({ system: 'slack' });
    const text = JSON.stringify(posted);
    expect(text).toContain(link);
    expect(text).toContain('&lt;!channel&gt;');
  });

  it('is a direct message in Slack to the person with that address, and to nobody where Slack knows no such person', async () => {
    const { slack = {} } = sandbox.connectors;
    const direct = post({ slack: slack as JsonObject });
    await direct(notice, { by: 'slack', to: 'dana.reyes@example.com' });
    const posted = sandbox.effects.list({ system: 'slack', effect: 'message.posted' });
    expect(posted.map(({ detail }) => detail?.channel)).toEqual(['D01DANAREYES']);
    expect(JSON.stringify(posted)).toContain(link);
    await expect(direct(notice, { by: 'slack', to: 'dana@elsewhere.example' })).rejects.toThrow(
      /Slack knows nobody with that e-mail address/,
    );
    expect(sandbox.effects.list({ system: 'slack', effect: 'message.posted' })).toHaveLength(1);
  });

  it('is refused where its connector is not configured, so that it is tried again and shown', async () => {
    await expect(post({})(notice, { by: 'slack', to: '#it-changes' })).rejects.toThrow(
      /There is no slack under connectors: in countersign\.yaml/,
    );
  });
});

describe('Who is told by chat', () => {
  const cab = { people: ['Dana@example.com', 'lee@example.com'], chat: { slack: '#cab', teams: 'cab' } };
  const direct = { people: ['ruth@example.com', 'lee@example.com'], chat: { slack: 'direct' } };

  it('is the channel of a role when several of its people are asked, and each person for themselves where it says so', () => {
    expect(chatsOf(['dana@example.com', 'lee@example.com'], { cab, direct }, ['cab'])).toEqual([
      { by: 'slack', to: '#cab' },
      { by: 'teams', to: 'cab' },
      { by: 'slack', to: 'lee@example.com' },
    ]);
  });

  it('is no channel of what one of many is asked alone', () => {
    expect(chatsOf(['dana@example.com'], { cab }, ['cab'])).toEqual([]);
    expect(chatsOf(['kim@example.com'], { cab, direct }, ['cab'])).toEqual([]);
    const one = { ...cab, people: ['dana@example.com'] };
    expect(chatsOf(['dana@example.com'], { one }, ['one'])).toHaveLength(2);
  });

  it('is no channel of another role that the same people have, nor of any role where people are meant', () => {
    const aiders = { people: cab.people, chat: { slack: '#first-aid' } };
    const to = ['dana@example.com', 'lee@example.com'];
    expect(chatsOf(to, { cab, aiders }, ['cab']).map((chat) => chat.to)).toEqual(['#cab', 'cab']);
    expect(chatsOf(to, { cab, aiders })).toEqual([]);
    expect(chatsOf(['dana@example.com'], { one: { ...cab, people: ['dana@example.com'] } })).toEqual([]);
  });
});
