/**
 * The connectors that ship and are reached by PowerShell. No PowerShell is at hand: a program that keeps the contract of the transport
 * plays what each script would do, by its name, on a state of its own. That the scripts are valid on Windows is not shown by this.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeclaredConnector } from '../../../plan/declared.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { packageRoot } from '../../../store/package-root.ts';
import { type Attempts, attemptsOf } from '../../kit/testing.ts';
import { connectorOf } from '../connector.ts';
import { shippedConnectors } from '../shipped.ts';

const windows = shippedConnectors().filter(({ service }) => service.scripts?.by === 'powershell');
const folder = mkdtempSync(join(tmpdir(), 'windows-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the scripts would do there. The first line of each script's text tells them apart. */
const play = `
const plays = {
  'Get-Reservation': (p) => all.filter((e) => e.kind === 'reservation' && e.scope === p.Scope && e.hardware === p.Hardware).map((e) => ({ address: e.address, hardware: e.hardware, name: e.name })),
  'Add-Reservation': (p) => { if (all.some((e) => e.address === p.Address)) fail('CimException', 'The address is kept for another.'); put({ kind: 'reservation', scope: p.Scope, hardware: p.Hardware, address: p.Address, name: p.Name || '' }); },
  'Remove-Reservation': (p) => drop((e) => e.kind === 'reservation' && e.scope === p.Scope && e.hardware === p.Hardware),
  'Get-RemoteMailbox': (p) => { const e = all.find((e) => e.kind === 'mailbox' && e.user === p.User); if (!e) fail('ManagementObjectNotFoundException', 'It was not found.'); return [{ id: 'x', address: e.address, route: e.route }]; },
  'Enable-RemoteMailbox': (p) => put({ kind: 'mailbox', user: p.User, route: p.Route, address: p.Address || p.User + '@example.com' }),
  'Disable-RemoteMailbox': (p) => drop((e) => e.kind === 'mailbox' && e.user === p.User),
  'Get-MailboxesOf': (p) => { if (p.User === 'nobody@example.com') fail('ManagementObjectNotFoundException', 'It was not found.'); if (p.Organization !== 'example.onmicrosoft.com') fail('Exception', 'Which tenant?'); return all.filter((e) => e.kind === 'access' && e.account === p.User).map((e) => ({ address: e.share, name: 'Info', fullAccess: true, onBehalf: false })); },
  'Get-ShareAccess': (p) => { if (p.Share === 'None') fail('CimException', 'There is no such share.'); return all.filter((e) => e.kind === 'access' && e.share === p.Share).map((e) => ({ account: e.account, control: 'Allow', right: e.right })); },
  'Grant-ShareAccess': (p) => put({ kind: 'access', share: p.Share, account: p.Account, right: p.Right }),
  'Revoke-ShareAccess': (p) => drop((e) => e.kind === 'access' && e.share === p.Share && e.account === p.Account),
  'Get-Printer': (p) => all.filter((e) => e.kind === 'printer' && e.name === p.Name).map((e) => ({ name: e.name, driver: e.driver, port: e.port, shared: true })),
  'Add-Printer': (p) => put({ kind: 'printer', name: p.Name, driver: p.Driver, port: p.Address }),
  'Remove-Printer': (p) => drop((e) => e.kind === 'printer' && e.name === p.Name),
};`;

const texts = Object.fromEntries(
  windows.flatMap((each) => scriptsOf(each).map(([name, text]) => [text, name.replace('.ps1', '')])),
);
const likePowershell = `#!${process.execPath}
const fs = require('fs');
const [file, breaks] = [${JSON.stringify(join(folder, 'state.json'))}, ${JSON.stringify(join(folder, 'breaks'))}];
const read = (v) => typeof v === 'string' ? v.slice(1) : Array.isArray(v) ? v.map(read) : v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([k, e]) => [k, read(e)])) : v;
const { script, parameters } = read(JSON.parse(fs.readFileSync(0)));
let all = JSON.parse(fs.readFileSync(file));
const put = (e) => { all.push(e); save(); };
const drop = (is) => { all = all.filter((e) => !is(e)); save(); };
const save = () => {
  fs.writeFileSync(file, JSON.stringify(all));
  fs.appendFileSync(file + '.log', 'x');
  if (fs.existsSync(breaks)) process.exit((fs.rmSync(breaks), 9));
};
const say = (answer) => { console.log('countersign:' + Buffer.from(JSON.stringify(answer)).toString('base64')); process.exit(0); };
const fail = (error, message) => say({ output: [], error, message });
${play}
say({ output: plays[${JSON.stringify(texts)}[script]](parameters) || [] });
`;
const program = join(folder, 'powershell');
writeFileSync(program, likePowershell);
chmodSync(program, 0o755);

beforeEach(() => {
  writeFileSync(join(folder, 'state.json'), '[]');
  writeFileSync(join(folder, 'state.json.log'), '');
});
const state = () => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as JsonObject[];
const writes = () => readFileSync(join(folder, 'state.json.log'), 'utf8').length;

/** As it ships, but for where and by what it runs. */
function attemptsAt(declared: DeclaredConnector): Attempts {
  const { over: _, ...scripts } = declared.service.scripts as NonNullable<
    DeclaredConnector['service']['scripts']
  >;
  const own = { ...declared, service: { ...declared.service, scripts: { ...scripts, program: [program] } } };
  const allow = Object.fromEntries(
    declared.actions.flatMap(({ action }) =>
      Object.entries(action.scripts ?? {}).map(([name, { sha256 }]) => [name, `sha256:${sha256}`]),
    ),
  );
  const host = { host: 'x.example.com', user: 'x', privateKey: 'x', hostKey: 'SHA256:x' };
  const tenant = { application: 'x', certificate: 'a'.repeat(40), organization: 'example.onmicrosoft.com' };
  return attemptsOf(connectorOf(own), {
    ...host,
    allow,
    ...(declared.name === 'exchangeonline' ? tenant : {}),
  });
}

function scriptsOf({ name, actions }: DeclaredConnector): [string, string][] {
  const known = actions.flatMap(({ action }) => Object.keys(action.scripts ?? {}));
  return [...new Set(known)].map((file) => [
    file,
    readFileSync(join(packageRoot(), 'connectors', name, file), 'utf8'),
  ]);
}

let count = 0;
const fresh = () => `step ${++count}`;

it('there is one for each that only PowerShell reaches', () => {
  expect(windows.map(({ name }) => name).sort()).toEqual([
    'exchangeonline',
    'exchangeserver',
    'fileshares',
    'printers',
    'windowsdhcp',
  ]);
});

describe.each(windows.map((each) => [each.name, each] as const))('%s', (name, declared) => {
  const attempts = attemptsAt(declared);
  const writing = declared.descriptions.filter(({ effect }) => effect !== 'read');

  it('says on each page that it was not verified on Windows', () => {
    for (const { description } of declared.descriptions)
      expect(description).toContain('Not verified against a real Windows server.');
  });

  it('has scripts that take values as parameters alone, each with a type, and no other files', () => {
    const files = readdirSync(join(packageRoot(), 'connectors', name)).filter((file) =>
      file.endsWith('.ps1'),
    );
    expect(
      scriptsOf(declared)
        .map(([file]) => file)
        .sort(),
    ).toEqual(files.sort());
    for (const [, text] of scriptsOf(declared)) {
      expect(text).toMatch(/^# .*\nparam\(/);
      expect(text).not.toMatch(
        /Invoke-Expression|\biex\b|scriptblock|Invoke-Command|-Filter\s+["']|Start-Process|&\s*\$/i,
      );
      const block = /param\(([\s\S]*?)\n?\)\n/.exec(text)?.[1] ?? '';
      for (const line of block.split('\n').filter((each) => each.includes('$') && !/^\s*$/.test(each)))
        expect(line).toMatch(/\[string\] \$[A-Z]\w*/);
      // Windows asks before it removes, and nobody would answer.
      for (const [, cmdlet] of text.matchAll(/^.*\b((?:Remove|Disable)-(?!Item)\w+).*$/gm))
        expect({ cmdlet, text }).toMatchObject({ text: expect.stringMatching(/-Confirm:\$false/) });
    }
  });

  // One that only reads has a test of its own below.
  for (const { name: action, examples } of writing)
    it(`${action} is done once however often, found done after a lost answer, and taken back`, async () => {
      const input = examples[0]?.with as JsonObject;
      const back = declared.actions.find(({ action: each }) => each.name === action)?.action.undo;
      await prepare(action, input);
      const before = state();
      const earlier = writes();
      const preview = await attempts.preview(action, input);
      expect(preview?.summary).toMatch(/^would /);
      expect(preview?.problems).toBeUndefined();
      expect(state()).toEqual(before);
      // The answer is lost after its work.
      writeFileSync(join(folder, 'breaks'), '');
      const step = fresh();
      await attempts.fails(action, input, { step });
      const output = await attempts.call(action, input, { step });
      expect(Object.values(output)).toContain(true);
      expect(await attempts.verify(action, input, step)).toBe(true);
      const again = await attempts.call(action, input, { step: fresh() });
      expect(Object.values(again)).toContain(false);
      expect(writes() - earlier).toBe(1);
      expect((await attempts.preview(action, input))?.nothingToDo).toBe(true);
      if (!back) return;
      await attempts.call(String(back.uses), pick(input, String(back.uses)), { step: fresh() });
      expect(state()).toEqual(before);
    });

  function pick(input: JsonObject, action: string): JsonObject {
    const known = Object.keys(
      (declared.descriptions.find((each) => each.name === action)?.input.properties ?? {}) as JsonObject,
    );
    return Object.fromEntries(Object.entries(input).filter(([key]) => known.includes(key)));
  }

  /** What is taken away must be there. */
  async function prepare(action: string, input: JsonObject): Promise<void> {
    const maker = declared.actions.find(
      ({ action: each }) => each.undo?.uses === action && each.name !== action,
    )?.action;
    if (!maker || ['fileshares.grant'].includes(action)) return;
    const example = declared.descriptions.find((each) => each.name === maker.name)?.examples[0]
      ?.with as JsonObject;
    await attempts.call(maker.name, { ...example, ...input }, { step: fresh() });
  }
});

it('what a server refuses is said in its words, and what is another already is refused before', async () => {
  const dhcp = attemptsAt(windows.find(({ name }) => name === 'windowsdhcp') as DeclaredConnector);
  const one = { scope: '192.0.2.0', hardware: '02:00:5e:00:53:01', address: '192.0.2.11' };
  await dhcp.call('windowsdhcp.reserve', one, { step: fresh() });
  const taken = await dhcp.fails(
    'windowsdhcp.reserve',
    { ...one, hardware: '02:00:5e:00:53:02' },
    { step: fresh() },
  );
  expect(taken.message).toContain('The address is kept for another.');
  const other = await dhcp.fails('windowsdhcp.reserve', { ...one, address: '192.0.2.12' }, { step: fresh() });
  expect(other.message).toContain('Release that first.');
  const shares = attemptsAt(windows.find(({ name }) => name === 'fileshares') as DeclaredConnector);
  const grant = { share: 'Sales', account: 'CORP\\Sales', right: 'Read' };
  await shares.call('fileshares.grant', grant, { step: fresh() });
  const more = await shares.fails('fileshares.grant', { ...grant, right: 'Full' }, { step: fresh() });
  expect(more.message).toContain('another right');
  expect(state()).toHaveLength(2);
});

it('the mailboxes of others are found, with none for whom nobody has named, and nobody is no answer', async () => {
  const exchange = attemptsAt(windows.find(({ name }) => name === 'exchangeonline') as DeclaredConnector);
  const list = (user: string) => exchange.call('exchangeonline.listMailboxesOf', { user }, { step: fresh() });
  expect(await list('kim.okafor@example.com')).toEqual({ mailboxes: [], count: 0 });
  writeFileSync(
    join(folder, 'state.json'),
    JSON.stringify([{ kind: 'access', share: 'info@example.com', account: 'kim.okafor@example.com' }]),
  );
  const info = { address: 'info@example.com', name: 'Info', fullAccess: true, onBehalf: false };
  expect(await list('kim.okafor@example.com')).toEqual({ mailboxes: [info], count: 1 });
  const nobody = await exchange.fails(
    'exchangeonline.listMailboxesOf',
    { user: 'nobody@example.com' },
    { step: fresh() },
  );
  expect(nobody.message).toContain('Exchange has no nobody@example.com.');
});
