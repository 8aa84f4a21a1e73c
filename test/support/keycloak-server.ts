/** A real Keycloak on loopback: fetched from Maven Central by its own client, kept beside the other servers, run on the machine's Java. */

import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { endProcess, freePort, pause } from '../../processes/local-server.ts';
import { cacheFolder, withCacheLock } from '../../processes/temporal/cache.ts';

export const keycloakVersion = '26.7.3';
const archiveSha256 = '77657f30b7e90d70f727712ce1c967f430fd6a5e9f458d32d8c6df0635345f47';
/** Keycloak 26: Supported configurations. */
const oldestJava = 17;
const copyGoal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
const startLimitMs = 5 * 60_000;

/** For tests on loopback only. */
export const keycloakAdmin = { username: 'admin', password: 'only-for-tests' };

const run = promisify(execFile);

export interface RunningKeycloak {
  url: string;
  stop(): Promise<void>;
}

/** Rejects, saying what is missing, where there is no Java or nothing to fetch it with. */
export async function startKeycloak(folder: string, log: (line: string) => void): Promise<RunningKeycloak> {
  await checkJava();
  const home = await kept(log);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = await open(join(folder, 'keycloak-server.log'), 'a');
  const child = spawn(
    join(home, 'bin', 'kc.sh'),
    ['start-dev', '--db=dev-mem', '--cache=local', '--http-host=127.0.0.1', `--http-port=${port}`],
    {
      stdio: ['ignore', logFile.fd, logFile.fd],
      env: {
        ...process.env,
        KC_BOOTSTRAP_ADMIN_USERNAME: keycloakAdmin.username,
        KC_BOOTSTRAP_ADMIN_PASSWORD: keycloakAdmin.password,
        JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx512m',
        // It lives for a minute: quick code at once is worth more than the best code later.
        JAVA_OPTS_APPEND: '-XX:TieredStopAtLevel=1',
      },
    },
  );
  await logFile.close();
  const { pid } = child;
  if (pid === undefined) throw new Error('kc.sh did not start');
  for (const late = Date.now() + startLimitMs; !(await answers(url)); await pause(250)) {
    if (child.exitCode === null && Date.now() < late) continue;
    const said = await readFile(join(folder, 'keycloak-server.log'), 'utf8');
    await endProcess(pid, 'SIGKILL');
    throw new Error(`Keycloak did not start: ${said.slice(-1_000)}`);
  }
  return { url, stop: () => endProcess(pid, 'SIGTERM') };
}

async function checkJava(): Promise<void> {
  const way = `Install Java ${oldestJava} or 21, on Debian: apt-get install openjdk-${oldestJava}-jre-headless`;
  const said = await run('java', ['-version']).then(
    ({ stderr }) => stderr,
    () => undefined,
  );
  if (said === undefined) throw new Error(`there is no Java. ${way}`);
  const major = Number(/version "(\d+)/.exec(said)?.[1]);
  if (!(major >= oldestJava)) throw new Error(`Java is ${major || 'of an unknown version'}. ${way}`);
}

/** The folder of the program. Fetched once; another process that fetches it is waited for. */
async function kept(log: (line: string) => void): Promise<string> {
  const folder = join(dirname(cacheFolder()), `keycloak-${keycloakVersion}`);
  const whole = join(folder, 'whole');
  if (existsSync(whole)) return folder;
  return withCacheLock(log, async () => {
    if (existsSync(whole)) return folder;
    await rm(folder, { recursive: true, force: true });
    await mkdir(dirname(folder), { recursive: true });
    const incoming = await mkdtemp(`${folder}-`);
    try {
      await fetched(incoming, log);
      await writeFile(join(incoming, `keycloak-${keycloakVersion}`, 'whole'), '');
      await rename(join(incoming, `keycloak-${keycloakVersion}`), folder);
    } finally {
      await rm(incoming, { recursive: true, force: true });
    }
    return folder;
  });
}

async function fetched(folder: string, log: (line: string) => void): Promise<void> {
  log(`Fetching Keycloak ${keycloakVersion}; the first time this takes half a minute …`);
  const name = 'keycloak-quarkus-dist';
  await run(
    'mvn',
    [
      '--quiet',
      '--batch-mode',
      // Not into the repository of whoever runs the tests: it is large, and needed once.
      `-Dmaven.repo.local=${join(folder, 'repository')}`,
      copyGoal,
      `-Dartifact=org.keycloak:${name}:${keycloakVersion}:tar.gz`,
      `-DoutputDirectory=${folder}`,
    ],
    { maxBuffer: 1024 * 1024 },
  ).catch((error: { code?: unknown; stdout?: string; message: string }) => {
    if (error.code === 'ENOENT')
      throw new Error('there is no mvn to fetch it with. On Debian: apt-get install maven');
    throw new Error(`it cannot be fetched: ${(error.stdout || error.message).slice(0, 500)}`);
  });
  const archive = join(folder, `${name}-${keycloakVersion}.tar.gz`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(archive), hash);
  if (hash.digest('hex') !== archiveSha256) throw new Error('what was fetched is not what was tried');
  await run('tar', ['-xzf', archive, '-C', folder]);
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/realms/master`, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
