import { describe, expect, it } from '@jest/globals';
import { sendDue, sendOutbox } from './outbox-sender.ts';

const message = (id: string) => ({ id, to: ['dana@example.com'], subject: id, text: '', attempts: 2 });

describe('The sender of messages', () => {
  it('tries again later what no server took, and sends the others', async () => {
    const sent: string[] = [];
    const failed: string[] = [];
    const log: string[] = [];
    const due = await sendDue('mail', {
      outbox: {
        claim: async () => [message('a'), message('b')],
        sent: async (id) => void sent.push(id),
        failed: async ({ id, attempts }, why) => void failed.push(`${id} ${attempts} ${why}`),
      },
      tell: async ({ id }) => {
        if (id === 'a') throw new Error('no server took it');
      },
      post: async () => {},
      log: (line) => void log.push(line),
    });
    expect({ due, sent, failed }).toEqual({ due: 2, sent: ['b'], failed: ['a 2 no server took it'] });
    expect(log).toEqual(['"a" to dana@example.com could not be sent yet (try 2): no server took it']);
  });

  it('sends nothing to nobody, and does not try it again', async () => {
    const sent: string[] = [];
    await sendDue('mail', {
      outbox: {
        claim: async () => [{ ...message('a'), to: [] }],
        sent: async (id) => void sent.push(id),
        failed: async () => Promise.reject(new Error('it was tried')),
      },
      tell: async () => Promise.reject(new Error('there is nobody')),
      post: async () => {},
      log: () => {},
    });
    expect(sent).toEqual(['a']);
  });

  it('sends mail while a chat does not answer', async () => {
    const waiting = {
      mail: [message('a')],
      chat: [{ ...message('b'), chat: { by: 'slack' as const, to: '#cab' } }],
    };
    const told: string[] = [];
    let answer = () => {};
    const looks: (() => void)[] = [];
    const sender = sendOutbox({
      outbox: {
        onPut: (look) => void looks.push(look),
        claim: async (by = 'mail') => waiting[by].splice(0),
        sent: async () => {},
        failed: async () => {},
      },
      tell: async ({ id }) => void told.push(id),
      post: () => new Promise<void>((resolve) => (answer = resolve)),
      log: () => {},
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    waiting.mail.push(message('c'));
    // Written in this process, it does not wait for the next look.
    for (const look of looks) look();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(told).toEqual(['a', 'c']);
    answer();
    await sender.stop();
  });

  it('looks by itself too, for what other processes have written', async () => {
    const mail = [message('a')];
    const told: string[] = [];
    const sender = sendOutbox({
      outbox: {
        claim: async (by = 'mail') => (by === 'mail' ? mail.splice(0) : []),
        sent: async () => {},
        failed: async () => {},
      },
      tell: async ({ id }) => void told.push(id),
      post: async () => {},
      log: () => {},
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    mail.push(message('b'));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(told).toEqual(['a', 'b']);
    await sender.stop();
  });
});
