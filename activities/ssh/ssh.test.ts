import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { describeWith } from '../../test/support/services.ts';
import { testSshServer } from '../../test/support/ssh-server.ts';
import { attemptsOf } from '../kit/testing.ts';
import { ssh } from './index.ts';

const found = await testSshServer();
afterAll(() => found?.stop());

const folder = found?.folder ?? '';
const hostSettings = {
  host: '127.0.0.1',
  port: found?.port ?? 22,
  user: found?.user ?? '',
  privateKey: found?.privateKey ?? '',
  hostKey: found?.fingerprint ?? '',
};
const commands = {
  say: { run: 'echo {words}; echo aside >&2', title: 'Says something' },
  fail: { run: 'echo first >&2; echo The disk is full. >&2; exit {code}', okExitCodes: [3] },
  look: { run: `ls ${folder}`, readOnly: true },
  wipe: { run: 'true', effect: 'destructive' },
  flood: { run: 'head -c 40000 /dev/zero | tr "\\0" x; echo é' },
  read: { run: 'cat; echo done' },
  // Ends when nobody listens any more.
  tick: { run: `trap '' PIPE; while echo tick 2>/dev/null; do sleep 0.1; done; touch ${folder}/stopped` },
  // Each ends the connection under itself, having done its work.
  once: {
    run: `test -e ${folder}/{key} || { touch ${folder}/{key}; echo x >> ${folder}/log; kill -9 $PPID; }`,
  },
  again: { run: 'kill -9 $PPID', idempotent: true },
  vanish: { run: 'kill -9 $PPID' },
  broken: { run: 'echo "{words}"' },
  'show-port': { run: `cat ${folder}/{port} 2>/dev/null || true`, readOnly: true },
  'set-vlan': { run: `printf 'port %s\\nvlan %s\\n' {port} {vlan} > ${folder}/{port}`, idempotent: true },
  'try-vlan': { run: "printf 'port %s\\nvlan %s\\n' {port} {vlan}", readOnly: true },
  'set-and-vanish': {
    run: `printf 'port %s\\nvlan %s\\n' {port} {vlan} > ${folder}/{port}; kill -9 $PPID`,
    idempotent: true,
  },
  killed: { run: 'kill -9 $$' },
};
const settings = { hosts: { web: hostSettings }, commands };
const withHost = (more: object) =>
  attemptsOf(ssh, { hosts: { web: { ...hostSettings, ...more } }, commands });
const say = { host: 'web', command: 'say', with: { words: 'hello' } };

describeWith(found)('Running a command on a host', () => {
  const attempts = attemptsOf(ssh, settings);

  it('gives how it ended and what it said', async () => {
    expect(await attempts.call('ssh.run', say)).toEqual({
      exitCode: 0,
      output: 'hello\n',
      errors: 'aside\n',
      truncated: false,
    });
  });

  it('hands values over as they are, whatever is in them', async () => {
    for (const words of ['; id', '$(id)', "'; id; '", '`id`', '"$HOME"', "\\'; id #", 'é 漢字']) {
      const { output } = await attempts.call('ssh.run', { ...say, with: { words } });
      expect(output).toBe(`${words}\n`);
    }
  });

  it('fails for good with the last words of the command, unless its exit code is well', async () => {
    const failure = await attempts.fails('ssh.run', { host: 'web', command: 'fail', with: { code: 2 } });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toBe('The command fail ended with 2 on web: first\nThe disk is full.');
    expect(await attempts.call('ssh.run', { host: 'web', command: 'fail', with: { code: 3 } })).toMatchObject(
      { exitCode: 3 },
    );
    const killed = await attempts.fails('ssh.run', { host: 'web', command: 'killed' });
    expect(killed.nonRetryable).toBe(true);
    expect(killed.message).toContain('was ended there by SIGKILL');
  });

  it('keeps the end of what it said, and says that there was more', async () => {
    const { output, truncated } = await attempts.call('ssh.run', { host: 'web', command: 'flood' });
    expect(Buffer.byteLength(String(output))).toBe(16 * 1024);
    expect(output).toMatch(/^x+é\n$/);
    expect(truncated).toBe(true);
  });

  it('does not wait for a command that waits for input', async () => {
    expect(await attempts.call('ssh.run', { host: 'web', command: 'read' })).toMatchObject({
      output: 'done\n',
    });
  });

  it('runs only what the configuration lists, and by ssh.check only what changes nothing', async () => {
    const unknown = await attempts.fails('ssh.run', { host: 'web', command: 'reboot' });
    expect(unknown.nonRetryable).toBe(true);
    expect(unknown.message).toContain('There is no command reboot under connectors: ssh: commands:');
    const nowhere = await attempts.fails('ssh.run', { ...say, host: 'db' });
    expect(nowhere.message).toContain(
      'There is no host db under connectors: ssh: hosts: in countersign.yaml. There are: web.',
    );
    expect(await attempts.call('ssh.check', { host: 'web', command: 'look' })).toMatchObject({ exitCode: 0 });
    const write = await attempts.fails('ssh.check', say);
    expect(write.nonRetryable).toBe(true);
    expect(write.message).toContain('is not declared readOnly: true');
    const broken = await attempts.fails('ssh.run', { host: 'web', command: 'broken', with: { words: 'x' } });
    expect(broken.message).toContain('{words} stands in quotes or after a backslash.');
  });

  it('with a comparison shows old and new, runs only what is not so already, and is read back', async () => {
    const input = (port: string, vlan: number, command = 'set-vlan') => ({
      host: 'web',
      command,
      with: { port, vlan },
      compare: { command: 'show-port', with: { port }, wanted: `port ${port}\nvlan ${vlan}` },
    });
    const step = (name: string) => ({ step: name });
    const preview = await attempts.preview('ssh.run', input('p1', 10));
    expect(preview?.difference).toBe('+ port p1\n+ vlan 10');
    expect(await attempts.call('ssh.run', input('p1', 10), step('a'))).toMatchObject({
      ran: true,
      before: '',
    });
    expect(await attempts.verify('ssh.run', input('p1', 10))).toBe(true);
    expect(await attempts.verify('ssh.run', input('p1', 20))).toBe(false);
    expect(await attempts.call('ssh.run', input('p1', 10), step('b'))).toMatchObject({ ran: false });
    expect((await attempts.preview('ssh.run', input('p1', 10)))?.nothingToDo).toBe(true);
    const next = input('p1', 20);
    const dry = {
      ...next,
      compare: {
        command: 'show-port',
        with: { port: 'p1' },
        dryRun: { command: 'try-vlan', with: next.with },
      },
    };
    for (const each of [next, dry])
      expect((await attempts.preview('ssh.run', each))?.difference).toBe('  port p1\n- vlan 10\n+ vlan 20');
    // The connection is lost after its work: the next attempt finds it done.
    const lost = input('p1', 20, 'set-and-vanish');
    expect(await attempts.fails('ssh.run', lost, step('c'))).toMatchObject({ nonRetryable: false });
    expect(await attempts.call('ssh.run', lost, step('c'))).toMatchObject({
      ran: true,
      before: 'port p1\nvlan 10\n',
    });
    expect(await attempts.verify('ssh.run', say)).toBeUndefined();
  });

  it('compares by what is declared to change nothing alone', async () => {
    const input = { ...say, compare: { command: 'say', with: { words: 'x' }, wanted: 'x' } };
    expect((await attempts.preview('ssh.run', input))?.problems?.[0]).toContain(
      'not declared readOnly: true',
    );
    expect((await attempts.fails('ssh.run', input)).message).toContain('nothing can be compared by it');
    const neither = { ...say, compare: { command: 'look' } };
    expect((await attempts.preview('ssh.run', neither))?.problems).toEqual([
      '`compare` needs either `wanted` or `dryRun`.',
    ]);
  });

  it('says before what it would run, and what stands in the way', async () => {
    expect(await attempts.preview('ssh.run', say)).toEqual({
      summary: 'would run Says something (say on web): echo {words}; echo aside >&2 (words: hello)',
    });
    expect(await attempts.preview('ssh.run', { host: 'web', command: 'wipe' })).toEqual({
      summary: 'would run wipe on web, which cannot be taken back: true',
    });
    const $sealed = attempts.services.seal.seal("canary's secret");
    const secret = await attempts.preview('ssh.run', { ...say, with: { words: { $sealed } } });
    expect(secret?.summary).toContain('(words: [secret])');
    const preview = await attempts.preview('ssh.run', { host: 'web', command: 'say' });
    expect(preview?.problems).toEqual(['The command say needs `with.words`.']);
  });
});

describeWith(found)('A command whose answer was lost', () => {
  const attempts = attemptsOf(ssh, settings);

  it('does its work once when it looks for its key', async () => {
    const input = { host: 'web', command: 'once' };
    expect((await attempts.fails('ssh.run', input)).nonRetryable).toBe(false);
    expect(await attempts.call('ssh.run', input)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(`${folder}/log`, 'utf8')).toBe('x\n');
  });

  it('is tried again when it is declared idempotent, and else shown to a person', async () => {
    expect((await attempts.fails('ssh.run', { host: 'web', command: 'again' })).nonRetryable).toBe(false);
    const vanished = await attempts.fails('ssh.run', { host: 'web', command: 'vanish' });
    expect(vanished.nonRetryable).toBe(true);
    expect(vanished.message).toContain('nobody knows whether it did its work. Look there;');
  });

  it('for lack of time has nobody listening any more', async () => {
    const failure = await attempts.fails('ssh.run', { host: 'web', command: 'tick' }, { timeoutMs: 2_000 });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('The command tick was broken off on web while it ran');
    for (let turn = 0; turn < 50 && !existsSync(`${folder}/stopped`); turn++) await wait(100);
    expect(existsSync(`${folder}/stopped`)).toBe(true);
  });
});

describeWith(found)('A host', () => {
  it('is known by the line of its public key as well', async () => {
    const attempts = withHost({ hostKey: found?.hostKey });
    expect(await attempts.call('ssh.run', say)).toMatchObject({ exitCode: 0 });
  });

  it('that shows another key gets no command, and people hear of possible interception', async () => {
    const other = await found?.makeKey('ed25519');
    for (const hostKey of [other?.publicKey, `SHA256:${'A'.repeat(43)}`]) {
      const failure = await withHost({ hostKey }).fails('ssh.run', say);
      expect(failure.nonRetryable).toBe(true);
      expect(failure.message).toContain(
        `web shows another key (${found?.fingerprint}) than the one in countersign.yaml`,
      );
      expect(failure.message).toContain('Somebody may be intercepting the connection. Nothing was run.');
    }
    const ecdsa = await found?.makeKey('ecdsa');
    const otherType = await withHost({ hostKey: ecdsa?.publicKey }).fails('ssh.run', say);
    expect(otherType.nonRetryable).toBe(true);
    expect(otherType.message).toContain('the host may have no key of that type');
    const unreadable = await withHost({ hostKey: 'aa:bb:cc' }).fails('ssh.run', say);
    expect(unreadable.message).toContain('is neither a fingerprint');
  });

  it('that does not know our key says so, and the key is shown nowhere', async () => {
    const stranger = await found?.makeKey('ed25519');
    const failure = await withHost({ privateKey: stranger?.privateKey }).fails('ssh.run', say);
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain(`web does not let ${found?.user} in with this key.`);
    const locked = await found?.makeKey('ed25519', 'a passphrase');
    const encrypted = await withHost({ privateKey: locked?.privateKey }).fails('ssh.run', say);
    expect(encrypted.message).toContain('has a passphrase, and needs none');
    const garbled = await withHost({ privateKey: 'canary' }).fails('ssh.run', say);
    expect(garbled.message).toContain('cannot be read');
    expect(JSON.stringify([failure, encrypted, garbled])).not.toMatch(/PRIVATE KEY|canary/);
  });

  it('that is away, or no host of this kind, may come back', async () => {
    const closed = createServer((socket) => socket.resume().end('no\r\n'));
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    const hangsUp = await withHost({ port }).fails('ssh.run', say);
    expect(hangsUp.nonRetryable).toBe(false);
    await new Promise((resolve) => closed.close(resolve));
    const away = await withHost({ port }).fails('ssh.run', say);
    expect(away.nonRetryable).toBe(false);
    expect(away.message).toBe(`web could not be reached at 127.0.0.1:${port} (connection refused).`);
  });
});

describe('The settings of a host', () => {
  it('are checked before anything is reached', async () => {
    const failure = await attemptsOf(ssh, { hosts: { web: { host: 'x' } }, commands }).fails('ssh.run', say);
    expect(failure.message).toContain('`hosts.web.hostKey` is missing.');
  });
});
