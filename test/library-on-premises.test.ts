/**
 * The library's changes on premises, from their start to their end on every real part and on real servers: a BIND, and a Samba domain
 * controller.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DnsClient } from '../activities/dns/client.ts';
import { dns } from '../activities/dns/index.ts';
import { openWindows } from '../cli/demo/configuration.ts';
import type { Stage } from '../cli/demo/stage.ts';
import { packageRoot } from '../store/package-root.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import type { Preview } from '../workflows/messages.ts';
import { testBindServer } from './support/bind-server.ts';
import { playShipped, type Shipped, shippedLibrary, stepsDone, windowsOf } from './support/library.ts';
import { describeWith } from './support/services.ts';
import { coordinator, TestStack } from './support/stack.ts';
import { testDomain } from './support/test-domain.ts';

const bind = await testBindServer(['www IN A 192.0.2.10']);
const domain = await testDomain();
const library = await shippedLibrary();
const shippedAs = (name: string) => library.find(({ plan }) => plan.runbook === name) as Shipped;
let stack: TestStack | undefined;
let stage: Stage;

beforeAll(async () => {
  if (!bind && !domain) return;
  stack = await TestStack.start('library-on-premises', {
    configuration: (folder) =>
      openWindows(join(packageRoot(), 'countersign.yaml'), folder, windowsOf(library)),
    beside: {
      ...(bind ? { dns: bind.settings } : {}),
      ...(domain ? { ad: domain.server.settings } : {}),
    },
  });
  stage = stack.stage();
}, 300_000);

afterAll(async () => {
  await stack?.stop();
  await domain?.stop();
  await bind?.stop();
}, 60_000);

/** What the board was shown of what its signature opens. */
async function shownToBoard(run: string): Promise<Preview> {
  const { entries } = await stage.get<{ entries: JournalEntry[] }>(
    coordinator,
    `/runs/${run}/journal?after=0`,
  );
  const opened = entries.find(({ kind, step }) => kind === 'gate.opened' && step === 'board');
  return (opened?.data?.preview ?? { steps: [] }) as unknown as Preview;
}

async function played(name: string): Promise<string> {
  const shipped = shippedAs(name);
  const { run, status, last, done } = await playShipped(shipped, stage);
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
