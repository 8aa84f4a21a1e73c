import { describe, expect, it } from '@jest/globals';
import { entraSandbox } from './testing.ts';

const at = entraSandbox();
const robin = 'robin.sato@example.com';
const lou = 'lou.maier@example.com';
const piet = 'piet.vermeer@example.com';

describe('Deleting an account', () => {
  it('deletes once; one that is gone is no failure', async () => {
    const { id } = await at.attempts.call('entra.getUser', { user: robin });
    const user = String(id);
    expect(await at.attempts.preview('entra.deleteUser', { user })).toEqual({
      summary: `would delete ${robin} (Robin Sato); it can be restored for 30 days`,
    });
    expect(await at.attempts.call('entra.deleteUser', { user })).toEqual({ deleted: true });
    expect(await at.attempts.call('entra.deleteUser', { user })).toEqual({ deleted: false });
    expect(await at.attempts.verify('entra.deleteUser', { user })).toBe(true);
    expect(at.count('user.deleted')).toBe(1);
  });

  it('deletes an account of moments ago that the directory does not show yet', async () => {
    const userPrincipalName = 'ann.lee@example.com';
    const lee = { userPrincipalName, displayName: 'Ann Lee', usageLocation: 'DE' };
    await at.attempts.call('entra.createUser', lee);
    at.sandbox.faults.add({ kind: 'notFoundAfterCreate', delayMs: 1_500 });
    expect(await at.attempts.call('entra.deleteUser', { user: userPrincipalName })).toEqual({
      deleted: true,
    });
  });
});

describe('Restoring a deleted account', () => {
  const restore = () => at.attempts.call('entra.restoreUser', { user: robin });

  it('brings it back under the name it had, once', async () => {
    const { id = '' } = await at.attempts.call('entra.getUser', { user: robin });
    expect(await restore()).toEqual({ id, userPrincipalName: robin, restored: false });
    await at.attempts.call('entra.deleteUser', { user: robin });
    expect(await at.attempts.preview('entra.restoreUser', { user: robin })).toEqual({
      summary: `would restore ${robin}`,
    });
    expect(await at.attempts.verify('entra.restoreUser', { user: robin })).toBe(false);
    expect(await restore()).toEqual({ id, userPrincipalName: robin, restored: true });
    expect(await at.attempts.verify('entra.restoreUser', { user: id })).toBe(true);
    expect(await at.attempts.preview('entra.restoreUser', { user: id })).toEqual({
      summary: `${robin} is there already`,
      nothingToDo: true,
    });
    expect(at.count('user.restored')).toBe(1);
  });

  it('finds it by its id, and knows that it did it though the answer was lost', async () => {
    const { id = '' } = await at.attempts.call('entra.getUser', { user: robin });
    await at.attempts.call('entra.deleteUser', { user: robin });
    at.loseAnswer('/restore');
    expect((await at.attempts.fails('entra.restoreUser', { user: id })).nonRetryable).toBe(false);
    expect(await at.attempts.call('entra.restoreUser', { user: id })).toMatchObject({ restored: true });
    expect(at.count('user.restored')).toBe(1);
  });

  it('says plainly when there is nothing to restore', async () => {
    const failure = await at.attempts.fails('entra.restoreUser', { user: 'nobody@example.com' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toBe(
      'Entra ID has no user nobody@example.com, and none that was deleted within the last 30 days. Create the account anew.',
    );
  });
});

describe.each([
  { action: 'entra.disableUser', before: true, done: 'disabled', verb: 'disable', todo: 'Disable' },
  { action: 'entra.enableUser', before: false, done: 'enabled', verb: 'enable', todo: 'Enable' },
])('$action', ({ action, before, done, verb, todo }) => {
  const user = lou;
  const start = () => at.graph('PATCH', `/users/${lou}`, { accountEnabled: before });

  it('changes it once, however often it is tried', async () => {
    await start();
    const changes = at.count('user.updated');
    expect(await at.attempts.preview(action, { user })).toEqual({ summary: `would ${verb} ${lou}` });
    expect(await at.attempts.verify(action, { user })).toBe(false);
    expect(await at.attempts.call(action, { user })).toMatchObject({ userPrincipalName: lou, [done]: true });
    expect(await at.attempts.call(action, { user })).toMatchObject({ [done]: false });
    expect(at.count('user.updated') - changes).toBe(1);
    expect(await at.attempts.verify(action, { user })).toBe(true);
    expect(await at.attempts.preview(action, { user })).toEqual({
      summary: `${lou} is ${done} already`,
      nothingToDo: true,
    });
    expect(await at.attempts.call('entra.getUser', { user })).toMatchObject({ accountEnabled: !before });
  });

  it('knows that it did it though the answer was lost', async () => {
    await start();
    const changes = at.count('user.updated');
    at.sandbox.faults.add({ system: 'graph', method: 'PATCH', times: 1, kind: 'lostAnswer' });
    expect((await at.attempts.fails(action, { user })).nonRetryable).toBe(false);
    expect(await at.attempts.call(action, { user })).toMatchObject({ [done]: true });
    expect(at.count('user.updated') - changes).toBe(1);
  });

  it('sends people to Active Directory for an account that comes from there', async () => {
    const user = before ? 'piet.vermeer@example.com' : 'olga.brandt@example.com';
    const problem = `${user} comes from on-premises Active Directory, and the cloud may not change it. ${todo} the account in Active Directory; the change is synced from there.`;
    const failure = await at.attempts.fails(action, { user });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toBe(problem);
    expect(await at.attempts.preview(action, { user })).toMatchObject({ problems: [problem] });
  });
});

describe('Resetting a password', () => {
  const reset = () => at.attempts.call('entra.resetPassword', { user: lou });
  const opened = ({ password }: Awaited<ReturnType<typeof reset>>) =>
    at.attempts.services.seal.open((password as { $sealed: string }).$sealed);

  it('sets a new one that must be changed, seals it, and sets the same one again', async () => {
    expect(await at.attempts.preview('entra.resetPassword', { user: lou })).toEqual({
      summary: `would reset the password of ${lou}`,
    });
    at.loseAnswer('/users/');
    expect((await at.attempts.fails('entra.resetPassword', { user: lou })).nonRetryable).toBe(false);
    const [first, second] = [await reset(), await reset()];
    expect(opened(first)).toMatch(/^\S{4}(-\S{4}){3}$/);
    expect(opened(second)).toBe(opened(first));
    const another = await at.attempts.call('entra.resetPassword', { user: lou }, { step: 'another' });
    expect(opened(another)).not.toBe(opened(first));
    expect(at.sandbox.effects.list({ effect: 'user.updated' })[0]).toMatchObject({
      subject: lou,
      detail: { passwordReset: true },
    });
  });

  it('sends people to Active Directory for a password that comes from there', async () => {
    const failure = await at.attempts.fails('entra.resetPassword', { user: piet });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('Reset the password of the account in Active Directory');
    expect(await at.attempts.preview('entra.resetPassword', { user: piet })).toMatchObject({
      problems: [failure.message],
    });
  });
});

describe('Ending all sessions', () => {
  it('says when, and may be repeated', async () => {
    expect(await at.attempts.preview('entra.revokeSessions', { user: lou })).toEqual({
      summary: `would end all sessions of ${lou}`,
    });
    at.loseAnswer('revokeSignInSessions');
    expect((await at.attempts.fails('entra.revokeSessions', { user: lou })).nonRetryable).toBe(false);
    const { at: when } = await at.attempts.call('entra.revokeSessions', { user: lou });
    expect(Date.now() - Date.parse(String(when))).toBeLessThan(10_000);
    expect(at.sandbox.effects.list({ effect: 'sessions.revoked' })).toMatchObject([
      { subject: lou },
      { subject: lou },
    ]);
  });
});

describe('Looking for an account from on-premises', () => {
  it('finds it by the id that it has there, and says when it has not come yet', async () => {
    const sourceId = '0fa8c62d-1221-414f-9499-846f458ac1fc';
    const look = () => at.attempts.call('entra.findSyncedUser', { sourceId });
    expect(await look()).toEqual({ found: false });
    const immutable = { onPremisesImmutableId: 'LcaoDyEST0GUmYRvRYrB/A==' };
    expect((await at.graph('PATCH', `/users/${robin}`, immutable)).status).toBe(204);
    expect(await look()).toMatchObject({ found: true, userPrincipalName: robin, accountEnabled: true });
  });
});
