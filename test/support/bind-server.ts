/** A real BIND 9 on a free loopback port, with two zones that a key may change, for one suite. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, isFree, pause } from '../../processes/local-server.ts';
import { skipped } from './skipped.ts';

export interface BindServer {
  port: number;
  /** What stands under `connectors: dns:`. */
  settings: {
    server: string;
    port: number;
    key: { name: string; algorithm: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512'; secret: string };
    zones: string[];
  };
  /** The secret of the key `reader`, which may not change anything. */
  readerSecret: string;
  stop(): Promise<void>;
}

const program = '/usr/sbin/named';

/** Undefined, having said why, when there is none on this machine. `records` are lines of the zone example.com. */
export async function testBindServer(records: readonly string[] = []): Promise<BindServer | undefined> {
  if (!existsSync(program)) {
    skipped(`tests that need a DNS server, ${program}. On Debian: apt-get install bind9`);
    return undefined;
  }
  const home = await mkdtemp(join(tmpdir(), 'named-'));
  await mkdir(join(home, 'zones'));
  const port = await freePort();
  const secrets = Array.from({ length: 2 }, () => randomBytes(32).toString('base64'));
  const [secret = '', readerSecret = ''] = secrets;
  const zones = ['example.com', '2.0.192.in-addr.arpa', '8.b.d.0.1.0.0.2.ip6.arpa'];
  const key = (name: string, own: string) => `key "${name}" { algorithm hmac-sha256; secret "${own}"; };`;
  await writeFile(
    join(home, 'named.conf'),
    [
      key('countersign', secret),
      key('reader', readerSecret),
      `options { directory "${home}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };`,
      '  pid-file none; session-keyfile none; managed-keys-directory "."; recursion no; dnssec-validation no;',
      '  notify no; allow-transfer { none; }; empty-zones-enable no; };',
      'controls { };',
      ...zones.map(
        (zone) =>
          `zone "${zone}" { type primary; file "zones/${zone}"; check-names ignore; update-policy { grant countersign zonesub ANY; }; };`,
      ),
    ].join('\n'),
  );
  for (const zone of zones)
    await writeFile(
      join(home, 'zones', zone),
      [
        '$TTL 3600',
        '@ IN SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 300',
        '@ IN NS ns1.example.com.',
        ...(zone === 'example.com' ? ['ns1 IN A 192.0.2.53', ...records] : []),
        '',
      ].join('\n'),
    );
  const server = spawn(program, ['-g', '-n', '1', '-c', join(home, 'named.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', (chunk) => (log += chunk));
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  for (const until = Date.now() + 20_000; (await isFree(port)) || !/running/.test(log); await pause(50))
    if (server.exitCode !== null || Date.now() > until) throw new Error(`named did not start: ${log}`);
  return {
    port,
    settings: {
      server: '127.0.0.1',
      port,
      key: { name: 'countersign', algorithm: 'hmac-sha256', secret },
      zones,
    },
    readerSecret,
    async stop() {
      server.kill();
      await exited;
      await rm(home, { recursive: true });
    },
  };
}
