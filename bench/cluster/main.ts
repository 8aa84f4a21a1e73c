/**
 * A real cluster: Temporal's server on PostgreSQL behind TLS with client certificates, two gateways and two workers, of which any is killed at
 * random moments while tickets go through. `npm run -s bench cluster [-- --tickets 40] [--kills 12] [--seed N]`
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Connection } from '@temporalio/client';
import { readConfiguration, secretsOf } from '../../activities/kit/configured-services.ts';
import { temporalAccess } from '../../activities/kit/temporal-access.ts';
import { Stage } from '../../cli/demo/stage.ts';
import { freePort } from '../../processes/local-server.ts';
import { provisionPostgres } from '../../processes/postgres/server.ts';
import { PartProcess } from '../../processes/supervised-process.ts';
import type { Effect } from '../../sandbox/effects.ts';
import type { Verdict } from '../../store/audit/verify.ts';
import { packageRoot } from '../../store/package-root.ts';
import { randomOf } from '../random.ts';
import { report } from '../report.ts';
import { coordinator, manager, writeRepository } from '../throughput/repository.ts';
import {
  type Certificates,
  certificatesIn,
  choosePorts,
  makeNamespace,
  makeSchema,
  programs,
  startServer,
} from './server.ts';

const { values } = parseArgs({
  options: {
    tickets: { type: 'string', default: '40' },
    kills: { type: 'string', default: '12' },
    seed: { type: 'string' },
  },
});
const tickets = Number(values.tickets);
const kills = Number(values.kills);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const namespace = 'countersign';
const webhookSecret = 'bench-webhook-secret';
const apiKey = 'bench-api-key';
const [leastMs, mostMs] = [1_500, 5_000];
const tryForMs = 120_000;
const settledWithinMs = 60_000;
const log: string[] = [];

/** The repository of `bench throughput`, with the way to this cluster. */
function writeConfiguration(folder: string, address: string, { ca, client }: Certificates): string {
  writeRepository(folder);
  const path = join(folder, 'countersign.yaml');
  const secrets = `secrets:
  temporalKey: { file: ${client.key} }
  temporalApiKey: { env: TEMPORAL_API_KEY }
`;
  const temporal = `temporal:
  address: ${address}
  namespace: ${namespace}
  tls:
    ca: ${ca}
    certificate: ${client.certificate}
    privateKey: \${{ secrets.temporalKey }}
    serverName: localhost
  apiKey: \${{ secrets.temporalApiKey }}
`;
  writeFileSync(path, readFileSync(path, 'utf8').replace('secrets:\n', secrets) + temporal);
  return path;
}

async function connectionTo(configurationPath: string): Promise<Connection> {
  const configuration = await readConfiguration(configurationPath);
  const secrets = secretsOf(configuration, configurationPath);
  const { connection } = await temporalAccess({ configuration, path: configurationPath, secrets });
  return Connection.connect({ ...connection, connectTimeout: 3_000 });
}

interface Parts {
  sandbox: PartProcess;
  workers: PartProcess[];
  gateways: PartProcess[];
}

async function startParts(folder: string, configuration: string, databaseUrl: string): Promise<Parts> {
  const dataFolder = join(folder, 'data');
  const connectors = join(folder, 'sandbox-connectors.json');
  const common = {
    COUNTERSIGN_DATA: dataFolder,
    COUNTERSIGN_CONFIG: configuration,
    COUNTERSIGN_RUNBOOKS: join(folder, 'runbooks'),
    COUNTERSIGN_METRICS: 'off',
    DATABASE_URL: databaseUrl,
    JIRA_WEBHOOK_SECRET: webhookSecret,
    TEMPORAL_API_KEY: apiKey,
  };
  const part = (name: string, script: string, more: Record<string, string> = {}) =>
    new PartProcess({
      name,
      script: join(packageRoot(), 'dist', script),
      environment: () => ({ ...common, ...more }),
      log: (line) => log.push(`${name} ${line}`),
    });
  const sandbox = part('sandbox', 'cli/dev/sandbox-process.js');
  await sandbox.start();
  writeFileSync(connectors, JSON.stringify(sandbox.ready.connectors));
  const withStandIns = { COUNTERSIGN_CONNECTORS: connectors };
  const workers = [1, 2].map((number) => part(`worker ${number}`, 'worker/process.js', withStandIns));
  const gateways: PartProcess[] = [];
  for (const number of [1, 2]) {
    const own = { ...withStandIns, COUNTERSIGN_PORT: String(await freePort()) };
    gateways.push(part(`gateway ${number}`, 'gateway/process.js', own));
  }
  // One after another: the first makes the tables and the keys.
  for (const each of [...gateways, ...workers]) await each.start();
  return { sandbox, workers, gateways };
}

/** Whom a request goes to: one gateway after the other, as a balancer would. */
function stageOf({ sandbox, gateways }: Parts, folder: string): Stage {
  let next = 0;
  return new Stage({
    gateway: () => {
      next += 1;
      return String(gateways[next % gateways.length]?.ready.url);
    },
    sandbox: () => String(sandbox.ready.url),
    token: async () => readFileSync(join(folder, 'data', 'local-token'), 'utf8').trim(),
    webhookSecret,
    tryForMs,
  });
}

async function oneHire(stage: Stage, number: number): Promise<string[]> {
  const family = `C${String.fromCharCode(97 + Math.floor(number / 26), 97 + (number % 26))}`;
  const form = { givenName: 'Ida', familyName: family, manager };
  const { key } = await stage.sandbox<{ key: string }>('POST', '/_sandbox/jira/issues', form);
  const move = { key, to: 'Approved', secret: webhookSecret };
  const { run = '', reason } = await stage.deliver(
    'jira',
    await stage.sandbox('POST', '/_sandbox/jira/move', move),
  );
  if (!run) return [`${key} started no run: ${reason}`];
  const gate = `/runs/${run}/steps/signoff`;
  await until(`the approval of ${run}`, async () => {
    const { hash } = await stage.get<{ hash: string }>(manager, `${gate}/gate`).catch(() => ({ hash: '' }));
    if (!hash) return undefined;
    return stage.post(manager, `${gate}/vote`, { decision: 'approve', hash });
  });
  const { status } = await until(`the end of ${run}`, async () => {
    const row = await stage.get<{ status: string; endedAt?: string }>(coordinator, `/runs/${run}`);
    return row.endedAt || row.status === 'parked' ? row : undefined;
  });
  const findings = await stillFound(stage, run);
  return [
    ...(status === 'succeeded' ? [] : [`${run} is ${status}`]),
    ...findings.map(({ message }) => `${run}: ${message}`),
    ...(await countedWrongly(stage, key, `Ida.${family}@example.com`)),
  ];
}

/** What a worker told that died is set right within a moment of the run's end: only what stays is a finding. */
async function stillFound(stage: Stage, run: string): Promise<Verdict['findings']> {
  for (const end = Date.now() + settledWithinMs; ; await pause(1_000)) {
    const { findings } = await stage.get<Verdict>(coordinator, `/runs/${run}/audit/verify`);
    if (findings.length === 0 || Date.now() > end) return findings;
  }
}

async function countedWrongly(stage: Stage, key: string, account: string): Promise<string[]> {
  const wanted: [effect: string, subject: string][] = [
    ['user.created', account],
    ['member.added', account],
    ['comment.added', key],
  ];
  const wrong: string[] = [];
  for (const [effect, subject] of wanted) {
    const found: Effect[] = await stage.effects({ effect, subject });
    if (found.length !== 1) wrong.push(`${effect} of ${subject}: ${found.length} times`);
  }
  return wrong;
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  let last: unknown;
  for (const end = Date.now() + tryForMs; Date.now() < end; await pause(300)) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`waited in vain for ${what} (${String(last)})`);
}

async function killAtRandom({ workers, gateways }: Parts, random: () => number): Promise<string[]> {
  const victims = [...workers, ...gateways];
  const moments: string[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    await pause(leastMs + random() * (mostMs - leastMs));
    const victim = victims[Math.floor(random() * victims.length)] as PartProcess;
    victim.kill('SIGKILL');
    moments.push(victim.name);
  }
  return moments;
}

async function main(): Promise<void> {
  process.env.TEMPORAL_API_KEY = apiKey;
  const folder = mkdtempSync(join(tmpdir(), 'countersign-cluster-'));
  const began = Date.now();
  const step = (what: string) => console.error(`${((Date.now() - began) / 1000).toFixed(0)} s: ${what}`);
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const built = await programs(step);
    const certificates = await certificatesIn(join(folder, 'tls'));
    const postgres = await provisionPostgres({ dataFolder: folder, log: step });
    stops.push(() => postgres.stop());
    await makeSchema(built, postgres.url);
    const ports = await choosePorts();
    const options = {
      programs: built,
      folder: join(folder, 'temporal'),
      databaseUrl: postgres.url,
      certificates,
    };
    const cluster = startServer({ ...options, log: (line) => log.push(`temporal ${line}`) }, ports);
    stops.unshift(() => cluster.stop());
    const configuration = writeConfiguration(folder, cluster.address, certificates);
    await makeNamespace(() => connectionTo(configuration), namespace);
    step('the cluster is up, and its namespace made');
    const refused = await Connection.connect({
      address: cluster.address,
      tls: { serverNameOverride: 'localhost', serverRootCACertificate: readFileSync(certificates.ca) },
      connectTimeout: 3_000,
    }).then(
      async (connection) => connection.close().then(() => false),
      () => true,
    );
    const parts = await startParts(folder, configuration, postgres.url);
    for (const part of [parts.sandbox, ...parts.workers, ...parts.gateways]) stops.unshift(() => part.stop());
    step('two gateways and two workers are up');
    const stage = stageOf(parts, folder);
    const random = randomOf(seed);
    const killing = killAtRandom(parts, random);
    const hires = Array.from({ length: tickets }, (_, number) =>
      pause(random() * kills * 1_500).then(() =>
        oneHire(stage, number).catch((error: unknown) => [String(error)]),
      ),
    );
    const findings = (await Promise.all(hires)).flat();
    const killed = await killing;
    step(`seed ${seed}: ${tickets} tickets, killed ${killed.join(', ') || 'nobody'}`);
    for (const finding of findings) console.error(`  FOUND ${finding}`);
    report('cluster', [
      {
        what: 'reached without a client certificate',
        value: refused ? 0 : 1,
        unit: 'times',
        limit: 0,
        limitIs: 'at most',
      },
      {
        what: 'gateways and workers killed on the way',
        value: killed.length,
        unit: 'kills',
        limit: kills,
        limitIs: 'at least',
      },
      {
        what: `lost, doubled or not verified, of ${tickets} tickets`,
        value: findings.length,
        unit: 'findings',
        limit: 0,
        limitIs: 'at most',
      },
    ]);
    process.exitCode = findings.length === 0 && refused ? 0 : 1;
  } catch (error) {
    console.error(log.slice(-30).join('\n').slice(-6_000));
    throw error;
  } finally {
    for (const stop of stops) await stop().catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
