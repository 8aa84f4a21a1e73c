import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { metrics } from '../processes/metrics/catalogue.ts';
import { listenForMetrics, Metrics } from '../processes/metrics/metrics.ts';
import { packageRoot } from '../store/package-root.ts';
import { coordinator, TestStack } from './support/stack.ts';

const root = packageRoot();

/** Of Temporal's core and of Node, as a worker shows them: held to a real one below. */
const ofOthers = [
  'temporal_sticky_cache_size',
  'temporal_sticky_cache_total_forced_eviction_total',
  'temporal_activity_schedule_to_start_latency_seconds_bucket',
  'temporal_workflow_task_schedule_to_start_latency_seconds_bucket',
  'temporal_workflow_task_execution_failed_total',
  'process_resident_memory_bytes',
];

/** Temporal shows these once they have happened. */
const onlyInTrouble = [
  'temporal_sticky_cache_total_forced_eviction_total',
  'temporal_workflow_task_execution_failed_total',
];

function filesOf(folder: string): [string, string][] {
  return readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((name) => /\.(json|ya?ml)$/.test(name))
    .map((name) => [join(folder, name), readFileSync(join(root, folder, name), 'utf8')]);
}

function namesIn(text: string): string[] {
  return [...new Set(text.match(/\b(countersign|temporal|process|nodejs)_[a-z_]+\b/g) ?? [])];
}

/** As Prometheus knows them. */
function shownNames(): string[] {
  return Object.entries(metrics).flatMap(([name, { kind }]) =>
    kind === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
  );
}

describe('The dashboard and the alerts', () => {
  const known = [...shownNames(), ...ofOthers];
  const files = [...filesOf('deploy/grafana'), ...filesOf('deploy/prometheus')];

  it.each(files)('%s name only metrics that there are', (_, text) => {
    expect(namesIn(text).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('show every metric in the dashboard, and the manual explains each', () => {
    const dashboard = readFileSync(join(root, 'deploy/grafana/countersign.json'), 'utf8');
    const manual = readFileSync(join(root, 'docs/metrics.md'), 'utf8');
    const names = Object.keys(metrics);
    expect(names.filter((name) => !dashboard.includes(name))).toEqual([]);
    expect(names.filter((name) => !manual.includes(`\`${name}`))).toEqual([]);
    expect(namesIn(manual).filter((name) => ![...known, ...names].includes(name))).toEqual([]);
  });

  it('are labels by which the metrics are kept', () => {
    const labels = (name: string) =>
      Object.entries(metrics).find(([each]) => name.startsWith(each))?.[1].labels ?? ['task_queue'];
    const wrong = files.flatMap(([file, text]) =>
      [
        ...text.matchAll(/(?:sum|max|min) by \(([^)]*)\) \((?:rate\(|increase\()?(countersign_[a-z_]+)/g),
      ].flatMap(([, by = '', name = '']) =>
        by
          .split(/,\s*/)
          .filter((label) => !['instance', 'le', ...labels(name)].includes(label))
          .map((label) => `${file}: ${name} has no ${label}`),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('are rules that say what is wrong and where to look', () => {
    const { groups } = parse(readFileSync(join(root, 'deploy/prometheus/alerts.yaml'), 'utf8')) as {
      groups: { rules: { alert: string; expr: string; labels: object; annotations: object }[] }[];
    };
    for (const rule of groups.flatMap(({ rules }) => rules))
      expect(rule).toMatchObject({
        alert: expect.stringMatching(/^Countersign[A-Z]/),
        expr: expect.any(String),
        labels: { severity: expect.stringMatching(/^(warning|critical)$/) },
        annotations: { summary: expect.any(String), description: expect.any(String) },
      });
  });
});

describe('The page of metrics', () => {
  it('is for this machine alone, at another port where its own is taken, and off where the environment says so', async () => {
    const own = { metrics: new Metrics('gateway', () => {}), look: async () => {}, healthy: async () => {} };
    const first = await listenForMetrics({ ...own, at: undefined, usualPort: 0 });
    const port = Number(new URL(first?.url ?? '').port);
    const second = await listenForMetrics({ ...own, at: undefined, usualPort: port });
    expect([first?.url, second?.url].every((url) => url?.startsWith('http://127.0.0.1:'))).toBe(true);
    expect(second?.url).not.toBe(first?.url);
    expect(await listenForMetrics({ ...own, at: 'off', usualPort: port })).toBeUndefined();
    await expect(listenForMetrics({ ...own, at: 'everywhere', usualPort: port })).rejects.toThrow(
      'COUNTERSIGN_METRICS',
    );
    await first?.close();
    await second?.close();
  });

  it('says what does not work, and goes on showing what is known', async () => {
    const log: string[] = [];
    const away = async () => Promise.reject(new Error('The database is full.'));
    const own = new Metrics('gateway', (line) => log.push(line));
    const page = await listenForMetrics({
      metrics: own,
      at: undefined,
      usualPort: 0,
      look: away,
      healthy: away,
    });
    const health = await fetch(`${page?.url}/health`);
    expect([health.status, await health.text()]).toEqual([503, 'The database is full.\n']);
    expect(await (await fetch(`${page?.url}/metrics`)).text()).toContain('process_resident_memory_bytes');
    expect(log.join()).toContain('The database is full.');
    await page?.close();
  });
});

const configuration = `organisation: { name: Example }
roles: { it: { people: [${coordinator}] } }
`;

const runbook = `runbook: measured
title: Measured
kind: other
owner: role:it
on: [{ manual: { by: [role:it] } }]
steps:
  - uses: mail.send
    with: { to: [a.lee@example.com], subject: Hello, text: Hello }
  - id: asked
    title: Somebody looks
    approve: { from: [morgan.weiss@example.com] }
`;

describe('A gateway and a worker that run', () => {
  let stack: TestStack;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-metrics-'));
    mkdirSync(join(folder, 'runbooks'));
    writeFileSync(join(folder, 'countersign.yaml'), configuration);
    writeFileSync(join(folder, 'runbooks', 'measured.yaml'), runbook);
    stack = await TestStack.start('metrics', { folder });
  }, 300_000);

  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('count what runs do, show what waits, and Temporal’s own beside it', async () => {
    const { body } = await stack.api<{ id: string }>(coordinator, 'POST', '/runs', { runbook: 'measured' });
    await stack.waitFor(body.id, ['waiting']);
    const page = async (part: 'gateway' | 'worker') =>
      (await fetch(`${stack.stack.parts[part].ready.metrics}/metrics`)).text();
    const worker = await page('worker');
    expect(worker).toContain('countersign_runs_started_total{runbook="measured"} 1');
    expect(worker).toMatch(
      /countersign_action_attempts_total\{connector="mail",action="mail.send",outcome="succeeded"\} 1/,
    );
    expect(worker).toContain('countersign_steps_total{runbook="measured",outcome="succeeded"} 1');
    expect(worker).toContain('countersign_gates_total{runbook="measured",outcome="opened"} 1');
    expect(worker).toContain('countersign_limit_wait_seconds_count{connector="mail"} 1');
    expect(worker).toContain('countersign_worker_healthy 1');
    const gateway = await page('gateway');
    expect(gateway).toContain('countersign_runs_live{status="waiting"} 1');
    expect(gateway).toMatch(/countersign_waiting\{kind="[a-z]+"\} 1/);
    expect(gateway).toContain('countersign_gateway_healthy 1');
    const missing = ofOthers.filter((name) => !onlyInTrouble.includes(name) && !worker.includes(name));
    expect(missing).toEqual([]);
  }, 60_000);
});
