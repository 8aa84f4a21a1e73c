/** A real Active Directory domain controller (Samba) on a loopback address of its own, for one suite. */
import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'ldapts';
import { pause } from '../../processes/local-server.ts';
import { skipped } from './skipped.ts';

export interface SambaServer {
  /** A loopback address: the ports (389, 636) cannot be others. */
  address: string;
  /** `DC=corp,DC=example,DC=com` */
  domain: string;
  /** What stands under `connectors: ad:`. */
  settings: { url: string; servername: string; user: string; password: string; ca: { file: string } };
  /** Signed in as the administrator; whoever asks ends it. */
  administrator(): Promise<Client>;
  /** Adds many entries (LDIF) in one go, while it does not run. */
  load(entries: string): Promise<void>;
  /** Runs `samba-tool` on the files of this server. */
  tool(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

const program = '/usr/sbin/samba';
const name = 'dc1.corp.example.com';
const password = 'Passw0rd!23';
const run = promisify(execFile);

/** Undefined, having said why, when there is none on this machine. `options` are lines of its configuration. */
export async function testSambaServer(options: readonly string[] = []): Promise<SambaServer | undefined> {
  if (!existsSync(program) || process.platform !== 'linux' || userInfo().uid !== 0) {
    skipped(
      `tests that need a domain controller, ${program} on Linux, started as root. On Debian: apt-get install samba samba-ad-dc samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind ldb-tools`,
    );
    return undefined;
  }
  const home = await mkdtemp(join(tmpdir(), 'samba-'));
  const address = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(2, 255)}`;
  await provision(home, address, options);
  const ca = join(home, 'private/tls/ca.pem');
  const settings = {
    url: `ldaps://${address}`,
    servername: name,
    user: 'administrator@corp.example.com',
    password,
    ca: { file: ca },
  };
  const administrator = async () => {
    const tlsOptions = { servername: name, ca: await readFile(ca, 'utf8') };
    const client = new Client({ url: settings.url, tlsOptions, timeout: 60_000 });
    await client.bind(settings.user, password);
    return client;
  };
  let server = await started(home, administrator);
  return {
    address,
    domain: 'DC=corp,DC=example,DC=com',
    settings,
    administrator,
    async load(entries) {
      await server.end();
      const file = join(home, 'entries.ldif');
      await writeFile(file, entries);
      const database = join(home, 'private/sam.ldb');
      await run('ldbadd', ['--nosync', '-H', database, `--configfile=${join(home, 'etc/smb.conf')}`, file]);
      server = await started(home, administrator);
    },
    async tool(...args) {
      const { stdout } = await run('samba-tool', [...args, `--configfile=${join(home, 'etc/smb.conf')}`]);
      return stdout;
    },
    async stop() {
      await server.end();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function provision(home: string, address: string, options: readonly string[]): Promise<void> {
  // Keeps the configuration of the distribution out.
  const empty = join(home, 'empty.conf');
  await writeFile(empty, '');
  const lines = [
    `interfaces=${address}/8`,
    'bind interfaces only=yes',
    'server services=ldap',
    `log file=${join(home, 'log.%m')}`,
    `pid directory=${join(home, 'run')}`,
    `ncalrpc dir=${join(home, 'ncalrpc')}`,
    ...options,
  ];
  await run(
    'samba-tool',
    [
      'domain',
      'provision',
      `--configfile=${empty}`,
      '--use-rfc2307',
      '--realm=CORP.EXAMPLE.COM',
      '--domain=CORP',
      '--server-role=dc',
      '--dns-backend=NONE',
      '--host-name=dc1',
      '--host-ip=127.0.0.1',
      `--adminpass=${password}`,
      `--targetdir=${home}`,
      ...lines.map((line) => `--option=${line}`),
    ],
    { maxBuffer: 16 * 1024 * 1024 },
  );
}

async function started(home: string, signIn: () => Promise<Client>) {
  const server = spawn(program, ['-i', '-M', 'single', '-s', join(home, 'etc/smb.conf')], {
    // Its standard input is its owner: it ends when that is closed.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (log += chunk));
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const answers = () =>
    signIn().then(
      (client) => client.unbind().then(() => true),
      () => false,
    );
  for (const until = Date.now() + 60_000; !(await answers()); await pause(100))
    if (server.exitCode !== null || Date.now() > until) throw new Error(`samba did not start: ${log}`);
  return {
    async end() {
      server.kill();
      await exited;
    },
  };
}
