/** A real Kea DHCP server and its control agent on loopback, for one suite. It hands nothing out: it listens on no interface. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../plan/plan.ts';
import { freePort, isFree, pause } from '../../processes/local-server.ts';
import { skipped } from './skipped.ts';

export interface KeaServer {
  /** What stands under `connectors: kea:`. */
  settings: { baseUrl: string; user: string; password: string };
  /** One command of its control channel, past the actions. */
  ask(command: string, given?: JsonObject): Promise<JsonObject>;
  /** The file that it begins with. */
  file(): Promise<JsonObject>;
  stop(): Promise<void>;
}

const programs = ['/usr/sbin/kea-dhcp4', '/usr/sbin/kea-ctrl-agent'] as const;
const password = 'sandbox-kea-password';

/** Undefined, having said why, when there is none on this machine. */
export async function testKeaServer(): Promise<KeaServer | undefined> {
  if (!programs.every(existsSync)) {
    skipped(
      `tests that need a DHCP server, ${programs.join(' and ')}. On Debian: apt-get install kea-dhcp4-server kea-ctrl-agent`,
    );
    return undefined;
  }
  const home = await mkdtemp(join(tmpdir(), 'kea-'));
  // A control socket's path has 107 characters at most.
  await chmod(home, 0o750);
  const port = await freePort();
  const socket = { 'socket-type': 'unix', 'socket-name': join(home, 's') };
  const hook = '/usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_lease_cmds.so';
  const server = {
    Dhcp4: {
      'interfaces-config': { interfaces: [] },
      'control-socket': socket,
      'lease-database': { type: 'memfile', persist: false },
      'hooks-libraries': existsSync(hook) ? [{ library: hook }] : [],
      subnet4: [
        { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100 - 192.0.2.199' }], reservations: [] },
        { id: 2, subnet: '198.51.100.0/24' },
      ],
    },
  };
  const agent = {
    'Control-agent': {
      'http-host': '127.0.0.1',
      'http-port': port,
      authentication: { type: 'basic', realm: 'kea', clients: [{ user: 'countersign', password }] },
      'control-sockets': { dhcp4: socket },
    },
  };
  const files = [join(home, 'dhcp4.conf'), join(home, 'agent.conf')];
  await writeFile(files[0] ?? '', JSON.stringify(server));
  await writeFile(files[1] ?? '', JSON.stringify(agent));
  const env = { ...process.env, KEA_PIDFILE_DIR: home, KEA_LOCKFILE_DIR: home };
  let log = '';
  const started = programs.map((program, at): ChildProcess => {
    const child = spawn(program, ['-c', files[at] ?? ''], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout?.on('data', (chunk) => (log += chunk));
    child.stderr?.on('data', (chunk) => (log += chunk));
    return child;
  });
  const exited = started.map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve())));
  const ask: KeaServer['ask'] = async (command, given) => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`countersign:${password}`).toString('base64')}`,
      },
      body: JSON.stringify({ command, service: ['dhcp4'], ...(given ? { arguments: given } : {}) }),
    });
    const [first] = (await answer.json()) as JsonObject[];
    return first ?? {};
  };
  const isUp = async () => !(await isFree(port)) && (await ask('status-get')).result === 0;
  for (const until = Date.now() + 20_000; !(await isUp().catch(() => false)); await pause(100))
    if (started.some(({ exitCode }) => exitCode !== null) || Date.now() > until)
      throw new Error(`Kea did not start: ${log}`);
  return {
    settings: { baseUrl: `http://127.0.0.1:${port}`, user: 'countersign', password },
    ask,
    file: async () => JSON.parse(await readFile(files[0] ?? '', 'utf8')) as JsonObject,
    async stop() {
      for (const child of started) child.kill();
      await Promise.all(exited);
      await rm(home, { recursive: true });
    },
  };
}
