/** A real OpenSSH server on loopback, with keys of its own, for one suite. */

import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, pause } from '../../processes/local-server.ts';
import { skipped } from './skipped.ts';

export interface SshServer {
  port: number;
  user: string;
  /** In the form of OpenSSH. */
  privateKey: string;
  /** The line of the host's public key. */
  hostKey: string;
  fingerprint: string;
  /** Empty, for what commands write. */
  folder: string;
  /** Another key pair, by the type and the passphrase that ssh-keygen takes. */
  makeKey(type: string, passphrase?: string): Promise<{ privateKey: string; publicKey: string }>;
  stop(): Promise<void>;
}

const program = '/usr/sbin/sshd';
const run = promisify(execFile);

/** Undefined, having said why, when there is none on this machine. */
export async function testSshServer(): Promise<SshServer | undefined> {
  if (!existsSync(program)) {
    skipped(`tests that need an SSH server, ${program}. On Debian: apt-get install openssh-server`);
    return undefined;
  }
  const home = await mkdtemp(join(tmpdir(), 'sshd-'));
  let made = 0;
  const makeKey: SshServer['makeKey'] = async (type, passphrase = '') => {
    const file = join(home, `key-${made++}`);
    await run('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', file]);
    return {
      privateKey: (await readFile(file, 'utf8')).trim(),
      publicKey: (await readFile(`${file}.pub`, 'utf8')).trim(),
    };
  };
  const host = await makeKey('ed25519');
  const { stdout } = await run('ssh-keygen', ['-lf', join(home, 'key-0.pub')]);
  const own = await makeKey('ed25519');
  const folder = join(home, 'work');
  await mkdir(folder);
  await writeFile(join(home, 'authorized_keys'), `${own.publicKey}\n`);
  const port = await freePort();
  await writeFile(
    join(home, 'config'),
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${join(home, 'key-0')}`,
      `AuthorizedKeysFile ${join(home, 'authorized_keys')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'MaxStartups 100',
    ].join('\n'),
  );
  // Where the server of a distribution locks itself in, which its start-up script makes.
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true });
  const server = spawn(program, ['-D', '-e', '-f', join(home, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', (chunk) => (log += chunk));
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  for (const until = Date.now() + 10_000; !(await answers(port)); await pause(50))
    if (server.exitCode !== null || Date.now() > until) throw new Error(`sshd did not start: ${log}`);
  return {
    port,
    user: userInfo().username,
    privateKey: own.privateKey,
    hostKey: host.publicKey,
    fingerprint: stdout.split(' ')[1] ?? '',
    folder,
    makeKey,
    stop: async () => {
      server.kill();
      await exited;
      await rm(home, { recursive: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
