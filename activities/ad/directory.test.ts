import { afterAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Attribute, Change, Client, EqualityFilter } from 'ldapts';
import type { JsonObject } from '../../plan/plan.ts';
import { hostile } from '../../test/support/hostile-names.ts';
import { describeWith } from '../../test/support/services.ts';
import { type TestDomain, testDomain } from '../../test/support/test-domain.ts';
import { problemOf } from './checks.ts';
import { AdClient } from './client.ts';
import { all, is, people } from './filters.ts';
import { childOf, plainName } from './names.ts';
import { passwordValue } from './passwords.ts';

const found = await testDomain();
afterAll(() => found?.stop());
const domain = found as TestDomain;

let steps = 0;
const does = (action: string, input: JsonObject) =>
  domain.attempts.call(action, input, { step: `step ${++steps}` });

async function account(attributes: Record<string, string | Buffer | string[]> = {}): Promise<string> {
  const name = `acc${++steps}`;
  await domain.use((directory) =>
    directory.add(childOf(`CN=Users,${directory.domain}`, name), {
      objectClass: 'user',
      sAMAccountName: name,
      userPrincipalName: `${name}@corp.example.com`,
      unicodePwd: passwordValue('Quite-1-Good'),
      userAccountControl: '512',
      ...attributes,
    }),
  );
  return name;
}

const set = (name: string, attribute: string, values: string | string[]) =>
  domain.use((directory) =>
    directory.modify(`CN=${name},CN=Users,${directory.domain}`, [
      { operation: 'replace', attribute, values },
    ]),
  );

/** What the connector says when it signs in with other settings. */
async function refusal(changed: Record<string, unknown>): Promise<{ name: string; message: string }> {
  const client = new AdClient({ ...domain.server.settings, ...changed } as typeof domain.server.settings);
  return client.session(async () => ({ name: 'none', message: 'signed in' })).catch((error: Error) => error);
}

describeWith(found)('Signing in', () => {
  it('is made secure before anything is sent, by StartTLS too', async () => {
    const url = domain.server.settings.url.replace('ldaps:', 'ldap:');
    const client = new AdClient({ ...domain.server.settings, url });
    expect(await client.session(async (directory) => directory.domain)).toBe(domain.domain);
    expect((await refusal({ url, ca: undefined })).message).toContain('Name its certificate authority');
  });

  it('with plain LDAP would be refused by the server', async () => {
    const client = new Client({ url: `ldap://${domain.server.address}` });
    await expect(client.bind('administrator@corp.example.com', 'Passw0rd!23')).rejects.toMatchObject({
      code: 8,
    });
    await client.unbind();
  });

  it('to a server whose certificate is not trusted, or made out to another, is refused for good', async () => {
    const untrusted = await refusal({ ca: undefined });
    expect(untrusted).toMatchObject({ name: 'PermanentFailure', message: expect.stringContaining('as ca') });
    for (const url of [domain.server.settings.url, domain.server.settings.url.replace('ldaps:', 'ldap:')])
      expect(await refusal({ url, servername: undefined })).toMatchObject({
        name: 'PermanentFailure',
        message: expect.stringContaining('servername'),
      });
    expect(await refusal({ servername: 'dc2.corp.example.com' })).toMatchObject({
      message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    });
    expect(await refusal({ url: 'ldaps://127.0.0.1:9' })).toMatchObject({ name: 'RetryableFailure' });
  });

  it('says why it was refused, which the number does not tell', async () => {
    const name = await account();
    const own = { user: `${name}@corp.example.com`, password: 'Quite-1-Good' };
    expect(await refusal(own)).toMatchObject({ message: 'signed in' });
    expect(await refusal({ ...own, user: `CORP\\${name}` })).toMatchObject({ message: 'signed in' });
    expect((await refusal({ ...own, user: name })).message).toContain('there is no such account');
    expect((await refusal({ ...own, password: 'wrong' })).message).toContain('password is wrong');
    expect((await refusal({ ...own, user: 'nobody@corp.example.com' })).message).toContain('no such account');
    await set(name, 'accountExpires', '116444736000000000');
    expect((await refusal(own)).message).toContain('expired. Move its end');
    await set(name, 'accountExpires', '0');
    await set(name, 'pwdLastSet', '0');
    expect((await refusal(own)).message).toContain('must change its password');
    await set(name, 'userAccountControl', '514');
    expect(await refusal(own)).toMatchObject({
      name: 'PermanentFailure',
      message: expect.stringContaining('disabled'),
    });
  });

  it('is done anew for each piece of work, and a lost connection writes nothing without it', async () => {
    const name = await account();
    await domain.use(async (directory) => {
      const { client } = directory as unknown as { client: Client };
      await client.unbind();
      const write = directory.modify(`CN=${name},CN=Users,${directory.domain}`, [
        { operation: 'replace', attribute: 'info', values: 'x' },
      ]);
      await expect(write).rejects.toMatchObject({ name: 'RetryableFailure' });
      await expect(directory.search({ base: directory.domain, attributes: ['cn'] })).rejects.toMatchObject({
        name: 'RetryableFailure',
      });
    });
  });

  it('ends with the attempt', async () => {
    const ended = new AbortController();
    const client = domain.client.for(ended.signal);
    const work = client.session(async (directory) => {
      ended.abort(new Error('cancelled'));
      return directory.search({ base: directory.domain, attributes: ['cn'] });
    });
    await expect(work).rejects.toThrow('cancelled');
  });
});

describeWith(found)('What is locked', () => {
  it('is seen where userAccountControl does not show it, and unlocked', async () => {
    const name = await account();
    await domain.server.tool('domain', 'passwordsettings', 'set', '--account-lockout-threshold=3');
    try {
      for (let attempt = 0; attempt < 4; attempt++)
        await refusal({ user: `${name}@corp.example.com`, password: `wrong ${attempt}` });
      const own = { user: `${name}@corp.example.com`, password: 'Quite-1-Good' };
      expect((await refusal(own)).message).toContain('locked');
      expect(await does('ad.findUser', { user: name })).toMatchObject({ locked: true, enabled: true });
      expect(await domain.attempts.preview('ad.unlockUser', { user: name })).toEqual({
        summary: `would unlock ${name}@corp.example.com`,
      });
      expect(await does('ad.unlockUser', { user: name })).toMatchObject({ unlocked: true });
      expect(await does('ad.unlockUser', { user: name })).toMatchObject({ unlocked: false });
      expect((await refusal(own)).message).toBe('signed in');
    } finally {
      await domain.server.tool('domain', 'passwordsettings', 'set', '--account-lockout-threshold=0');
    }
  });
});

describeWith(found)('What is read', () => {
  it('has no attribute that the entry has not', async () => {
    const name = await account({ mail: `${steps}@example.com` });
    const other = await account();
    await domain.use(async (directory) => {
      const read = (each: string) =>
        directory.read(`CN=${each},CN=Users,${directory.domain}`, ['mail', 'info', 'memberOf']);
      expect((await read(name))?.text('mail')).toMatch('@example.com');
      expect((await read(other))?.text('mail')).toBeUndefined();
      expect((await read(other))?.texts('memberOf')).toEqual([]);
      expect(await read('nobody')).toBeUndefined();
    });
    expect(await does('ad.findUser', { user: other })).not.toHaveProperty('mail');
  });

  it('is found by every name, and a pattern is no name', async () => {
    const name = await account({ mail: 'dora.search@example.com', displayName: 'Dora' });
    const { id, distinguishedName } = await does('ad.findUser', { user: name });
    for (const user of [
      id,
      `{${String(id).toUpperCase()}}`,
      distinguishedName,
      `${name}@corp.example.com`,
      'dora.search@example.com',
    ])
      expect(await does('ad.findUser', { user: String(user) })).toMatchObject({ id });
    for (const user of [
      `*${name.slice(1)}`,
      `${name}*`,
      `${name})(objectClass=*`,
      '*',
      'CN=nobody,DC=corp,DC=example,DC=com',
    ])
      expect(await does('ad.findUser', { user })).toEqual({ found: false });
    await account({ mail: 'dora.search@example.com' });
    const failure = await domain.attempts.fails('ad.findUser', { user: 'dora.search@example.com' });
    expect(failure.message).toContain('2 users are called dora.search@example.com');
  });

  it('of people has no computers, and of computers no people', async () => {
    await domain.use((directory) =>
      directory.add(childOf(`CN=Computers,${directory.domain}`, 'PC7'), {
        objectClass: 'computer',
        sAMAccountName: 'PC7$',
        userAccountControl: '4096',
        dNSHostName: 'pc7.corp.example.com',
      }),
    );
    expect(await does('ad.findUser', { user: 'PC7$' })).toEqual({ found: false });
    for (const computer of ['PC7', 'pc7$', 'pc7.corp.example.com'])
      expect(await does('ad.findComputer', { computer })).toMatchObject({
        found: true,
        name: 'PC7',
        enabled: true,
      });
    expect(await does('ad.findComputer', { computer: 'administrator' })).toEqual({ found: false });
  });

  it('ends never by either number', async () => {
    const name = await account({ accountExpires: '0' });
    expect(await does('ad.findUser', { user: name })).not.toHaveProperty('expires');
    expect(await does('ad.setAccountExpiry', { user: name, expires: 'never' })).toMatchObject({
      changed: false,
    });
    await set(name, 'accountExpires', '9223372036854775807');
    expect(await does('ad.setAccountExpiry', { user: name, expires: 'never' })).toMatchObject({
      changed: false,
    });
    expect(
      await domain.attempts.preview('ad.setAccountExpiry', { user: name, expires: '2026-02-30T00:00:00Z' }),
    ).toBeDefined();
  });
});

describeWith(found)('A refusal of the directory', () => {
  const write = async (name: string, attribute: string, values: string | Buffer) =>
    domain
      .use((directory) =>
        directory.modify(`CN=${name},CN=Users,${directory.domain}`, [
          { operation: 'replace', attribute, values },
        ]),
      )
      .catch((error: Error) => error);

  it('is told with its way out, and tried again only where that helps', async () => {
    const name = await account();
    for (const [attribute, value, way] of [
      ['unicodePwd', passwordValue('weak'), 'rules of the domain'],
      ['manager', `CN=ghost,CN=Users,${domain.domain}`, 'not there'],
      ['c', 'Germany', 'not of the form'],
      ['noSuchThing', 'x', 'no such attribute'],
      ['memberOf', `CN=Domain Admins,CN=Users,${domain.domain}`, 'does not do that'],
      ['info', '', 'not of the form'],
      ['cn', 'other', 'moving the entry'],
    ] as const)
      expect({ attribute, error: await write(name, attribute, value) }).toMatchObject({
        error: { name: 'PermanentFailure', message: expect.stringContaining(way) },
      });
    const ghost = await write('ghost', 'info', 'x');
    expect(ghost).toMatchObject({
      name: 'PermanentFailure',
      message: expect.stringContaining('no such entry'),
    });
  });

  it('with the number of many causes is never taken for a passing one', async () => {
    const name = await account();
    await domain.use(async (directory) => {
      const dn = `CN=${name},CN=Users,${directory.domain}`;
      const missing = directory.move(dn, `OU=None,${directory.domain}`);
      await expect(missing).rejects.toMatchObject({
        name: 'PermanentFailure',
        message: expect.stringContaining('organisational unit is not there'),
      });
      const own = directory.delete(`CN=Domain Admins,CN=Users,${directory.domain}`);
      await expect(own).rejects.toMatchObject({
        name: 'PermanentFailure',
        message: expect.stringContaining('protects'),
      });
      const taken = directory.add(dn, { objectClass: 'user', sAMAccountName: 'other' });
      await expect(taken).rejects.toMatchObject({ message: expect.stringContaining('already') });
      const signIn = directory.add(`CN=second,CN=Users,${directory.domain}`, {
        objectClass: 'user',
        sAMAccountName: 'second',
        userPrincipalName: `${name}@corp.example.com`,
      });
      await expect(signIn).rejects.toMatchObject({
        message: expect.stringContaining('Another account has this sign-in name'),
      });
    });
  });

  it('for want of a right says so', async () => {
    const name = await account();
    const weak = new AdClient({
      ...domain.server.settings,
      user: `${name}@corp.example.com`,
      password: 'Quite-1-Good',
    });
    const write = weak.session((directory) =>
      directory.modify(`CN=Administrator,CN=Users,${directory.domain}`, [
        { operation: 'replace', attribute: 'info', values: 'x' },
      ]),
    );
    await expect(write).rejects.toMatchObject({
      name: 'PermanentFailure',
      message: expect.stringContaining('Delegate the right'),
    });
  });
});

describeWith(found)('Membership', () => {
  it('that is so already, or not any more, is known by a look and not by the number of a refusal', async () => {
    const [name, group] = [await account(), 'Twice'];
    await does('ad.createGroup', { name: group, container: `CN=Users,${domain.domain}` });
    for (const added of [true, false])
      expect(await does('ad.addGroupMember', { user: name, group })).toMatchObject({ added });
    for (const removed of [true, false])
      expect(await does('ad.removeGroupMember', { user: name, group })).toMatchObject({ removed });
    // At once: all but one are refused by the server.
    const both = await Promise.all([1, 2, 3].map(() => does('ad.addGroupMember', { user: name, group })));
    expect(both).toHaveLength(3);
    await Promise.all([1, 2, 3].map(() => does('ad.removeGroupMember', { user: name, group })));
    expect((await does('ad.groupsOfUser', { user: name })).names).toEqual(['Domain Users', 'Users']);
  });

  it('by the primary group is counted, and named as what nobody leaves', async () => {
    const name = await account();
    const container = `CN=Users,${domain.domain}`;
    for (const group of ['Outer', 'Middle', 'Base']) await does('ad.createGroup', { name: group, container });
    await domain.use(async (directory) => {
      const add = (group: string, member: string) =>
        directory.modify(`CN=${group},${container}`, [
          { operation: 'add', attribute: 'member', values: `CN=${member},${container}` },
        ]);
      await add('Outer', 'Middle');
      await add('Middle', 'Base');
      // A circle ends.
      await add('Base', 'Outer');
      await add('Base', name);
      const base = await directory.read(`CN=Base,${container}`, ['primaryGroupToken', 'objectSid']);
      await directory.modify(`CN=${name},${container}`, [
        {
          operation: 'replace',
          attribute: 'primaryGroupID',
          values: String(base?.bytes('objectSid')[0]?.readUInt32LE(24)),
        },
      ]);
    });
    const { groups } = await does('ad.groupsOfUser', { user: name });
    expect(
      (groups as { name: string; how: string }[]).map(({ name: each, how }) => `${each} ${how}`).sort(),
    ).toEqual(['Base primary', 'Domain Users direct', 'Middle nested', 'Outer nested', 'Users nested']);
    const { members } = await does('ad.listGroupMembers', { group: 'Outer', nested: true });
    expect(members).toContainEqual(
      expect.objectContaining({ accountName: name, kind: 'person', primary: true }),
    );
    expect((await does('ad.listGroupMembers', { group: 'Outer' })).count).toBe(1);
    const preview = await domain.attempts.preview('ad.removeGroupMember', { user: name, group: 'Base' });
    expect(preview?.problems).toEqual([expect.stringContaining('primary group')]);
    expect(await does('ad.addGroupMember', { user: name, group: 'Base' })).toMatchObject({ added: false });
    const left = await does('ad.removeUserFromGroups', { user: name });
    expect(left).toMatchObject({ names: ['Domain Users'], kept: [{ group: 'Base' }] });
    const rest = await does('ad.residualAccess', { user: name });
    expect((rest.items as { name: string }[]).map(({ name: each }) => each)).toEqual(
      expect.arrayContaining(['Base', 'Middle', 'Outer', `${name}@corp.example.com can sign in`]),
    );
  });
});

describeWith(found)('Hostile names', () => {
  it('are made, found, moved and deleted as they are, and find nothing else', async () => {
    const unit = await domain.unit();
    const other = await domain.unit();
    // Such as an action takes. The server keeps no control characters in names, and takes away what stands before and behind.
    const kept = hostile.filter(
      (name) =>
        name === name.trim() &&
        !/\p{C}/u.test(name) &&
        [...name].length <= 60 &&
        problemOf('cn', name) === undefined,
    );
    await fc.assert(
      fc.asyncProperty(kept, async (name) => {
        await domain.use(async (directory) => {
          const dn = childOf(unit, name);
          await directory.add(dn, { objectClass: 'user', sAMAccountName: `h${++steps}`, info: name });
          const byInfo = await directory.search({
            base: unit,
            filter: all(people, is('info', name)),
            attributes: ['cn', 'info'],
          });
          expect(byInfo.map((entry) => entry.text('info'))).toEqual([name]);
          expect(byInfo.map((entry) => plainName(entry.dn))).toEqual([name]);
          const moved = await directory.move(byInfo[0]?.dn ?? '', other);
          expect((await directory.read(moved, ['cn']))?.text('cn')).toBe(name);
          expect(await directory.read(dn, ['cn'])).toBeUndefined();
          await directory.delete(moved);
        });
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it('in what a runbook asks for are values and never a filter', async () => {
    const total = await domain.use((directory) =>
      directory.search({ base: directory.domain, filter: people, attributes: ['cn'] }),
    );
    expect(total.length).toBeGreaterThan(3);
    await fc.assert(
      fc.asyncProperty(hostile, async (name) => {
        expect(await does('ad.findUser', { user: `${name}${name}` })).toEqual({ found: false });
        expect(await does('ad.findUser', { user: `*${name}*` })).toEqual({ found: false });
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});

describeWith(found)('Why values are never part of a filter’s text', () => {
  it('ldapts finds nothing by an escaped object id, and does by bytes', async () => {
    const client = await domain.server.administrator();
    const base = domain.domain;
    const [entry] = (
      await client.search(base, {
        filter: '(sAMAccountName=administrator)',
        explicitBufferAttributes: ['objectGUID'],
      })
    ).searchEntries;
    const id = entry?.objectGUID as Buffer;
    const escaped = [...id].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
    const [text, bytes] = await Promise.all([
      client.search(base, { filter: `(objectGUID=${escaped})` }),
      client.search(base, { filter: new EqualityFilter({ attribute: 'objectGUID', value: id }) }),
    ]);
    expect([text.searchEntries.length, bytes.searchEntries.length]).toEqual([0, 1]);
    await client.modify(
      entry?.dn ?? '',
      new Change({ operation: 'replace', modification: new Attribute({ type: 'info', values: [] }) }),
    );
    await client.unbind();
  });
});
