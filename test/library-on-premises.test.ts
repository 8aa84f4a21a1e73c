/**
 * The library's changes on premises, from their start to their end on every real part and on real servers: a BIND, a Samba domain
 * controller, and an OpenSSH server.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { AdClient } from '../activities/ad/client.ts';
import type { DnsClient } from '../activities/dns/client.ts';
import { dns } from '../activities/dns/index.ts';
import { openWindows } from '../cli/demo/configuration.ts';
import type { Stage } from '../cli/demo/stage.ts';
import type { JsonObject } from '../plan/plan.ts';
import { packageRoot } from '../store/package-root.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import type { Preview } from '../workflows/messages.ts';
import { testBindServer } from './support/bind-server.ts';
import { syncToCloud, whileSynced } from './support/entra-connect.ts';
import { playShipped, type Shipped, shippedLibrary, stepsDone, windowsOf } from './support/library.ts';
import { describeWith } from './support/services.ts';
import { type SshServer, testSshServer } from './support/ssh-server.ts';
import { coordinator, manager, TestStack } from './support/stack.ts';
import { type TestDomain, testDomain } from './support/test-domain.ts';

const bind = await testBindServer(['www IN A 192.0.2.10']);
const domain = await testDomain();
const sshd = await testSshServer();
const library = await shippedLibrary();
const shippedAs = (name: string) => library.find(({ plan }) => plan.runbook === name) as Shipped;
let stack: TestStack | undefined;
let stage: Stage;
const folder = mkdtempSync(join(tmpdir(), 'countersign-on-premises-'));

beforeAll(async () => {
  if (!bind && !domain && !sshd) return;
  cpSync(join(packageRoot(), 'runbooks'), join(folder, 'runbooks'), { recursive: true });
  for (const name of ['onboarding/new-hire-hybrid.yaml', 'offboarding/leaver-hybrid.yaml']) {
    const path = join(folder, 'runbooks', name);
    // Entra Connect takes half an hour in an organisation, and half a second here.
    const quick = 'every: 1s, atMost: 40';
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/every: \w+,\s+atMost: \w+/g, quick));
  }
  stack = await TestStack.start('library-on-premises', {
    folder,
    configuration: (folder) =>
      openWindows(join(packageRoot(), 'countersign.yaml'), folder, windowsOf(library)),
    beside: {
      ...(bind ? { dns: bind.settings } : {}),
      ...(domain ? { ad: domain.farSettings } : {}),
      ...(sshd ? { ssh: serversOf(sshd) } : {}),
    },
  });
  stage = stack.stage();
}, 300_000);

afterAll(async () => {
  await stack?.stop();
  await domain?.stop();
  await bind?.stop();
  await sshd?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Every server is the same one here: it notes what is done, and has no room for patches where there is a file `full`. */
function serversOf({ port, user, privateKey, fingerprint, folder }: SshServer): object {
  const server = { host: '127.0.0.1', port, user, privateKey, hostKey: fingerprint };
  const names = ['app-test-1', 'app-test-2', 'app-1', 'app-2', 'app-3', 'app-4'];
  const noting = (what: string) => ({ run: `echo ${what} >> ${folder}/log`, idempotent: true });
  return {
    hosts: Object.fromEntries(names.map((name) => [name, server])),
    commands: {
      'server-health': { run: 'echo well', readOnly: true, okExitCodes: [1, 2] },
      'server-snapshot': noting('snapshot {name}'),
      'server-patch': { run: `test ! -e ${folder}/full && echo patch >> ${folder}/log`, idempotent: true },
      'server-restart-needed': { run: 'true', readOnly: true, okExitCodes: [1] },
      'server-restart': noting('restart'),
      'server-rollback': noting('rollback {name}'),
    },
  };
}

/** What the board was shown of what its signature opens. */
async function shownToBoard(run: string): Promise<Preview> {
  const { entries } = await stage.get<{ entries: JournalEntry[] }>(
    coordinator,
    `/runs/${run}/journal?after=0`,
  );
  const opened = entries.find(({ kind, step }) => kind === 'gate.opened' && step === 'board');
  return (opened?.data?.preview ?? { steps: [] }) as unknown as Preview;
}

async function played(name: string, prepare?: () => Promise<void>): Promise<string> {
  const shipped = shippedAs(name);
  const { run, status, last, done } = await playShipped(shipped, stage, prepare);
  expect({ status, last }).toEqual({ status: 'succeeded', last: '' });
  expect(done).toEqual(stepsDone(shipped.rehearsed.journal.filter((entry) => entry.run === 'rehearsal')));
  return run;
}

describeWith(bind)('On a DNS server', () => {
  const records = () =>
    (dns.connect(bind?.settings as never, undefined as never, {}) as DnsClient).read('www.example.com', 'A');

  it('dns-change shows the board old and new, and sets what was signed', async () => {
    const run = await played('dns-change');
    expect(await records()).toMatchObject({ ttl: 300, records: [{ text: '192.0.2.20' }] });
    const { steps } = await shownToBoard(run);
    expect(steps.find(({ step }) => step === 'apply')?.difference).toBe(
      '- www.example.com 3600 A 192.0.2.10\n+ www.example.com 300 A 192.0.2.20',
    );
  }, 120_000);

  it('dns-change puts the old records back where somebody says that it does not work', async () => {
    const shipped = shippedAs('dns-change');
    const { script } = shipped;
    const events = script.events.map((event) =>
      event.does === 'complete' ? { ...event, output: { works: false, notes: 'Nothing answers.' } } : event,
    );
    const inputs = { ...script.inputs, values: ['192.0.2.30'] };
    const { status, last } = await playShipped({ ...shipped, script: { ...script, inputs, events } }, stage);
    expect({ status, last }).toMatchObject({
      status: 'failed',
      last: expect.stringContaining('does not work'),
    });
    expect(await records()).toMatchObject({ ttl: 300, records: [{ text: '192.0.2.20' }] });
  }, 120_000);
});

describeWith(sshd)('On servers over SSH', () => {
  const log = join(sshd?.folder ?? '', 'log');
  const noted = () => readFileSync(log, 'utf8').trim().split('\n').sort();
  const times = (count: number, what: string) => Array.from({ length: count }, () => what);

  it('server-patching keeps and patches every server of both rings', async () => {
    writeFileSync(log, '');
    const run = await played('server-patching');
    expect(noted()).toEqual([...times(6, 'patch'), ...times(6, `snapshot ${run}`)]);
  }, 120_000);

  it('server-patching takes back what cannot be patched, and starts no other ring', async () => {
    writeFileSync(log, '');
    writeFileSync(join(sshd?.folder ?? '', 'full'), '');
    const { run, status } = await playShipped(shippedAs('server-patching'), stage);
    expect(status).toBe('succeeded');
    expect(noted()).toEqual([...times(2, `rollback ${run}`), ...times(2, `snapshot ${run}`)]);
  }, 120_000);
});

describeWith(domain)('On a domain controller', () => {
  it('group-policy shows the board the links as they are and as they will be, and sets them', async () => {
    await domain?.use(async (directory) => {
      const policy = (id: string, displayName: string) =>
        directory.add(`CN={${id}},CN=Policies,CN=System,${directory.domain}`, {
          objectClass: 'groupPolicyContainer',
          displayName,
        });
      await policy('11111111-1111-4111-8111-111111111111', 'Screen lock');
      await directory.add(`OU=Sales,${directory.domain}`, { objectClass: 'organizationalUnit' });
    });
    const run = await played('group-policy');
    const { steps } = await shownToBoard(run);
    expect(steps.find(({ step }) => step === 'link')?.difference).toBe('+ Screen lock');
    const unit = await domain?.use((directory) => directory.read(`OU=Sales,${directory.domain}`, ['gPLink']));
    expect(unit?.text('gPLink')).toMatch(/^\[LDAP:\/\/CN=\{11111111-1111-4111-8111-111111111111\},.*;0\]$/i);
  }, 120_000);
});

describeWith(domain)('Of a domain that Entra Connect brings to the cloud', () => {
  const { server, proxy, attempts } = (domain ?? {}) as TestDomain;
  const staff = 'OU=Staff,DC=corp,DC=example,DC=com';
  const leavers = 'OU=Leavers,DC=corp,DC=example,DC=com';
  const running = () => stack as TestStack;
  /** Not synced. */
  const managers = 'OU=Managers,DC=corp,DC=example,DC=com';
  const cycle = () => syncToCloud(domain as TestDomain, [staff, leavers], stage);
  const does = (action: string, input: JsonObject) =>
    attempts.call(action, input, { step: `${action} ${JSON.stringify(input)}` });
  const find = (user: string) => attempts.call('ad.findUser', { user }, { step: 'look' });
  const groupsOf = async (user: string) =>
    [...((await attempts.call('ad.groupsOfUser', { user }, { step: 'look' })).names as string[])].sort();
  const inCloud = async (subject: string) =>
    (await stage.effects({ subject })).filter(({ system }) => system !== 'smtp').map(({ effect }) => effect);
  const of = (effects: string[], effect: string) => effects.filter((each) => each === effect).length;

  /** The worker dies when the nth write from now has been done and its answer is on the way. */
  function dies(nth: number): { at(): number } {
    let at = 0;
    proxy.loseAnswer(nth, () => {
      at = Date.now();
      running().stack.parts.worker.kill('SIGKILL');
    });
    return { at: () => at };
  }

  async function person(first: string, last: string): Promise<string> {
    const upn = `${first}.${last}@example.com`.toLowerCase();
    const accountName = `${first[0]}${last}`.toLowerCase();
    await does('ad.createUser', {
      ...{ accountName, userPrincipalName: upn, displayName: `${first} ${last}`, container: staff },
    });
    await does('ad.addUserToGroups', { user: accountName, groups: ['Sales', 'VPN Users'] });
    return upn;
  }

  const journalOf = (run: string) => running().journal(run);
  /** The steps that an entry of this kind is about, in order. */
  const stepsOf = async (run: string, kind: string) =>
    (await journalOf(run)).flatMap((entry) => (entry.kind === kind && entry.step ? [entry.step] : []));
  const outputOf = async (run: string, step: string) =>
    (await journalOf(run)).find((entry) => entry.kind === 'step.succeeded' && entry.step === step)?.data
      ?.output as JsonObject;

  beforeAll(async () => {
    await domain?.use(async (directory) => {
      for (const unit of [staff, leavers, managers])
        await directory.add(unit, { objectClass: 'organizationalUnit' });
    });
    for (const name of ['Sales', 'VPN Users', 'Everybody in Sales'])
      await does('ad.createGroup', { name, container: staff });
    await domain?.use((directory) =>
      directory.modify(`CN=Everybody in Sales,${staff}`, [
        { operation: 'add', attribute: 'member', values: `CN=Sales,${staff}` },
      ]),
    );
    await does('ad.createUser', {
      accountName: 'dreyes',
      userPrincipalName: 'dana.reyes@example.com',
      displayName: 'Dana Reyes',
      container: managers,
    });
  }, 60_000);

  it('a new hire is made once there and once in the cloud, though the worker dies when the account was made', async () => {
    const killed = dies(1);
    await whileSynced(cycle, () => played('new-hire-hybrid'));
    expect(killed.at()).toBeGreaterThan(0);
    const made = await find('a.lee');
    expect(made).toMatchObject({ found: true, enabled: true, distinguishedName: `CN=Ann Lee,${staff}` });
    expect(made.manager).toBe(`CN=Dana Reyes,${managers}`);
    expect(await groupsOf('a.lee')).toEqual([
      'Domain Users',
      'Everybody in Sales',
      'Sales',
      'Users',
      'VPN Users',
    ]);
    expect(await inCloud('a.lee@example.com')).toEqual(['user.created', 'user.updated', 'license.assigned']);
    const mails = (await running().mails()).filter(({ subject }) => subject.includes('Ann Lee is ready'));
    expect(mails).toHaveLength(1);
    const first = /changed at the first sign-in: (\S+)/.exec(mails?.[0]?.text ?? '')?.[1] ?? '';
    const own = new AdClient({ ...server.settings, user: 'a.lee@example.com', password: first });
    await expect(own.session(async () => undefined)).rejects.toThrow('must change its password');
  }, 150_000);

  it('a new hire who is called off is taken back in both, once, though the worker dies when the account was disabled', async () => {
    await stage.sandbox('POST', '/_sandbox/reset');
    const user = 'b.ray@example.com';
    await whileSynced(cycle, async () => {
      const inputs = {
        ...shippedAs('new-hire-hybrid').script.inputs,
        ...{ givenName: 'Bo', familyName: 'Ray', accountName: 'b.ray', groups: ['Sales'] },
      };
      const { id } = await stage.post<{ id: string }>(coordinator, '/runs', {
        runbook: 'new-hire-hybrid',
        inputs,
      });
      await running().fault({ system: 'exchange', kind: 'status', status: 403 });
      expect((await running().vote(id, manager)).body).toMatchObject({ result: 'counted' });
      await running().waitFor(id, ['parked']);
      expect(await stepsOf(id, 'step.parked')).toEqual(['mailbox']);
      // Of taking back: the group, the account disabled, the account deleted.
      const killed = dies(2);
      await running().api(coordinator, 'POST', `/runs/${id}/abort`, { comment: 'not signed' });
      await running().waitFor(id, ['cancelled']);
      expect(killed.at()).toBeGreaterThan(0);
      expect(proxy.writes()).toBe(3);
      expect(await stepsOf(id, 'step.undone')).toEqual(['licence', 'groups', 'account']);
    });
    await running().noFaults();
    await cycle();
    expect(await find('b.ray')).toEqual({ found: false });
    const { members } = await attempts.call('ad.listGroupMembers', { group: 'Sales' }, { step: 'look' });
    expect(members).not.toContainEqual(expect.objectContaining({ accountName: 'b.ray' }));
    // Between, a cycle may find the account disabled.
    expect((await inCloud(user)).filter((effect) => effect !== 'user.updated')).toEqual([
      'user.created',
      'license.assigned',
      'license.removed',
      'user.deleted',
    ]);
  }, 150_000);

  it('a leaver loses everything in both, once, though the worker dies between two groups', async () => {
    const lou = await person('Lou', 'Maier');
    expect(await groupsOf('lmaier')).toContain('Everybody in Sales');
    let killed = { at: () => 0 };
    const prepare = async () => {
      await cycle();
      // The account disabled, the password replaced, the first group left.
      killed = dies(3);
    };
    const run = await whileSynced(cycle, () => played('leaver-hybrid', prepare));
    expect(killed.at()).toBeGreaterThan(0);
    expect(await find('lmaier')).toMatchObject({
      enabled: false,
      distinguishedName: `CN=Lou Maier,${leavers}`,
    });
    expect(await groupsOf('lmaier')).toEqual(['Domain Users', 'Users']);
    expect(proxy.writes()).toBe(5);
    const cloud = await inCloud(lou);
    expect(of(cloud, 'sessions.revoked')).toBe(2);
    expect(of(cloud, 'mailbox.converted')).toBe(1);
    expect(await outputOf(run, 'left')).toMatchObject({ clean: true, items: [] });
    // What stays in the cloud is named: what Exchange manages, what nobody else owns, and the devices.
    const { items } = (await outputOf(run, 'leftInCloud')) as { items: { what: string; name: string }[] };
    expect(items.map(({ what }) => what)).toEqual(['group', 'group ownership', 'device', 'device']);
    expect(((await outputOf(run, 'groups')).names as string[]).sort()).toEqual(['Sales', 'VPN Users']);
  }, 150_000);
});
