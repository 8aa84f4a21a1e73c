import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Directory } from '../../sandbox/graph/directory.ts';
import { Drives } from '../../sandbox/graph/drive.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { entra } from '../entra/index.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { onedrive } from './index.ts';

let sandbox: Sandbox;
let attempts: Attempts;

const robin = 'robin.sato@example.com';
const kim = 'kim.okafor@example.com';
const handOver = { user: robin, to: kim };

beforeAll(async () => {
  sandbox = await startSandbox();
  attempts = attemptsOf(onedrive, sandbox.connectors.entra ?? {}, ['clientSecret']);
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const shared = () => sandbox.effects.list({ effect: 'drive.shared' });

describe('Sharing the files of a person', () => {
  it('shares them once, however often it is tried, and takes it back', async () => {
    expect(await attempts.preview('onedrive.share', handOver)).toEqual({
      summary: `would share the files of ${robin} with ${kim}`,
    });
    expect(await attempts.preview('onedrive.unshare', handOver)).toMatchObject({ nothingToDo: true });
    expect(await attempts.verify('onedrive.share', handOver)).toBe(false);
    const first = await attempts.call('onedrive.share', handOver);
    expect(first).toEqual({ granted: true, url: expect.stringMatching(/^https:.*robin_sato/) });
    expect(await attempts.call('onedrive.share', handOver)).toEqual({ granted: false, url: first.url });
    expect(shared()).toMatchObject([
      { subject: robin, detail: { with: kim, roles: ['write'], expirationDateTime: null } },
    ]);
    expect(await attempts.verify('onedrive.share', handOver)).toBe(true);
    expect(await attempts.preview('onedrive.share', handOver)).toMatchObject({ nothingToDo: true });

    expect((await attempts.preview('onedrive.unshare', handOver))?.summary).toBe(
      `would stop sharing the files of ${robin} with ${kim}`,
    );
    expect(await attempts.call('onedrive.unshare', handOver)).toEqual({ revoked: true });
    expect(await attempts.call('onedrive.unshare', handOver)).toEqual({ revoked: false });
    expect(await attempts.verify('onedrive.unshare', handOver)).toBe(true);
  });

  it('shares them once when the answer was lost', async () => {
    sandbox.faults.add({ system: 'graph', path: '/invite$', times: 1, kind: 'lostAnswer' });
    const forAMonth = { ...handOver, days: 30 };
    expect((await attempts.fails('onedrive.share', forAMonth)).nonRetryable).toBe(false);
    expect(await attempts.call('onedrive.share', forAMonth)).toMatchObject({ granted: true });
    expect(shared()).toHaveLength(1);
  });

  it('makes the time longer when it would end too soon', async () => {
    await attempts.call('onedrive.share', { ...handOver, days: 7 });
    expect(await attempts.call('onedrive.share', { ...handOver, days: 90 })).toMatchObject({ granted: true });
    expect(await attempts.call('onedrive.share', { ...handOver, days: 30 })).toMatchObject({
      granted: false,
    });
    const days = shared().map(({ detail }) =>
      Math.round((Date.parse(String(detail?.expirationDateTime)) - Date.now()) / 86_400_000),
    );
    expect(days).toEqual([7, 90]);
  });

  it('skips a person who has none', async () => {
    const people = attemptsOf(entra, sandbox.connectors.entra ?? {}, ['clientSecret']);
    const user = 'ann.lee@example.com';
    await people.call('entra.createUser', {
      userPrincipalName: user,
      displayName: 'Ann Lee',
      usageLocation: 'DE',
    });
    expect(await attempts.call('onedrive.share', { user, to: kim })).toEqual({
      granted: false,
      skipped: `${user} has no OneDrive, so that there are no files to share.`,
    });
    expect(await attempts.call('onedrive.unshare', { user, to: kim })).toEqual({ revoked: false });
    expect(await attempts.preview('onedrive.share', { user, to: kim })).toMatchObject({ nothingToDo: true });
  });

  it('shows before anybody signs that the receiver’s account is disabled', async () => {
    const people = attemptsOf(entra, sandbox.connectors.entra ?? {}, ['clientSecret']);
    expect(await attempts.preview('onedrive.share', handOver)).not.toHaveProperty('problems');
    await people.call('entra.disableUser', { user: kim });
    expect(await attempts.preview('onedrive.share', handOver)).toMatchObject({
      problems: [expect.stringContaining(`The account of ${kim} is disabled`)],
    });
  });

  it('is refused for a receiver who is not there, and slowed down when Graph asks for it', async () => {
    const failure = await attempts.fails('onedrive.share', { user: robin, to: 'nobody@example.com' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('Entra ID has no user nobody@example.com to share with.');
    sandbox.faults.add({
      system: 'graph',
      path: '/invite$',
      times: 1,
      kind: 'status',
      status: 429,
      retryAfter: 3,
    });
    expect(await attempts.fails('onedrive.share', handOver)).toMatchObject({
      type: 'RateLimited',
      nextRetryDelay: 3_000,
    });
  });

  it('lasts when the service starts again', async () => {
    await attempts.call('onedrive.share', handOver);
    const directory = new Directory(sandbox.effects, sandbox.faults);
    const drives = new Drives(sandbox.effects, directory);
    expect(drives.permissionsOf(directory.user(robin))).toMatchObject([
      { roles: ['owner'] },
      { roles: ['write'] },
    ]);
  });
});
