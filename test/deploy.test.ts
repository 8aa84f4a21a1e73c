/** The files of deploy/ are held to the code: they name only commands, options and variables that there are. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { metrics } from '../processes/metrics/catalogue.ts';
import { usualStopMs } from '../processes/process-lifecycle.ts';
import { packageRoot } from '../store/package-root.ts';

const root = packageRoot();
const deploy = join(root, 'deploy');
const read = (path: string) => readFileSync(join(deploy, path), 'utf8');
const files = readdirSync(deploy, { recursive: true })
  .map(String)
  .filter((name) => /\.(ya?ml|service|env)$|file$/.test(name));

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'));
}

/** Every variable that the programs read. */
const variables = new Set(
  ['cli', 'gateway', 'worker', 'processes', 'vault', 'activities', 'store']
    .flatMap(sources)
    .flatMap((text) => [...text.matchAll(/process\.env\.([A-Z_]+)|'(COUNTERSIGN_[A-Z_]+)'/g)])
    .map(([, read, named]) => read ?? named ?? ''),
);

/** What the files of Compose themselves are given. */
const ofCompose = ['COUNTERSIGN_IMAGE', 'COUNTERSIGN_OWNER_URL', 'COUNTERSIGN_APP_URL', 'COUNTERSIGN_HOST'];
const commandLine = readFileSync(join(root, 'cli', 'program.ts'), 'utf8');
const commands = [...commandLine.matchAll(/usage: '([a-z-]+)/g)].map(([, name]) => name);

/** What Helm would write, as far as its form goes: an expression becomes a word, or JSON where it gives that. */
function rendered(template: string): string {
  return template
    .replace(/\{\{[^}]*toJson \}\}/g, '{}')
    .replace(/\{\{[^}]*\| quote \}\}/g, '"word"')
    .replace(/\{\{-? *[^}]*\}\}/g, 'word');
}

interface Container {
  name: string;
  args?: string[];
  env?: { name: string }[];
  readinessProbe?: unknown;
  securityContext?: object;
}

function documents(text: string): Record<string, unknown>[] {
  return parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Record<string, unknown>;
  });
}

/** Wherever a pod is described. */
function containersIn(value: unknown): Container[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = (value as { containers?: Container[] }).containers ?? [];
  return [...own, ...Object.values(value).flatMap(containersIn)];
}

describe('The files of deploy', () => {
  it.each(files)('%s names only variables that there are', (name) => {
    const named = read(name).match(/\b(COUNTERSIGN|TEMPORAL|DATABASE)_[A-Z_]+\b/g) ?? [];
    expect([...new Set(named)].filter((each) => !variables.has(each) && !ofCompose.includes(each))).toEqual(
      [],
    );
  });

  it('start only commands that there are, with options that they have', () => {
    const compose = documents(read('compose.yaml'))[0] as {
      services: Record<string, { image?: string; command?: string[] }>;
    };
    const ofHelm = readdirSync(join(deploy, 'helm/countersign/templates')).flatMap((name) =>
      documents(rendered(read(`helm/countersign/templates/${name}`))).flatMap(containersIn),
    );
    const started = [
      ...Object.entries(compose.services)
        .filter(([name]) => !['postgres', 'proxy'].includes(name))
        .map(([, { command = [] }]) => command),
      ...ofHelm.filter(({ name }) => name !== 'proxy').map(({ args = [] }) => args),
      ...['countersign-gateway.service', 'countersign-worker@.service'].map(
        (name) => /^ExecStart=.*main\.js (.*)$/m.exec(read(`systemd/${name}`))?.[1]?.split(' ') ?? [],
      ),
      [/^CMD \["([a-z]+)"\]/m.exec(read('Containerfile'))?.[1] ?? ''],
    ];
    expect(started).toHaveLength(9);
    expect(started.filter(([command = '']) => !commands.includes(command))).toEqual([]);
    const options = started.flat().filter((word) => word.startsWith('--'));
    expect(options.filter((option) => !commandLine.includes(`'${option} `))).toEqual([]);
  });

  it('bring what the programs need into the image, and nothing that runs as root', () => {
    const image = read('Containerfile');
    for (const folder of ['node_modules', 'dist', 'schemas', 'store/migrations', 'package.json'])
      expect(image).toContain(`/src/${folder}`);
    expect(image).toMatch(/^USER node$/m);
    expect(image).not.toMatch(/latest/);
  });

  it('give every process a health check and no rights, and keep the gateway to its own machine', () => {
    const templates = ['gateway.yaml', 'worker.yaml', 'migrate.yaml'].map((name) =>
      rendered(read(`helm/countersign/templates/${name}`)),
    );
    const containers = templates.flatMap((text) => documents(text).flatMap(containersIn));
    for (const { name, securityContext, readinessProbe } of containers) {
      expect([name, securityContext]).toEqual([
        name,
        { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      ]);
      if (['gateway', 'worker'].includes(name))
        expect(readinessProbe).toMatchObject({ httpGet: { path: '/health' } });
    }
    expect(containers.map(({ name }) => name)).toEqual(['gateway', 'proxy', 'worker', 'migrate']);
    for (const text of [read('Caddyfile'), rendered(read('helm/countersign/templates/configuration.yaml'))])
      expect(text).toContain('reverse_proxy 127.0.0.1:8321');
  });

  it('name in the values of Helm what its templates use, and nothing else', () => {
    const [values] = documents(read('helm/countersign/values.yaml'));
    const leaves = (value: unknown, path: string): string[] =>
      typeof value === 'object' && value !== null && !path.endsWith('resources')
        ? Object.entries(value).flatMap(([key, each]) => leaves(each, `${path}.${key}`))
        : [path];
    const used = readdirSync(join(deploy, 'helm/countersign/templates')).flatMap((name) =>
      [...read(`helm/countersign/templates/${name}`).matchAll(/\.Values((?:\.[A-Za-z]+)+)/g)].map(
        ([, path = '']) => path,
      ),
    );
    expect([...new Set(used)].sort()).toEqual(leaves(values, '').sort());
  });

  it('stop a process only after it had the time to end by itself', () => {
    const number = (text: string, form: RegExp) => Number(form.exec(text)?.[1] ?? Number.NaN);
    const [compose, unit] = [read('compose.yaml'), read('systemd/countersign-worker@.service')];
    const helm = {
      worker: read('helm/countersign/templates/worker.yaml'),
      seconds: number(read('helm/countersign/values.yaml'), /^ {2}graceSeconds: (\d+)$/m),
    };
    const given = [
      [number(unit, /^Environment=COUNTERSIGN_GRACE=(\d+)$/m), number(unit, /^TimeoutStopSec=(\d+)$/m)],
      [
        number(compose, /COUNTERSIGN_GRACE: "(\d+)"/),
        number(compose.slice(compose.indexOf('COUNTERSIGN_GRACE')), /stop_grace_period: (\d+)s/),
      ],
      [
        helm.seconds,
        helm.seconds +
          number(
            helm.worker,
            /terminationGracePeriodSeconds: \{\{ add \.Values\.worker\.graceSeconds (\d+) \}\}/,
          ),
      ],
    ];
    for (const [grace = 0, stop = 0] of given) expect(stop).toBeGreaterThan(grace + usualStopMs / 1_000);
    const gateway = read('systemd/countersign-gateway.service');
    expect(number(gateway, /^TimeoutStopSec=(\d+)$/m)).toBeGreaterThan(usualStopMs / 1_000);
  });

  it('are units that systemd takes', () => {
    if (!existsSync('/usr/bin/systemd-analyze')) return;
    for (const name of ['countersign-gateway.service', 'countersign-worker@.service']) {
      const said = verified(join(deploy, 'systemd', name));
      // Node need not be where the unit has it, nor the account be made, on the machine that tests.
      expect(
        said.filter((line) => !/is not executable|Failed to (open|connect)|user|group/i.test(line)),
      ).toEqual([]);
    }
  });

  it('show the pages of metrics at the ports that the alerts’ own file asks', () => {
    expect(Object.keys(metrics).length).toBeGreaterThan(10);
    for (const [part, port] of [
      ['gateway', 9464],
      ['worker', 9465],
    ] as const) {
      expect(read('prometheus/scrape.yaml')).toContain(`127.0.0.1:${port}`);
      expect(readFileSync(join(root, part, 'measuring.ts'), 'utf8')).toContain(`usualPort = ${port}`);
    }
  });
});

function verified(path: string): string[] {
  try {
    execFileSync('systemd-analyze', ['verify', path], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return [];
  } catch (error) {
    return String((error as { stderr?: string }).stderr)
      .split('\n')
      .filter(Boolean);
  }
}
