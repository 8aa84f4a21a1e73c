/** For tests: runs an activity as a worker would, without a Temporal server. */
import { randomBytes } from 'node:crypto';
import { asyncLocalStorage, Context, type Info } from '@temporalio/activity';
import { CancelledFailure, type Logger, noopMetricMeter } from '@temporalio/common';
import type { JsonObject } from '../../compiler/plan.ts';
import { Seal } from './seal.ts';
import { ConfiguredSecrets } from './secrets.ts';
import type { Services } from './services.ts';

export interface Host {
  heartbeats: number;
  cancel(): void;
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** An activity's surroundings: counts heartbeats, and can be cancelled. */
export function activityHost(info: Partial<Info> = {}): Host {
  const ended = new AbortController();
  let reject: (reason: Error) => void = () => {};
  const cancelled = new Promise<never>((_, no) => {
    reject = no;
  });
  cancelled.catch(() => {});
  const host: Host = {
    heartbeats: 0,
    cancel() {
      const reason = new CancelledFailure('CANCELLED');
      ended.abort(reason);
      reject(reason);
    },
    run: (work) => asyncLocalStorage.run(context, work),
  };
  const context = new Context(
    {
      activityType: 'test.action',
      attempt: 1,
      startToCloseTimeoutMs: 60_000,
      heartbeatTimeoutMs: 2_000,
      ...info,
    } as Info,
    cancelled,
    ended.signal,
    () => {
      host.heartbeats++;
    },
    undefined,
    silent,
    noopMetricMeter,
    {} as never,
  );
  return host;
}

const silent: Logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Services with a key ring of their own, and secrets given as plain values. */
export function testServices(
  settings: Record<string, JsonObject> = {},
  secrets: Record<string, string> = {},
): Services & { seal: Seal } {
  const sources = Object.fromEntries(Object.keys(secrets).map((name) => [name, { env: name }]));
  return {
    secrets: new ConfiguredSecrets(sources, secrets),
    seal: new Seal({ current: 'k1', keys: { k1: randomBytes(32) } }),
    settings: (connector) => settings[connector],
  };
}
