import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { PushHook } from './push-hook.ts';

const secret = 'a-webhook-secret';
const body = Buffer.from('{"ref":"refs/heads/main"}');
const signature = createHmac('sha256', secret).update(body).digest('hex');

function taken(headers: Record<string, string>, known: string | undefined = secret) {
  let looks = 0;
  const hook = new PushHook({ secret: async () => known, look: () => void looks++ });
  return hook.take({ header: (name) => headers[name], body }).then(
    () => looks,
    (error: Error) => error.message,
  );
}

describe('What a repository sends when somebody pushes', () => {
  it('lets the branch be looked at when it is signed as GitHub, Gitea or GitLab sign', async () => {
    expect(await taken({ 'x-hub-signature-256': `sha256=${signature}` })).toBe(1);
    expect(await taken({ 'x-gitea-signature': signature })).toBe(1);
    expect(await taken({ 'x-gitlab-token': secret })).toBe(1);
  });

  it('is not believed when it is not signed, signed with another secret, or when there is none', async () => {
    expect(await taken({})).toMatch(/not signed/);
    expect(await taken({ 'x-hub-signature-256': 'sha256=00' })).toMatch(/not signed/);
    expect(await taken({ 'x-gitlab-token': 'another' })).toMatch(/not signed/);
    const hook = new PushHook({ secret: async () => undefined, look: () => {} });
    await expect(hook.take({ header: () => secret, body })).rejects.toThrow(/no webhookSecret/);
  });
});
