import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../plan/plan.ts';
import { entraSandbox } from './testing.ts';

const at = entraSandbox();
const lou = 'lou.maier@example.com';
const morgan = 'morgan.weiss@example.com';

describe.each([
  {
    action: 'entra.removeDirectoryRoles',
    removed: ['Helpdesk Administrator'],
    effect: 'role.removed',
    path: 'roleAssignments/',
    none: 'directory roles',
  },
  {
    // The one that comes with Engineering stays: it goes with the group.
    action: 'entra.removeAppRoleAssignments',
    removed: ['Travel Desk'],
    effect: 'appRole.removed',
    path: 'appRoleAssignments/',
    none: 'app roles',
  },
  {
    action: 'entra.removeOAuthGrants',
    removed: ['Team Calendar (Calendars.Read User.Read)'],
    effect: 'consent.removed',
    path: 'oauth2PermissionGrants/',
    none: 'app consents',
  },
])('$action', ({ action, removed, effect, path, none }) => {
  const user = lou;

  it('takes all away, once', async () => {
    expect(await at.attempts.preview(action, { user })).toEqual({
      summary: `would take from ${lou}: ${removed.join(', ')}`,
    });
    expect(await at.attempts.verify(action, { user })).toBe(false);
    expect(await at.attempts.call(action, { user })).toEqual({ removed });
    expect(await at.attempts.verify(action, { user })).toBe(true);
    expect(await at.attempts.call(action, { user })).toEqual({ removed: [] });
    expect(await at.attempts.preview(action, { user })).toEqual({
      summary: `${lou} has no ${none}`,
      nothingToDo: true,
    });
    expect(at.sandbox.effects.list({ effect })).toMatchObject([{ subject: lou }]);
  });

  it('names what it took though the answer was lost', async () => {
    at.loseAnswer(path);
    expect((await at.attempts.fails(action, { user })).nonRetryable).toBe(false);
    expect(await at.attempts.call(action, { user })).toEqual({ removed });
    expect(at.count(effect)).toBe(1);
  });

  it('passes on that it is asked to wait, or not allowed', async () => {
    at.sandbox.faults.add({ system: 'graph', path, times: 1, kind: 'status', status: 429, retryAfter: 4 });
    expect(await at.attempts.fails(action, { user })).toMatchObject({
      type: 'RateLimited',
      nextRetryDelay: 4_000,
    });
    at.sandbox.faults.add({ system: 'graph', path, times: 1, kind: 'status', status: 403 });
    expect(await at.attempts.fails(action, { user })).toMatchObject({ nonRetryable: true });
  });
});

it.each([
  'entra.removeFromGroups',
  'entra.removeAuthenticationMethods',
  'entra.removeDirectoryRoles',
  'entra.removeGroupOwnerships',
  'entra.removeLicenses',
])('a preview of %s does not call a misspelt name somebody who has nothing', async (action) => {
  expect(await at.attempts.preview(action, { user: 'lou.mayer@example.com' })).toEqual({
    summary: 'would look for lou.mayer@example.com',
    problems: [expect.stringContaining('Entra ID shows no user lou.mayer@example.com.')],
  });
});

describe('Removing group ownerships', () => {
  const all = {
    removed: ['Office Chat'],
    kept: [{ group: 'Summer Party', reason: 'nobody else owns it. Give it another owner first.' }],
  };
  const remove = () => at.attempts.call('entra.removeGroupOwnerships', { user: lou });

  it('gives up those that others own too, and keeps the rest, saying why', async () => {
    expect(await at.attempts.preview('entra.removeGroupOwnerships', { user: lou })).toEqual({
      summary: `would end that ${lou} owns Office Chat`,
      problems: ['Summer Party would be kept: nobody else owns it. Give it another owner first.'],
    });
    expect(await at.attempts.verify('entra.removeGroupOwnerships', { user: lou })).toBe(false);
    expect(await remove()).toEqual(all);
    expect(await at.attempts.verify('entra.removeGroupOwnerships', { user: lou })).toBe(true);
    expect(await remove()).toEqual({ ...all, removed: [] });
    expect(await at.attempts.preview('entra.removeGroupOwnerships', { user: lou })).toMatchObject({
      nothingToDo: true,
    });
    expect(at.count('owner.removed')).toBe(1);
  });

  it('names what it gave up though the answer was lost', async () => {
    at.loseAnswer('owners/');
    expect((await at.attempts.fails('entra.removeGroupOwnerships', { user: lou })).nonRetryable).toBe(false);
    expect(await remove()).toEqual(all);
    expect(at.count('owner.removed')).toBe(1);
  });
});

describe('The list of residual access', () => {
  type Item = { what: string; name: string; reason?: string };
  const look = async (user: string) => {
    const { items, clean, report } = await at.attempts.call('entra.residualAccess', { user });
    // Devices are another stand-in's.
    const others = (items as Item[]).filter(({ what }) => what !== 'device');
    return { items: others, clean, report: String(report), isEmpty: (items as Json[]).length === 0 };
  };

  it('names everything that a person can still use, and why where that is known', async () => {
    const { items, clean, report } = await look(lou);
    expect(clean).toBe(false);
    expect(items).toEqual([
      { what: 'account', name: `${lou} can sign in` },
      { what: 'sign-in method', name: 'phone (mobile)' },
      { what: 'sign-in method', name: 'Microsoft Authenticator (Phone of Lou)' },
      { what: 'group', name: 'All Staff' },
      { what: 'group', name: 'Engineering' },
      {
        what: 'group',
        name: 'News',
        reason: 'it is a distribution list or mail-enabled security group, which is managed in Exchange.',
      },
      { what: 'group', name: 'Licences E3', reason: 'it gives a licence.' },
      { what: 'directory role', name: 'Helpdesk Administrator' },
      { what: 'app role', name: 'Travel Desk' },
      { what: 'app consent', name: 'Team Calendar (Calendars.Read User.Read)' },
      { what: 'group ownership', name: 'Office Chat' },
      { what: 'group ownership', name: 'Summer Party', reason: 'nobody else owns it.' },
      { what: 'licence', name: 'FLOW_FREE' },
      { what: 'licence', name: 'SPE_E3', reason: 'it comes from the group Licences E3.' },
    ]);
    expect(report).toMatch(
      /^What lou\.maier@example\.com can still use in Entra ID, as of \d{4}-\d\d-\d\d \d\d:\d\d UTC:\n\nAccount\n- lou/,
    );
    expect(report).toContain('\n\nGroup\n- All Staff\n- Engineering\n- News (it is a distribution list');
    expect(report).toContain('\n\nLicence\n- FLOW_FREE\n- SPE_E3 (it comes from the group Licences E3)\n');
  });

  it('holds after everything was removed what only a person can settle', async () => {
    for (const action of [
      'entra.disableUser',
      'entra.removeAuthenticationMethods',
      'entra.removeFromGroups',
      'entra.removeDirectoryRoles',
      'entra.removeAppRoleAssignments',
      'entra.removeOAuthGrants',
      'entra.removeGroupOwnerships',
      'entra.removeLicenses',
    ])
      await at.attempts.call(action, { user: lou });
    const { items, clean, isEmpty } = await look(lou);
    expect(items.map(({ what, name }) => `${what}: ${name}`)).toEqual([
      'group: News',
      'group ownership: Summer Party',
    ]);
    expect(clean).toBe(isEmpty);
  });

  it('says what it does not prove, whether or not something is left', async () => {
    const unseen = /\n\nNot looked at: mailboxes of others that were opened to this person, and roles/;
    expect((await look(lou)).report).toMatch(unseen);
    const nobody = 'nobody.yet@example.com';
    await at.attempts.call('entra.createUser', {
      userPrincipalName: nobody,
      displayName: 'Nobody Yet',
      givenName: 'Nobody',
      usageLocation: 'DE',
    });
    await at.attempts.call('entra.disableUser', { user: nobody });
    const { items, report } = await look(nobody);
    expect(items).toEqual([]);
    expect(report).toMatch(/has no access left in Entra ID/);
    expect(report).toMatch(unseen);
  });

  it('holds applications that somebody owns, since their owner can sign in as them', async () => {
    expect((await look(morgan)).items).toContainEqual({ what: 'app ownership', name: 'Lunch Menu' });
  });

  it('says when devices could not be looked up, rather than that there are none', async () => {
    at.sandbox.faults.add({ system: 'graph', path: 'managedDevices', times: 1, kind: 'status', status: 403 });
    const { items, clean, report } = await at.attempts.call('entra.residualAccess', { user: lou });
    expect(clean).toBe(false);
    expect(items).toContainEqual({
      what: 'device',
      name: 'not looked up',
      reason: expect.stringContaining('Microsoft Graph does not allow it (403)'),
    });
    expect(report).toContain('\n\nDevice\n- not looked up (Microsoft Graph does not allow it (403)');
  });

  it('is clean for somebody who was deleted, and not for a name that is misspelt', async () => {
    await at.attempts.call('entra.deleteUser', { user: lou });
    const report = expect.stringMatching(
      /^lou\.maier@example\.com was deleted on \d{4}-\d\d-\d\d and has no access/,
    );
    expect(await at.attempts.call('entra.residualAccess', { user: lou })).toEqual({
      clean: true,
      items: [],
      report,
    });
    const failure = await at.attempts.fails('entra.residualAccess', { user: 'lou.mayer@example.com' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('Entra ID has no user lou.mayer@example.com');
  });
});
