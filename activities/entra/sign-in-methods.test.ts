import { describe, expect, it } from '@jest/globals';
import { entraSandbox } from './testing.ts';

const at = entraSandbox();
const lou = 'lou.maier@example.com';
const robin = 'robin.sato@example.com';

describe('Removing sign-in methods', () => {
  const all = {
    removed: ['phone (mobile)', 'Microsoft Authenticator (Phone of Lou)'],
    kept: [{ method: 'password', reason: 'every account has a password; reset it instead.' }],
  };
  const remove = () => at.attempts.call('entra.removeAuthenticationMethods', { user: lou });

  it('removes all but the password, the default one last, once', async () => {
    expect(await at.attempts.preview('entra.removeAuthenticationMethods', { user: lou })).toEqual({
      summary: `would remove from ${lou}: phone (mobile), Microsoft Authenticator (Phone of Lou)`,
    });
    expect(await at.attempts.verify('entra.removeAuthenticationMethods', { user: lou })).toBe(false);
    expect(await remove()).toEqual(all);
    // The stand-in's default is the phone, which it lists first and refuses as long as there is another.
    expect(at.sandbox.effects.list({ effect: 'signInMethod.removed' })).toMatchObject([
      { detail: { type: 'microsoftAuthenticator' } },
      { detail: { type: 'phone' } },
    ]);
    expect(await at.attempts.verify('entra.removeAuthenticationMethods', { user: lou })).toBe(true);
    expect(await remove()).toEqual({ ...all, removed: [] });
    expect(await at.attempts.preview('entra.removeAuthenticationMethods', { user: lou })).toMatchObject({
      nothingToDo: true,
    });
  });

  it('names all that went when an answer was lost on the way', async () => {
    at.loseAnswer('microsoftAuthenticatorMethods/');
    const lost = await at.attempts.fails('entra.removeAuthenticationMethods', { user: lou });
    expect(lost.nonRetryable).toBe(false);
    expect(await remove()).toEqual(all);
    expect(at.count('signInMethod.removed')).toBe(2);
  });

  it('keeps a method of a kind that it cannot remove, saying so', async () => {
    expect(
      await at.attempts.call('entra.removeAuthenticationMethods', { user: 'morgan.weiss@example.com' }),
    ).toEqual({
      removed: [],
      kept: [
        all.kept[0],
        {
          method: 'platformCredential (Mac of Morgan)',
          reason: 'this step cannot remove this kind; remove it in the Entra admin centre.',
        },
      ],
    });
  });

  it('says in Graph’s words what is refused to the end', async () => {
    at.sandbox.faults.add({ system: 'graph', path: 'phoneMethods/', kind: 'status', status: 400 });
    const failure = await at.attempts.fails('entra.removeAuthenticationMethods', { user: lou });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toMatch(
      /^Entra ID refused to remove phone \(mobile\) \(The service is unavailable\.\)\. The other methods are gone\./,
    );
    expect(at.count('signInMethod.removed')).toBe(1);
  });
});

describe('A Temporary Access Pass', () => {
  const usual = { user: robin, lifetimeMinutes: 480, usableOnce: true };
  const create = (input: Record<string, string | number | boolean> = usual) =>
    at.attempts.call('entra.createTemporaryAccessPass', input);
  const open = (output: Awaited<ReturnType<typeof create>>) =>
    at.attempts.services.seal.open((output.pass as { $sealed: string }).$sealed);
  const added = () => at.sandbox.effects.list({ effect: 'signInMethod.added' });

  it('is created for as long as asked, and sealed', async () => {
    expect(await at.attempts.preview('entra.createTemporaryAccessPass', usual)).toEqual({
      summary: `would create a Temporary Access Pass for ${robin}`,
    });
    expect(await at.attempts.verify('entra.createTemporaryAccessPass', usual)).toBe(false);
    const output = await create();
    expect(open(output)).toMatch(/^\S{8}$/);
    expect(JSON.stringify(output)).not.toContain(String(open(output)));
    const [starts, expires] = [output.startsAt, output.expiresAt].map((time) => Date.parse(String(time)));
    expect((expires ?? 0) - (starts ?? 0)).toBe(480 * 60_000);
    expect(added()).toMatchObject([{ detail: { method: { properties: { isUsableOnce: true } } } }]);
    expect(await at.attempts.verify('entra.createTemporaryAccessPass', usual)).toBe(true);
  });

  it('begins later when asked, and at once when that time has passed', async () => {
    const startsAt = new Date(Date.now() + 86_400_000).toISOString();
    expect(await create({ ...usual, startsAt })).toMatchObject({ startsAt });
    const late = await create({ ...usual, startsAt: '2024-01-15T08:00:00Z' });
    expect(Math.abs(Date.parse(String(late.startsAt)) - Date.now())).toBeLessThan(10_000);
  });

  it('replaces the one whose answer was lost, since nobody can read it again', async () => {
    at.sandbox.faults.add({
      system: 'graph',
      method: 'POST',
      path: 'temporaryAccessPassMethods',
      times: 1,
      kind: 'lostAnswer',
    });
    const lost = await at.attempts.fails('entra.createTemporaryAccessPass', usual);
    expect(lost.nonRetryable).toBe(false);
    expect(await at.attempts.preview('entra.createTemporaryAccessPass', usual)).toEqual({
      summary: `would replace the Temporary Access Pass of ${robin} by a new one`,
    });
    await create();
    expect([added().length, at.count('signInMethod.removed')]).toEqual([2, 1]);
  });

  it('that the organisation’s policy does not allow is refused in Graph’s words', async () => {
    at.sandbox.faults.add({ system: 'graph', method: 'POST', times: 1, kind: 'status', status: 403 });
    const failure = await at.attempts.fails('entra.createTemporaryAccessPass', usual);
    expect(failure.nonRetryable).toBe(true);
    const short = await at.attempts.fails('entra.createTemporaryAccessPass', {
      user: robin,
      lifetimeMinutes: 5,
    });
    expect(short.message).toContain('The input does not fit entra.createTemporaryAccessPass.');
  });

  it('is deleted once, however often it is tried', async () => {
    const user = { user: robin };
    await create();
    expect(await at.attempts.preview('entra.deleteTemporaryAccessPass', user)).toEqual({
      summary: `would delete the Temporary Access Pass of ${robin}`,
    });
    at.sandbox.faults.add({ system: 'graph', method: 'DELETE', times: 1, kind: 'lostAnswer' });
    await at.attempts.fails('entra.deleteTemporaryAccessPass', user);
    expect(await at.attempts.call('entra.deleteTemporaryAccessPass', user)).toEqual({ deleted: true });
    expect(await at.attempts.call('entra.deleteTemporaryAccessPass', user)).toEqual({ deleted: false });
    expect(await at.attempts.verify('entra.deleteTemporaryAccessPass', user)).toBe(true);
    expect(await at.attempts.preview('entra.deleteTemporaryAccessPass', user)).toMatchObject({
      nothingToDo: true,
    });
    expect(at.count('signInMethod.removed')).toBe(1);
  });
});
