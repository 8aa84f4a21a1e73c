import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { describeWith } from '../../test/support/services.ts';
import { type TestDomain, testDomain } from '../../test/support/test-domain.ts';
import { AdClient } from './client.ts';
import type { Edit } from './directory.ts';
import { childOf } from './names.ts';

const found = await testDomain();
afterAll(() => found?.stop());
const domain = found as TestDomain;

/** What one step does, on people and groups of its own. */
interface Case {
  prepare(made: Made): Promise<JsonObject>;
  /** What the output says besides ids and names. */
  says: JsonObject;
}

interface Made {
  unit: string;
  user: string;
  group(name: string): Promise<string>;
}

let count = 0;

async function made(): Promise<Made> {
  const unit = await domain.unit();
  const user = `user${++count}`;
  await domain.attempts.call('ad.createUser', person(user, unit), { step: `make ${user}` });
  return {
    unit,
    user,
    async group(name) {
      const group = `${name} ${count}`;
      await domain.attempts.call(
        'ad.createGroup',
        { name: group, container: unit },
        { step: `make ${group}` },
      );
      return group;
    },
  };
}

function person(accountName: string, container: string): JsonObject {
  return {
    accountName,
    userPrincipalName: `${accountName}@corp.example.com`,
    displayName: `Person ${accountName}`,
    container,
  };
}

const does = (action: string, input: Json) =>
  domain.attempts.call(action, input, { step: `before ${++count}` });

async function edit(user: string, edits: Edit[]): Promise<void> {
  await domain.use(async (directory) => {
    const seen = await domain.attempts.call('ad.findUser', { user }, { step: 'look' });
    await directory.modify(String(seen.distinguishedName), edits);
  });
}

const cases: Record<string, Case> = {
  'ad.createUser': {
    prepare: async ({ unit }) => person(`new${++count}`, unit),
    says: { password: { $sealed: expect.anything() as never } },
  },
  'ad.createGroup': { prepare: async ({ unit }) => ({ name: `New ${++count}`, container: unit }), says: {} },
  'ad.updateUser': {
    prepare: async ({ user }) => ({
      user,
      set: { department: 'Sales', title: 'Clerk' },
      clear: ['displayName'],
    }),
    says: { changed: ['department', 'title', 'displayName'], wereEmpty: ['department', 'title'] },
  },
  'ad.disableUser': { prepare: async ({ user }) => ({ user }), says: { disabled: true } },
  'ad.enableUser': {
    prepare: async ({ user }) => {
      await does('ad.disableUser', { user });
      return { user };
    },
    says: { enabled: true },
  },
  'ad.unlockUser': {
    prepare: async ({ user }) => {
      await domain.server.tool('domain', 'passwordsettings', 'set', '--account-lockout-threshold=3');
      const wrong = new AdClient({
        ...domain.server.settings,
        user: `${user}@corp.example.com`,
        password: 'wrong',
      });
      for (let attempt = 0; attempt < 4; attempt++) await wrong.session(async () => {}).catch(() => {});
      return { user };
    },
    says: { unlocked: true },
  },
  'ad.moveUser': {
    prepare: async ({ user, unit }) => ({
      user: await idOf(user),
      to: await domain.unit(),
      name: `Lee, "A" ${unit.length}`,
    }),
    says: { moved: true },
  },
  'ad.setAccountExpiry': {
    prepare: async ({ user }) => ({ user, expires: '2030-01-31T23:00:00Z' }),
    says: { changed: true, before: 'never', expires: '2030-01-31T23:00:00.000Z' },
  },
  'ad.resetPassword': { prepare: async ({ user }) => ({ user }), says: {} },
  'ad.deleteUser': {
    prepare: async ({ user, group }) => {
      await does('ad.addGroupMember', { user, group: await group('Bye') });
      return { user: await idOf(user) };
    },
    says: { deleted: true },
  },
  'ad.restoreUser': {
    prepare: async ({ user, group }) => {
      const name = await group('Back');
      const id = await idOf(user);
      await does('ad.deleteUser', { user: id });
      return { user: id, userPrincipalName: `${user}@corp.example.com`, groups: [name] };
    },
    says: { restored: true, skipped: [] },
  },
  'ad.addGroupMember': {
    prepare: async ({ user, group }) => ({ user, group: await group('In') }),
    says: { added: true },
  },
  'ad.removeGroupMember': {
    prepare: async ({ user, group }) => {
      const name = await group('Out');
      await does('ad.addGroupMember', { user, group: name });
      return { user, group: name };
    },
    says: { removed: true },
  },
  'ad.addUserToGroups': {
    prepare: async ({ user, group }) => ({ user, groups: [await group('One'), await group('Two')] }),
    says: { skipped: [] },
  },
  'ad.removeUserFromGroups': {
    prepare: async ({ user, group }) => {
      await does('ad.addUserToGroups', { user, groups: [await group('Three'), await group('Four')] });
      return { user };
    },
    says: { kept: [{ group: 'Domain Users', reason: 'it is the primary group, which nobody leaves.' }] },
  },
  'ad.deleteGroup': {
    prepare: async ({ group }) => ({ group: await group('Gone') }),
    says: { deleted: true },
  },
  'ad.disableComputer': {
    prepare: async ({ unit }) => ({ computer: await computer(unit) }),
    says: { disabled: true },
  },
  'ad.enableComputer': {
    prepare: async ({ unit }) => {
      const name = await computer(unit);
      await does('ad.disableComputer', { computer: name });
      return { computer: name };
    },
    says: { enabled: true },
  },
  'ad.moveComputer': {
    prepare: async ({ unit }) => ({ computer: await computer(unit), to: await domain.unit() }),
    says: { moved: true },
  },
  'ad.linkPolicy': {
    prepare: async ({ unit }) => ({ container: unit, policy: await policy(), enforced: true }),
    says: { linked: true },
  },
  'ad.unlinkPolicy': {
    prepare: async ({ unit }) => {
      const name = await policy();
      await does('ad.linkPolicy', { container: unit, policy: name, enforced: true });
      return { container: unit, policy: name };
    },
    says: { unlinked: true, position: 1, enabled: true, enforced: true },
  },
  'ad.setPolicyLink': {
    prepare: async ({ unit }) => {
      const [first, second] = [await policy(), await policy()];
      for (const name of [first, second]) await does('ad.linkPolicy', { container: unit, policy: name });
      return { container: unit, policy: second, position: 1, enforced: true };
    },
    says: { changed: true, before: { position: 2, enabled: true, enforced: false } },
  },
};

const reads: Record<string, (made: Made) => Promise<JsonObject>> = {
  'ad.findUser': async ({ user }) => ({ user }),
  'ad.findComputer': async ({ unit }) => ({ computer: await computer(unit) }),
  'ad.groupsOfUser': async ({ user, group }) => {
    await does('ad.addGroupMember', { user, group: await group('Read') });
    return { user };
  },
  'ad.listGroupMembers': async ({ user, group }) => {
    const name = await group('Listed');
    await does('ad.addGroupMember', { user, group: name });
    return { group: name };
  },
  'ad.listPolicyLinks': async ({ unit }) => {
    await does('ad.linkPolicy', { container: unit, policy: await policy() });
    return { container: unit };
  },
  'ad.residualAccess': async ({ user }) => ({ user }),
};

/** Reports say when they were made. */
function timeless({ report: _, ...output }: Record<string, Json>): Record<string, Json> {
  return output;
}

async function idOf(user: string): Promise<string> {
  return String((await domain.attempts.call('ad.findUser', { user }, { step: 'look' })).id);
}

async function policy(): Promise<string> {
  const name = `Policy ${++count}`;
  const id = randomUUID().toUpperCase();
  await domain.use((directory) =>
    directory.add(`CN={${id}},CN=Policies,CN=System,${directory.domain}`, {
      objectClass: 'groupPolicyContainer',
      displayName: name,
    }),
  );
  return name;
}

async function computer(unit: string): Promise<string> {
  const name = `PC${++count}`;
  await domain.use((directory) =>
    directory.add(childOf(unit, name), {
      objectClass: 'computer',
      sAMAccountName: `${name}$`,
      userAccountControl: '4096',
    }),
  );
  return name;
}

/** Ids and names differ from one try to the next, and sealed values each time. */
function said(output: Record<string, Json>): Record<string, Json> {
  const told = [
    'changed',
    'wereEmpty',
    'disabled',
    'enabled',
    'moved',
    'expires',
    'deleted',
    'restored',
    'added',
    'removed',
    'kept',
    'skipped',
    'linked',
    'unlinked',
    'unlocked',
    'position',
  ];
  const count = (value: Json) =>
    Array.isArray(value) && typeof value[0] === 'string' && /-/.test(value[0]) ? value.length : value;
  return Object.fromEntries(
    Object.entries(output)
      .filter(([name]) => told.includes(name))
      .map(([name, value]) => [name, count(value)]),
  );
}

describeWith(found)('On a domain controller', () => {
  it('every action that writes is tried here', () => {
    const writing = domain.actions.filter(({ effect }) => effect !== 'read').map(({ name }) => name);
    expect(Object.keys(cases).sort()).toEqual(writing.sort());
  });

  describe.each(Object.entries(cases))('%s', (action, { prepare, says }) => {
    it('says what it would do, does it, has it confirmed, and does nothing the second time', async () => {
      const input = await prepare(await made());
      const step = `once ${++count}`;
      const preview = await domain.attempts.preview(action, input);
      expect(preview?.summary).toMatch(/^would /);
      expect(preview?.problems ?? []).toEqual([]);
      expect(preview?.nothingToDo).toBeUndefined();
      const output = await domain.attempts.call(action, input, { step });
      expect(output).toMatchObject(says);
      if (action !== 'ad.resetPassword') expect(await domain.attempts.verify(action, input, step)).toBe(true);
      const again = await domain.attempts
        .call(action, input, { step })
        .catch((error: Error) => error.message);
      const creates = /create/.test(action);
      // Another step finds nothing to do; what creates finds its own by the step's key.
      if (creates || typeof again === 'string') expect(again).toMatchObject(pickIds(output));
      const other = await domain.attempts.preview(action, input);
      if (creates) expect(other?.problems?.join()).toMatch(/already/);
      else if (action !== 'ad.resetPassword') expect(other).toMatchObject({ nothingToDo: true });
    }, 60_000);

    it('says the same whichever answer to a write is lost', async () => {
      const input = await prepare(await made());
      domain.proxy.loseAnswer(0);
      const undisturbed = said(await domain.far.call(action, input, { step: `calm ${++count}` }));
      const writes = domain.proxy.writes();
      expect(writes).toBeGreaterThan(0);
      for (let nth = 1; nth <= writes; nth++) {
        const next = await prepare(await made());
        const step = `lost ${++count}`;
        domain.proxy.loseAnswer(nth);
        const failure = await domain.far.fails(action, next, { step });
        expect({ message: failure.message, again: failure.nonRetryable }).toMatchObject({ again: false });
        domain.proxy.loseAnswer(0);
        expect({ nth, said: said(await domain.far.call(action, next, { step })) }).toEqual({
          nth,
          said: undisturbed,
        });
      }
    }, 120_000);
  });

  it('every action that only reads is tried here', () => {
    // Only where the schema has such passwords: scale.test.ts extends it.
    const elsewhere = ['ad.readLapsPassword'];
    const reading = domain.actions.filter(({ effect }) => effect === 'read').map(({ name }) => name);
    expect([...Object.keys(reads), ...elsewhere].sort()).toEqual(reading.sort());
  });

  it.each(Object.entries(reads))(
    '%s says the same twice, and after an answer was lost is tried again',
    async (action, inputOf) => {
      const input = await inputOf(await made());
      const first = await domain.far.call(action, input, { step: `read ${++count}` });
      expect(timeless(await domain.far.call(action, input, { step: `read ${++count}` }))).toEqual(
        timeless(first),
      );
      // The first search of a session asks for the domain; the one after that is the action's own.
      for (const nth of [1, 2]) {
        const step = `lost read ${++count}`;
        domain.proxy.loseSearch(nth);
        expect(await domain.far.fails(action, input, { step })).toMatchObject({ nonRetryable: false });
        expect(timeless(await domain.far.call(action, input, { step }))).toEqual(timeless(first));
      }
    },
    60_000,
  );

  it('what was done is undone by what it names for that, with what it gave on', async () => {
    const { user, unit, group } = await made();
    const id = await idOf(user);
    const groups = [await group('A'), await group('B')];
    await does('ad.addUserToGroups', { user, groups });
    const update = await does('ad.updateUser', {
      user,
      set: { department: 'Sales' },
      clear: ['displayName'],
      manager: 'administrator',
    });
    await does('ad.updateUser', {
      user,
      set: update.before as JsonObject,
      clear: [...(update.wereEmpty as string[]), 'manager'],
    }).catch(() => undefined);
    const seen = await does('ad.findUser', { user });
    expect(seen.manager).toBe(`CN=Administrator,CN=Users,${domain.domain}`);

    const moved = await does('ad.moveUser', { user: id, to: await domain.unit(), name: 'Another' });
    const renamed = await does('ad.findUser', { user: id });
    expect(renamed).toMatchObject({ found: true, id, accountName: user });
    await does('ad.moveUser', { user: id, to: moved.from as string, name: moved.nameBefore as string });
    expect((await does('ad.findUser', { user })).distinguishedName).toBe(`CN=Person ${user},${unit}`);

    const gone = await does('ad.deleteUser', { user: id });
    expect(gone).toMatchObject({ id, userPrincipalName: `${user}@corp.example.com` });
    expect([...(gone.groups as string[])].sort()).toEqual(groups);
    expect(await does('ad.findUser', { user: id })).toEqual({ found: false });
    expect((await does('ad.residualAccess', { user: id })).clean).toBe(true);
    const back = await does('ad.restoreUser', {
      user: id,
      userPrincipalName: gone.userPrincipalName as string,
      groups,
    });
    expect(back).toMatchObject({ id, restored: true, joined: groups });
    expect(await does('ad.findUser', { user })).toMatchObject({
      id,
      enabled: false,
      userPrincipalName: `${user}@corp.example.com`,
    });
    expect((await does('ad.groupsOfUser', { user })).names).toEqual(
      expect.arrayContaining([...groups, 'Domain Users']),
    );
  }, 60_000);

  it('group policies are linked, ordered, enforced and unlinked, and what cannot be read is left as it is', async () => {
    const unit = await domain.unit();
    const [one, two] = [await policy(), await policy()];
    const names = async () => (await does('ad.listPolicyLinks', { container: unit })).names;
    expect(await names()).toEqual([]);
    for (const name of [one, two]) await does('ad.linkPolicy', { container: unit, policy: name });
    expect(await names()).toEqual([one, two]);
    const order = { container: unit, policy: two, position: 1 };
    expect((await domain.attempts.preview('ad.setPolicyLink', order))?.summary).toContain(
      `from 1. ${one} 2. ${two} to 1. ${two} 2. ${one}`,
    );
    const { before } = await does('ad.setPolicyLink', order);
    expect(await names()).toEqual([two, one]);
    await does('ad.setPolicyLink', { container: unit, policy: two, ...(before as JsonObject) });
    expect(await names()).toEqual([one, two]);
    // What others write meanwhile is not lost: each of these reads before it writes.
    const more = [await policy(), await policy(), await policy()];
    const link = async (name: string): Promise<void> => {
      const done = await domain.attempts
        .call('ad.linkPolicy', { container: unit, policy: name }, { step: `at once ${name}` })
        .catch((error: { nonRetryable?: boolean }) => {
          if (error.nonRetryable) throw error;
        });
      if (!done) await link(name);
    };
    await Promise.all(more.map(link));
    expect([...((await names()) as string[])].sort()).toEqual([one, two, ...more].sort());
    for (const name of [one, two, ...more]) await does('ad.unlinkPolicy', { container: unit, policy: name });
    expect(await names()).toEqual([]);
    const absent = await domain.attempts.preview('ad.setPolicyLink', order);
    expect(absent?.problems).toEqual([expect.stringContaining('Link it first')]);
    await domain.use((directory) =>
      directory.modify(unit, [{ operation: 'replace', attribute: 'gPLink', values: '[LDAP://anything;7]' }]),
    );
    const failure = await domain.attempts.fails('ad.linkPolicy', { container: unit, policy: one });
    expect(failure).toMatchObject({ nonRetryable: true, message: expect.stringContaining('left as it is') });
  }, 60_000);

  it('no bit of an account but the one is changed', async () => {
    const { user } = await made();
    const control = (values: string): Edit => ({
      operation: 'replace',
      attribute: 'userAccountControl',
      values,
    });
    const seen = async () =>
      domain.use(async (directory) => {
        const { distinguishedName } = await does('ad.findUser', { user });
        return (await directory.read(String(distinguishedName), ['userAccountControl']))?.text(
          'userAccountControl',
        );
      });
    await edit(user, [control('66048')]);
    await does('ad.disableUser', { user });
    expect(await seen()).toBe('66050');
    await does('ad.enableUser', { user });
    expect(await seen()).toBe('66048');
  });

  it('names that are taken, places that are not there and values that Windows refuses are known before', async () => {
    const { user, unit } = await made();
    const problems = async (input: JsonObject) =>
      (await domain.attempts.preview('ad.createUser', { ...person('free1', unit), ...input }))?.problems;
    expect(await problems({ accountName: user })).toEqual([
      expect.stringContaining(`${user} already belongs to Person ${user}`),
    ]);
    expect(await problems({ userPrincipalName: `${user}@corp.example.com` })).toEqual([
      expect.stringContaining('another userPrincipalName'),
    ]);
    expect(await problems({ displayName: `Person ${user}` })).toEqual([
      expect.stringContaining('is there already'),
    ]);
    expect(await problems({ container: `OU=None,${domain.domain}` })).toEqual([
      expect.stringContaining('Correct `container`'),
    ]);
    expect(await problems({ accountName: 'a'.repeat(21) })).toEqual([expect.stringContaining('takes 20')]);
    expect(await problems({ displayName: 'b'.repeat(65) })).toEqual([expect.stringContaining('takes 64')]);
    expect(await problems({ manager: 'nobody' })).toEqual([expect.stringContaining('no user nobody')]);
    expect(await problems({ attributes: { sIDHistory: 'x' } })).toEqual([
      expect.stringContaining('gives access'),
    ]);
    // A group has its name for itself, too.
    expect(await problems({ accountName: 'Domain Admins' })).toEqual([
      expect.stringContaining('another accountName'),
    ]);
    const failure = await domain.attempts.fails(
      'ad.createUser',
      { ...person(user, unit) },
      { step: 'another step' },
    );
    expect(failure).toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining('not to this run'),
    });
  });

  it('an account that was enabled when others deleted it comes back disabled, whichever answer is lost', async () => {
    for (const nth of [0, 1, 2]) {
      const { user } = await made();
      const id = await idOf(user);
      const { distinguishedName } = await does('ad.findUser', { user: id });
      await domain.use((directory) => directory.delete(String(distinguishedName)));
      const step = `restore ${++count}`;
      domain.proxy.loseAnswer(nth);
      if (nth > 0) await domain.far.fails('ad.restoreUser', { user: id }, { step });
      domain.proxy.loseAnswer(0);
      expect(await domain.far.call('ad.restoreUser', { user: id }, { step })).toMatchObject({
        restored: true,
      });
      expect({ nth, ...(await does('ad.findUser', { user: id })) }).toMatchObject({
        nth,
        found: true,
        enabled: false,
      });
    }
  }, 60_000);

  it('somebody who has the name meanwhile stands in the way of a restored account', async () => {
    const { user, unit } = await made();
    const { id } = await does('ad.deleteUser', { user });
    await does('ad.createUser', { ...person(user, unit), displayName: 'Another one' });
    const preview = await domain.attempts.preview('ad.restoreUser', { user: id as string });
    expect(preview?.problems).toEqual([expect.stringContaining('has a name of')]);
    const failure = await domain.attempts.fails('ad.restoreUser', { user: id as string });
    expect(failure.nonRetryable).toBe(true);
  });

  it('a first password meets the rules, signs in once it is changed, and stands nowhere in the clear', async () => {
    const { user } = await made();
    const reset = await does('ad.resetPassword', { user, mustChange: false });
    expect(reset.password).toMatchObject({ $sealed: expect.anything() });
    const plain = domain.attempts.services.seal.open(String((reset.password as JsonObject).$sealed));
    const own = new AdClient({
      ...domain.server.settings,
      user: `${user}@corp.example.com`,
      password: String(plain),
    });
    await expect(own.session(async ({ domain: root }) => root)).resolves.toBe(domain.domain);
  });
});

function pickIds(output: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(output).filter(([name]) => name === 'id'));
}
