/** The metrics of one process, and the page on which Prometheus finds them: for this machine alone unless said. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { errorText } from '../../plan/error-text.ts';
import { type Metric, type MetricName, metrics } from './catalogue.ts';

type Labels = Record<string, string>;

/** In seconds: from what is kept at hand to what somebody has given up on. */
const buckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

export class Metrics {
  private readonly registry = new Registry();
  private readonly made = new Map<MetricName, Counter | Gauge | Histogram>();
  private readonly log: (line: string) => void;

  /** With those of Node itself: memory, processor, the event loop. */
  constructor(of: Metric['of'], log: (line: string) => void) {
    this.log = log;
    collectDefaultMetrics({ register: this.registry });
    for (const [name, { kind, help, labels, of: owner }] of Object.entries(metrics)) {
      if (owner !== of) continue;
      const settings = { name, help, labelNames: [...labels], registers: [this.registry] };
      const metric =
        kind === 'counter'
          ? new Counter(settings)
          : kind === 'gauge'
            ? new Gauge(settings)
            : new Histogram({ ...settings, buckets });
      this.made.set(name as MetricName, metric);
    }
  }

  count(name: MetricName, labels: Labels = {}, times = 1): void {
    (this.made.get(name) as Counter).inc(labels, times);
  }

  observe(name: MetricName, seconds: number, labels: Labels = {}): void {
    (this.made.get(name) as Histogram).observe(labels, seconds);
  }

  set(name: MetricName, value: number, labels: Labels = {}): void {
    (this.made.get(name) as Gauge).set(labels, value);
  }

  /** All its values, so that what is over is not shown on. */
  setAll(name: MetricName, values: readonly { value: number; labels: Labels }[]): void {
    const gauge = this.made.get(name) as Gauge;
    gauge.reset();
    for (const { value, labels } of values) gauge.set(labels, value);
  }

  /** Looked up whenever somebody asks. What cannot be is left as it was, and said. */
  async page(look: () => Promise<void>): Promise<string> {
    await look().catch((error: unknown) =>
      this.log(`The metrics are not all up to date: ${errorText(error)}`),
    );
    return this.registry.metrics();
  }
}

export interface MetricsListener {
  url: string;
  close(): Promise<void>;
}

interface Listening {
  metrics: Metrics;
  /** Where to listen: `off`, a port, or HOST:PORT. Unsaid: this port of this machine, or a free one. */
  at: string | undefined;
  usualPort: number;
  /** Looks up what is not counted as it happens. */
  look(): Promise<void>;
  /** Metrics of others, to be shown on the same page. */
  more?: () => Promise<string>;
  /** Rejects with what does not work. */
  healthy(): Promise<void>;
}

/** `/metrics` and `/health`. Undefined where it is off. */
export async function listenForMetrics(given: Listening): Promise<MetricsListener | undefined> {
  const { at, usualPort } = given;
  if (at === 'off') return undefined;
  const server = createServer((request, answer) => {
    const send = (status: number, text: string) =>
      answer.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
    void answered(request.url ?? '', given).then(
      ({ status, text }) => send(status, text),
      (error: unknown) => send(500, `${errorText(error)}\n`),
    );
  });
  const { host, port } = placeOf(at, usualPort);
  await listening(server, host, port).catch((error: NodeJS.ErrnoException) => {
    if (at !== undefined || error.code !== 'EADDRINUSE') throw error;
    return listening(server, host, 0);
  });
  const { address, port: own, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${own}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answered(path: string, { metrics: own, look, more, healthy }: Listening) {
  if (path === '/metrics') {
    const others = more ? await more().catch(() => '') : '';
    return { status: 200, text: `${await own.page(look)}${others}` };
  }
  if (path !== '/health') return { status: 404, text: 'There are /metrics and /health.\n' };
  return healthy().then(
    () => ({ status: 200, text: 'ready\n' }),
    (error: unknown) => ({ status: 503, text: `${errorText(error)}\n` }),
  );
}

function placeOf(at: string | undefined, usualPort: number): { host: string; port: number } {
  if (at === undefined) return { host: '127.0.0.1', port: usualPort };
  const [, host, port] = /^(?:(.+):)?(\d{1,5})$/.exec(at) ?? [];
  if (port === undefined)
    throw new Error(`COUNTERSIGN_METRICS is off, a port, or HOST:PORT such as 0.0.0.0:9464, and not ${at}.`);
  return { host: host?.replace(/^\[|\]$/g, '') ?? '127.0.0.1', port: Number(port) };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
