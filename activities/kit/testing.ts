/** For tests: runs an activity as a worker would, without a Temporal server. */
import { randomBytes } from 'node:crypto';
import { asyncLocalStorage, Context, type Info } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, type Logger, noopMetricMeter } from '@temporalio/common';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { Seal } from '../../vault/seal.ts';
import { ConfiguredSecrets } from '../../vault/secrets.ts';
import { activitiesOf } from './activity.ts';
import { AttemptClient } from './attempt-client.ts';
import { Caller } from './call.ts';
import type { Preview } from './define-action.ts';
import type { Connector } from './define-connector.ts';
import { Outbound } from './outbound.ts';
import type { Services } from './services.ts';

export interface Host {
  heartbeats: number;
  /** What the last heartbeat told. */
  told: unknown;
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
    told: info.heartbeatDetails,
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
    (told) => {
      host.heartbeats++;
      host.told = told;
    },
    undefined,
    silent,
    noopMetricMeter,
    {} as never,
  );
  return host;
}

const silent: Logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

class SettingsClient extends AttemptClient {}

/** A client that is nothing but its settings. */
export function testClient<Settings extends object>(settings: Settings): AttemptClient & Settings {
  return Object.assign(new SettingsClient(), settings);
}

/** Services with a key ring of their own, and secrets given as plain values. */
export function testServices(
  settings: Record<string, JsonObject> = {},
  secrets: Record<string, string> = {},
  outbound = new Outbound(),
): Services & { seal: Seal } {
  const sources = Object.fromEntries(Object.keys(secrets).map((name) => [name, { env: name }]));
  return {
    secrets: new ConfiguredSecrets(sources, secrets),
    seal: new Seal({ current: 'k1', keys: { k1: randomBytes(32) } }),
    settings: (connector) => settings[connector],
    outbound,
  };
}

/** One attempt after another of a connector's actions, each as a worker would make it. */
export interface Attempts {
  services: Services & { seal: Seal };
  /** One attempt. The same step gets the same key, as a retry does. */
  call(action: string, input: Json, options?: AttemptOptions): Promise<Record<string, Json>>;
  /** The failure of one attempt that must fail. */
  fails(action: string, input: Json, options?: AttemptOptions): Promise<ApplicationFailure>;
  preview(action: string, input: Json): Promise<Preview | undefined>;
  verify(action: string, input: Json, step?: string): Promise<boolean | undefined>;
}

export interface AttemptOptions {
  step?: string;
  timeoutMs?: number;
}

/** `settings` is the connector's; the values named in `secrets` are given by reference, as a configuration does. */
export function attemptsOf(
  connector: Connector,
  settings: Record<string, unknown>,
  secrets: string[] = [],
  outbound?: Outbound,
): Attempts {
  const values = Object.fromEntries(secrets.map((name) => [name, String(settings[name])]));
  const references = Object.fromEntries(secrets.map((name) => [name, { $secret: name }]));
  const own = { ...settings, ...references } as JsonObject;
  const services = testServices({ [connector.name]: own }, values, outbound);
  const activities = activitiesOf([connector], services)[connector.name] ?? {};
  const caller = new Caller(connector, services);
  const at = (step = 'step') => ({ run: 'run-1', runbook: 'new-hire', step });
  const unlimited = { signal: new AbortController().signal, timeoutMs: 0 };
  const actionOf = (name: string) => {
    const action = connector.actions.find((item) => item.name === name);
    if (!action) throw new Error(`no action ${name}`);
    return action;
  };
  /** What an attempt that failed told by its heartbeats, for the next one. */
  const told = new Map<string, unknown>();
  const call: Attempts['call'] = async (name, input, { step, timeoutMs = 60_000 } = {}) => {
    const one = `${name} ${step}`;
    const host = activityHost({
      activityType: name,
      startToCloseTimeoutMs: timeoutMs,
      heartbeatDetails: told.get(one),
    });
    try {
      const result = await host.run(async () => activities[name]?.(input, at(step)));
      told.delete(one);
      return result as Record<string, Json>;
    } catch (error) {
      told.set(one, host.told);
      throw error;
    }
  };
  return {
    services,
    call,
    async fails(name, input, options) {
      const outcome = await call(name, input, options).catch((error: unknown) => error);
      if (outcome instanceof ApplicationFailure) return outcome;
      throw new Error(`${name} should have failed, and gave ${JSON.stringify(outcome)}`);
    },
    preview: (name, input) => caller.preview(actionOf(name), input, at(), unlimited),
    verify: (name, input, step) => caller.verify(actionOf(name), input, at(step), unlimited),
  };
}
