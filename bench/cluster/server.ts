/**
 * A real Temporal server on PostgreSQL, from the Go module: built once into the cache, its schema from the module, its frontend reached by
 * TLS with a client certificate. Every service in one process, as a small installation has it.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Connection } from '@temporalio/client';
import pg from 'pg';
import { errorText } from '../../plan/error-text.ts';
import { endingWithOwner, freePort } from '../../processes/local-server.ts';
import { cacheFolder } from '../../processes/temporal/cache.ts';

const run = promisify(execFile);
const module = 'go.temporal.io/server';
const version = 'v1.29.1';
const buildLimitMs = 20 * 60_000;
const readyLimitMs = 90_000;
const services = ['frontend', 'matching', 'history', 'worker'] as const;
const databases = { temporal: 'temporal', visibility: 'temporal_visibility' } as const;

export interface Programs {
  server: string;
  sql: string;
  /** Of the module's schema for PostgreSQL 12 and newer. */
  schema: string;
}

export interface Certificates {
  ca: string;
  server: { certificate: string; key: string };
  client: { certificate: string; key: string };
}

/** Builds what is not in the cache. */
export async function programs(log: (line: string) => void): Promise<Programs> {
  const folder = join(dirname(cacheFolder()), `temporal-server-${version}`);
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, GOBIN: folder };
  for (const [name, path] of [
    ['server', 'cmd/server'],
    ['sql', 'cmd/tools/sql'],
  ] as const) {
    if (existsSync(join(folder, name))) continue;
    log(`Building Temporal's ${name} ${version}; the first time that takes minutes …`);
    await run('go', ['install', `${module}/${path}@${version}`], { env, timeout: buildLimitMs });
  }
  const { stdout } = await run('go', ['mod', 'download', '-json', `${module}@${version}`], { env });
  const { Dir: source } = JSON.parse(stdout) as { Dir: string };
  return {
    server: join(folder, 'server'),
    sql: join(folder, 'sql'),
    schema: join(source, 'schema', 'postgresql', 'v12'),
  };
}

/** An authority of its own, and what it signed: for the server, and for those who may reach it. */
export async function certificatesIn(folder: string): Promise<Certificates> {
  mkdirSync(folder, { recursive: true });
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const subject = (name: string) => ['-subj', `/CN=${name}`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
  await openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    ...subject('Bench'),
  );
  for (const [name, names] of [
    ['server', 'DNS:localhost,IP:127.0.0.1'],
    ['client', 'DNS:countersign.example.com'],
  ] as const) {
    await openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, ...subject(name));
    writeFileSync(file(`${name}.ext`), `subjectAltName=${names}\n`);
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
    await openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`, '-days', '2');
  }
  const pair = (name: string) => ({ certificate: file(`${name}.pem`), key: file(`${name}.key`) });
  return { ca: file('ca.pem'), server: pair('server'), client: pair('client') };
}

/** Makes the two databases in the server behind the address, and their tables. */
export async function makeSchema({ sql, schema }: Programs, url: string): Promise<void> {
  const { hostname, port, username, password } = new URL(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const name of Object.values(databases)) await client.query(`create database ${name}`);
  await client.end();
  for (const [kind, name] of Object.entries(databases)) {
    const where = [
      '--plugin',
      'postgres12',
      '--ep',
      hostname,
      '-p',
      port,
      '-u',
      username,
      '--pw',
      password,
      '--db',
      name,
    ];
    await run(sql, [...where, 'setup-schema', '-v', '0.0']);
    await run(sql, [...where, 'update-schema', '-d', join(schema, kind, 'versioned')]);
  }
}

interface Ports {
  grpc: number;
  membership: number;
}

export interface ClusterOptions {
  programs: Programs;
  folder: string;
  databaseUrl: string;
  certificates: Certificates;
  log: (line: string) => void;
}

export interface Cluster {
  address: string;
  pid: number;
  ended: Promise<void>;
  stop(): Promise<void>;
}

export async function choosePorts(): Promise<Record<string, Ports>> {
  const ports: Record<string, Ports> = {};
  for (const service of services) ports[service] = { grpc: await freePort(), membership: await freePort() };
  return ports;
}

/** Starts the server over these ports, which it keeps when it is started again. */
export function startServer(options: ClusterOptions, ports: Record<string, Ports>): Cluster {
  const { folder } = options;
  const config = join(folder, 'config');
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, 'bench.yaml'), JSON.stringify(configuration(options, ports), null, 2));
  // It must exist. Activities that start with their workflow task are off unless it says so.
  writeFileSync(
    join(config, 'dynamic.yaml'),
    'system.enableActivityEagerExecution:\n  - value: true\nlimit.maxIDLength:\n  - value: 1000\n',
  );
  const args = ['--root', folder, '--config', 'config', '--env', 'bench', '--allow-no-auth', 'start'];
  const command = endingWithOwner({ path: options.programs.server, args }, 'SIGTERM');
  const child = spawn(command.path, command.args, { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => options.log(chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    address: `127.0.0.1:${ports.frontend?.grpc}`,
    pid: child.pid ?? 0,
    ended,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

function configuration(
  { databaseUrl, certificates, folder }: ClusterOptions,
  ports: Record<string, Ports>,
): object {
  const { hostname, port, username, password } = new URL(databaseUrl);
  const store = (databaseName: string) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `${hostname}:${port}`,
      connectProtocol: 'tcp',
      user: username,
      password,
      maxConns: 20,
      maxIdleConns: 20,
    },
  });
  const { ca, server } = certificates;
  const client = { serverName: 'localhost', rootCaFiles: [ca] };
  const own = { certFile: server.certificate, keyFile: server.key };
  const rpc = ({ grpc, membership }: Ports) => ({
    rpc: { grpcPort: grpc, membershipPort: membership, bindOnLocalHost: true },
  });
  const address = `127.0.0.1:${ports.frontend?.grpc}`;
  return {
    log: { stdout: true, level: 'error' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: 4,
      datastores: { default: store(databases.temporal), visibility: store(databases.visibility) },
    },
    global: {
      membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
      tls: {
        frontend: { server: { ...own, requireClientAuth: true, clientCaFiles: [ca] }, client },
        systemWorker: { ...own, client },
      },
    },
    services: Object.fromEntries(services.map((service) => [service, rpc(ports[service] as Ports)])),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: address },
      },
    },
    dynamicConfigClient: { filepath: join(folder, 'config', 'dynamic.yaml'), pollInterval: '10s' },
  };
}

/** Waits for the server, and makes the namespace, as its operator would. */
export async function makeNamespace(connect: () => Promise<Connection>, namespace: string): Promise<void> {
  let last = '';
  for (const end = Date.now() + readyLimitMs; Date.now() < end; await pause(500)) {
    try {
      const connection = await connect();
      try {
        await connection.withDeadline(Date.now() + 5_000, () =>
          connection.workflowService.registerNamespace({
            namespace,
            workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
          }),
        );
        return;
      } catch (error) {
        if ((error as { code?: number }).code === alreadyThere) return;
        throw error;
      } finally {
        await connection.close();
      }
    } catch (error) {
      last = errorText(error);
    }
  }
  throw new Error(`The Temporal cluster did not get ready: ${last}`);
}

/** gRPC's status ALREADY_EXISTS. */
const alreadyThere = 6;
