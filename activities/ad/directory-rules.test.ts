/** What a domain controller does by itself, takes without a word or refuses, and what is made of that: on a real one. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { Attribute, Change, Control } from 'ldapts';
import type { JsonObject } from '../../plan/plan.ts';
import { describeWith } from '../../test/support/services.ts';
import { type TestDomain, testDomain } from '../../test/support/test-domain.ts';
import { AdClient } from './client.ts';
import type { Edit } from './directory.ts';
import { Entry } from './entry.ts';
import { failureOf } from './errors.ts';
import { groups, is, people } from './filters.ts';
import { find } from './find.ts';
import { childOf } from './names.ts';
import { passwordFor } from './passwords.ts';

const found = await testDomain();
afterAll(() => found?.stop());
const domain = found as TestDomain;

let count = 0;
const does = (action: string, input: JsonObject) =>
  domain.attempts.call(action, input, { step: `step ${++count}` });

async function person(more: JsonObject = {}): Promise<string> {
  const name = `rule${++count}`;
  await does('ad.createUser', {
    accountName: name,
    userPrincipalName: `${name}@corp.example.com`,
    displayName: `Rule ${name}`,
    container: `CN=Users,${domain.domain}`,
    ...more,
  });
  return name;
}

async function group(more: JsonObject = {}): Promise<string> {
  const name = `Group ${++count}`;
  await does('ad.createGroup', { name, container: `CN=Users,${domain.domain}`, ...more });
  return name;
}

const dnOf = async (user: string) => String((await does('ad.findUser', { user })).distinguishedName);

async function read(dn: string, attribute: string): Promise<string | undefined> {
  return domain.use(async (directory) => (await directory.read(dn, [attribute]))?.text(attribute));
}

const modify = (dn: string, edits: Edit[]) => domain.use((directory) => directory.modify(dn, edits));

describeWith(found)('A value', () => {
  it('that is taken away is absent, and taking away what is not there is nothing to do', async () => {
    const user = await person({ jobTitle: 'Clerk' });
    expect(await does('ad.updateUser', { user, clear: ['title'] })).toMatchObject({
      changed: ['title'],
      before: { title: 'Clerk' },
    });
    expect(await does('ad.findUser', { user })).not.toHaveProperty('jobTitle');
    expect(await does('ad.updateUser', { user, clear: ['title', 'info'] })).toMatchObject({ changed: [] });
    expect(await domain.attempts.preview('ad.updateUser', { user, clear: ['title'] })).toMatchObject({
      nothingToDo: true,
    });
  });

  it('that is empty or a number is refused before it is sent, and told if it is', async () => {
    const user = await person();
    const preview = await domain.attempts.preview('ad.updateUser', { user, set: { title: '' } });
    expect(preview?.problems).toEqual([expect.stringContaining('name it in `clear`')]);
    const number = { operation: 'replace', attribute: 'info', values: 7 as unknown as string } as const;
    await expect(modify(await dnOf(user), [number])).rejects.toThrow();
  });

  it('of an attribute that takes one is not joined by a second', async () => {
    const user = await person({ jobTitle: 'Clerk' });
    const second = { operation: 'add', attribute: 'title', values: 'Manager' } as const;
    await expect(modify(await dnOf(user), [second])).rejects.toMatchObject({
      name: 'PermanentFailure',
      message: expect.stringContaining('takes one value only'),
    });
    expect(await does('ad.updateUser', { user, set: { title: 'Manager' } })).toMatchObject({
      before: { title: 'Clerk' },
    });
  });

  it('of a list is not written over: what has several values is left to people', async () => {
    const user = await person();
    await modify(await dnOf(user), [
      { operation: 'replace', attribute: 'otherTelephone', values: ['1', '2'] },
    ]);
    const preview = await domain.attempts.preview('ad.updateUser', { user, set: { otherTelephone: '3' } });
    expect(preview?.problems).toEqual([expect.stringContaining('several values')]);
  });
});

describeWith(found)('An account', () => {
  it('is made in one write, enabled and with its password, since Windows enables none without', async () => {
    const name = `rule${++count}`;
    domain.proxy.loseAnswer(0);
    await domain.far.call(
      'ad.createUser',
      {
        accountName: name,
        userPrincipalName: `${name}@corp.example.com`,
        displayName: `Rule ${name}`,
        container: `CN=Users,${domain.domain}`,
      },
      { step: `step ${++count}` },
    );
    expect(domain.proxy.writes()).toBe(1);
    expect(await read(await dnOf(name), 'userAccountControl')).toBe('512');
  });

  it('is disabled by one bit whatever the others are, and never by a number written outright', async () => {
    const user = await person();
    for (const control of [512, 544, 66_048, 66_080]) {
      await modify(await dnOf(user), [
        { operation: 'replace', attribute: 'userAccountControl', values: String(control) },
      ]);
      await does('ad.disableUser', { user });
      expect(await read(await dnOf(user), 'userAccountControl')).toBe(String(control + 2));
      await does('ad.enableUser', { user });
      expect(await read(await dnOf(user), 'userAccountControl')).toBe(String(control));
    }
    const plain = await domain.attempts.preview('ad.updateUser', { user, set: { userAccountControl: '0' } });
    expect(plain?.problems).toEqual([expect.stringContaining('ad.disableUser')]);
  });

  it('that somebody changes between the look and the write is looked at again', async () => {
    const user = await person();
    const dn = await dnOf(user);
    await expect(
      domain.use((directory) => directory.exchange(dn, 'userAccountControl', ['66048'], ['66050'])),
    ).rejects.toMatchObject({ name: 'RetryableFailure', message: expect.stringContaining('meanwhile') });
    expect(await read(dn, 'userAccountControl')).toBe('512');
  });

  it('says at which hours and machines it is kept out', async () => {
    const user = await person();
    const { password } = await does('ad.resetPassword', { user, mustChange: false });
    const plain = domain.attempts.services.seal.open(String((password as JsonObject).$sealed));
    const signIn = () =>
      new AdClient({
        ...domain.server.settings,
        user: `${user}@corp.example.com`,
        password: String(plain),
      })
        .session(async () => 'signed in')
        .catch(({ message }: Error) => message);
    expect(await signIn()).toBe('signed in');
    const dn = await dnOf(user);
    await modify(dn, [{ operation: 'replace', attribute: 'userWorkstations', values: 'PC1' }]);
    expect(await signIn()).toContain('from this machine');
    await modify(dn, [
      { operation: 'replace', attribute: 'userWorkstations', values: [] },
      { operation: 'replace', attribute: 'logonHours', values: Buffer.alloc(21) },
    ]);
    expect(await signIn()).toContain('at this hour');
  });

  it('takes its groups and those who report to it along when it is renamed, and leaves them when it is deleted', async () => {
    const [boss, user, name] = [await person(), await person(), await group()];
    await does('ad.addGroupMember', { user: boss, group: name });
    await does('ad.updateUser', { user, manager: boss });
    await does('ad.moveUser', { user: boss, to: await domain.unit(), name: 'Renamed, "Boss"' });
    const dn = await dnOf(boss);
    expect((await does('ad.groupsOfUser', { user: boss })).names).toContain(name);
    expect((await does('ad.listGroupMembers', { group: name })).members).toMatchObject([
      { accountName: boss },
    ]);
    expect((await does('ad.findUser', { user })).manager).toBe(dn);
    await does('ad.deleteUser', { user: boss });
    expect(await does('ad.findUser', { user })).not.toHaveProperty('manager');
    expect((await does('ad.listGroupMembers', { group: name })).count).toBe(0);
  });

  it('that holds others, such as the devices of a person, is deleted with them', async () => {
    const user = await person();
    const dn = await dnOf(user);
    await domain.use((directory) => directory.add(childOf(dn, 'Phone'), { objectClass: 'classStore' }));
    expect(await does('ad.deleteUser', { user })).toMatchObject({ deleted: true });
    expect(await does('ad.findUser', { user })).toEqual({ found: false });
  });
});

describeWith(found)('A group', () => {
  it('is of the type that is asked for, by a number with its sign', async () => {
    const types = {
      global: -2147483646,
      domainLocal: -2147483644,
      universal: -2147483640,
    };
    for (const [scope, type] of Object.entries(types)) {
      const name = await group({ scope });
      const [made] = await domain.use((directory) =>
        directory.search({
          base: directory.domain,
          filter: is('sAMAccountName', name),
          attributes: ['groupType'],
        }),
      );
      expect({ scope, type: made?.number('groupType') }).toEqual({ scope, type });
    }
    const list = await group({ distribution: true });
    const dn = `CN=${list},CN=Users,${domain.domain}`;
    expect(await read(dn, 'groupType')).toBe('2');
  });

  it('does not change from global to one of the domain, and that is told for good', async () => {
    const name = await group();
    const change = modify(`CN=${name},CN=Users,${domain.domain}`, [
      { operation: 'replace', attribute: 'groupType', values: '-2147483644' },
    ]);
    await expect(change).rejects.toMatchObject({
      name: 'PermanentFailure',
      message: expect.stringContaining('does not do that to this entry'),
    });
  });

  it('takes each of several people, though one of them cannot be taken', async () => {
    const user = await person();
    const [one, two] = [await group(), await group()];
    const joined = await does('ad.addUserToGroups', { user, groups: [one, 'No such group', two] });
    expect(joined).toMatchObject({ names: [one, two], skipped: [{ group: 'No such group' }] });
    const ghost = modify(`CN=${one},CN=Users,${domain.domain}`, [
      { operation: 'add', attribute: 'member', values: `CN=ghost,CN=Users,${domain.domain}` },
    ]);
    await expect(ghost).rejects.toMatchObject({ name: 'PermanentFailure' });
  });
});

describeWith(found)('What is searched', () => {
  it('from the root of the domain has no entries of other partitions, and a place of another domain has none', async () => {
    await domain.use(async (directory) => {
      const seen = await directory.search({ base: directory.domain, filter: groups, attributes: ['cn'] });
      expect(seen.length).toBeGreaterThan(10);
      expect(seen.filter(({ dn }) => !dn.endsWith(directory.domain))).toEqual([]);
      const elsewhere = 'OU=Staff,DC=other,DC=example,DC=com';
      expect(await directory.search({ base: elsewhere, filter: people, attributes: ['cn'] })).toEqual([]);
    });
    const gone = 'CN=Ann Lee,OU=Staff,DC=other,DC=example,DC=com';
    expect(await does('ad.findUser', { user: gone })).toEqual({ found: false });
  });

  it('without the right to read a secret shows none, and the message says that it may be the right', async () => {
    const secret = await domain.use((directory) =>
      directory.read(`CN=Administrator,CN=Users,${directory.domain}`, ['unicodePwd', 'cn']),
    );
    expect([secret?.text('cn'), secret?.text('unicodePwd')]).toEqual(['Administrator', undefined]);
  });

  it('through the global catalogue could not be written, so that its ports are no `url`', async () => {
    const url = `${domain.server.settings.url}:3269`;
    const client = new AdClient({ ...domain.server.settings, url });
    await expect(client.session(async () => undefined)).rejects.toMatchObject({
      name: 'PermanentFailure',
      message: expect.stringContaining('global catalogue'),
    });
  });

  it('twenty at once over one connection all come', async () => {
    const user = await person();
    const seen = await domain.use((directory) =>
      Promise.all(
        Array.from({ length: 20 }, () =>
          directory.search({
            base: directory.domain,
            filter: is('sAMAccountName', user),
            attributes: ['cn'],
          }),
        ),
      ),
    );
    expect(seen.map((each) => each.length)).toEqual(Array<number>(20).fill(1));
  });
});

describeWith(found)('Why nothing is left to the server', () => {
  it('Samba names a control for memberships that are there already, and does not heed it', async () => {
    const [user, name] = [await person(), await group()];
    await does('ad.addGroupMember', { user, group: name });
    const client = await domain.server.administrator();
    const permissive = new Control('1.2.840.113556.1.4.1413');
    const again = client.modify(
      `CN=${name},CN=Users,${domain.domain}`,
      new Change({
        operation: 'add',
        modification: new Attribute({ type: 'member', values: [await dnOf(user)] }),
      }),
      permissive,
    );
    await expect(again).rejects.toMatchObject({ code: 68 });
    await client.unbind();
  });

  it('it takes names that Windows does not, which are refused before', async () => {
    await domain.use(async (directory) => {
      const long = `long${'x'.repeat(20)}`;
      await directory.add(`CN=${long},CN=Users,${directory.domain}`, {
        objectClass: 'user',
        sAMAccountName: long,
      });
    });
    const preview = await domain.attempts.preview('ad.createUser', {
      accountName: `long${'y'.repeat(20)}`,
      userPrincipalName: 'long@corp.example.com',
      displayName: 'Long',
      container: `CN=Users,${domain.domain}`,
    });
    expect(preview?.problems).toEqual([expect.stringContaining('takes 20')]);
  });
});

describe('A refusal that Samba never gives', () => {
  it('of a server of another domain names the way out', () => {
    expect(
      failureOf(Object.assign(new Error('0000202B: RefErr'), { code: 10 }), 'cannot search'),
    ).toMatchObject({ name: 'PermanentFailure', message: expect.stringContaining('another domain') });
  });
});

describe('A name', () => {
  const find_ = (name: string, has: Record<string, string>) => {
    const attributes = Object.entries(has).map(([type, value]) => ({
      type,
      parsedBuffers: [Buffer.from(value)],
    }));
    const entry = new Entry({ name: 'CN=x,DC=corp', attributes } as never);
    // As Windows, which finds by letters without their accents.
    return find({ base: 'DC=corp', search: async () => [entry] } as never, 'user', name);
  };

  it('that differs in an accent is another, though Windows finds it by this one', async () => {
    expect(await find_('jurgen', { sAMAccountName: 'jürgen' })).toBeUndefined();
    expect(await find_('jürgen', { sAMAccountName: 'jurgen' })).toBeUndefined();
    expect(await find_('strasse@example.com', { mail: 'straße@example.com' })).toBeUndefined();
    expect(await find_('JÜRGEN', { sAMAccountName: 'jürgen' })).toBeDefined();
    // Written in another way in Unicode.
    expect(await find_('ju\u0308rgen', { sAMAccountName: 'jürgen' })).toBeDefined();
    expect(await find_('j.lee@example.com', { mail: 'J.Lee@example.com' })).toBeDefined();
  });
});

describe('A first password', () => {
  it('holds neither the account name nor a part of the full name, as Windows wants it', () => {
    const asked: string[] = [];
    const make = (...names: string[]) =>
      passwordFor('first', names, {
        conceal: () => {},
        secretFor: (purpose) => {
          asked.push(purpose);
          return purpose;
        },
      });
    const usual = make('nobody');
    expect(asked).toEqual(['first']);
    const part = usual.slice(0, 3).toUpperCase();
    const other = make('someone', `Ann ${part}`);
    expect(other.toUpperCase()).not.toContain(part);
    expect(asked).toEqual(['first', 'first', 'first 1']);
  });
});
