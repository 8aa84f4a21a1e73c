/**
 * One suite over every declared action, against the stand-in of its connector: once however often, once after a lost answer and it still
 * says that it did it; a preview changes nothing; verify; undo restores; busy and broken services; nothing secret in a message.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withDefaults } from '../activities/declared/comparing.ts';
import { Computing } from '../activities/declared/computing.ts';
import type { JsonObject } from '../plan/plan.ts';
import { besideName } from '../sandbox/declared/stand-in.ts';
import { type Exchange, type Sandbox, startSandbox } from '../sandbox/start.ts';
import { packageRoot } from '../store/package-root.ts';
import { casesIn, DeclaredAttempts, type DeclaredCase } from './support/declared-cases.ts';

const folders = [join(packageRoot(), 'connectors'), join(packageRoot(), 'test/fixtures/connectors')];
const found = folders.map(casesIn);
const cases = found.flatMap((each) => each.cases);

let sandbox: Sandbox;
let fresh = 0;
const exchanges: Exchange[] = [];
beforeAll(async () => {
  sandbox = await startSandbox({
    declared: folders.slice(1),
    onExchange: (exchange) => exchanges.push(exchange),
  });
});
afterAll(() => sandbox.close());

async function reset(): Promise<void> {
  sandbox.faults.clear();
  await fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' });
}

async function state(system: string): Promise<unknown> {
  const response = await fetch(`${sandbox.url}/_sandbox/state`);
  return ((await response.json()) as Record<string, unknown>)[system];
}

/** What plays it: where actions in TypeScript have a stand-in for the same system, the declared one stands beside it. */
function playedBy({ connector }: DeclaredCase): string {
  const beside = besideName(connector.name);
  return beside in sandbox.connectors ? beside : connector.name;
}

function attemptsAt(each: DeclaredCase): DeclaredAttempts {
  return new DeclaredAttempts(
    each.connector,
    (sandbox.connectors[playedBy(each)] ?? {}) as JsonObject,
    each.compiled.service.sensitive,
  );
}

/** What was there before, brought about by other actions. */
async function prepared(each: DeclaredCase, attempts: DeclaredAttempts): Promise<void> {
  await reset();
  for (const [index, { uses, with: input }] of each.before.entries())
    await attempts.run(uses, input, `before-${++fresh}-${index}`);
}

/** What is prepared may be prepared again. */
const effectsOf = (each: DeclaredCase) =>
  sandbox.effects.list({ system: playedBy(each) }).filter(({ effect }) => !effect.startsWith('prepared.'));
const didOf = ({ compiled }: DeclaredCase, output: JsonObject) =>
  compiled.action.did === undefined ? true : output[compiled.action.did];
const step = (name: string) => `${name}-${++fresh}`;

it('every declared connector compiles', () => {
  expect(found.flatMap(({ problems }) => problems)).toEqual([]);
});

it('every declared action has an example', () => {
  expect(
    cases.filter(({ description }) => description.examples.length === 0).map(({ name }) => name),
  ).toEqual([]);
});

const reads = cases.filter(({ compiled }) => !compiled.action.change);
const writes = cases.filter(({ compiled }) => compiled.action.change);

describe.each(reads.map((each) => [each.name, each] as const))('%s', (name, each) => {
  it('reads, and changes nothing', async () => {
    const attempts = attemptsAt(each);
    await prepared(each, attempts);
    const before = await state(playedBy(each));
    await attempts.run(name, each.input, step('read'));
    expect(await state(playedBy(each))).toEqual(before);
  });

  it('is tried again when the service is busy, and says so without a secret', () => busy(each));
});

describe.each(writes.map((each) => [each.name, each] as const))('%s', (name, each) => {
  it('does it once, however often it is tried', async () => {
    const attempts = attemptsAt(each);
    await prepared(each, attempts);
    const earlier = effectsOf(each).length;
    const here = step('once');
    const output = await attempts.run(name, each.input, here);
    const after = effectsOf(each).length;
    expect(didOf(each, output)).toBe(true);
    expect(after).toBeGreaterThan(earlier);
    if (each.compiled.action.delivery !== 'exactly once') return;
    expect(didOf(each, await attempts.run(name, each.input, here))).toBe(true);
    expect(effectsOf(each).length).toBe(after);
  });

  it('leaves what is so already, and does not say that it did it', async () => {
    const { mark, want, already, change } = each.compiled.action;
    const isBrought =
      want !== undefined || already !== undefined || (!mark && change?.request.method === 'DELETE');
    if (!isBrought || each.compiled.action.delivery !== 'exactly once') return;
    const attempts = attemptsAt(each);
    await prepared(each, attempts);
    await attempts.run(name, each.input, step('first'));
    const after = effectsOf(each).length;
    const output = await attempts.run(name, each.input, step('second'));
    expect(effectsOf(each).length).toBe(after);
    expect(didOf(each, output)).toBe(each.compiled.action.did === undefined);
  });

  it('does it once whichever answer is lost, and still says that it did it', () => lostAnswers(each), 60_000);

  it('previews without changing anything', async () => {
    const attempts = attemptsAt(each);
    await prepared(each, attempts);
    const before = await state(playedBy(each));
    const preview = await attempts.preview(name, each.input, step('preview'));
    expect(preview).toMatchObject({ summary: expect.stringMatching(/^would /) });
    expect(preview?.problems).toBeUndefined();
    expect(await state(playedBy(each))).toEqual(before);
  });

  it('reads back whether it took hold', async () => {
    const attempts = attemptsAt(each);
    await prepared(each, attempts);
    const here = step('verify');
    if (each.except.verify !== undefined || (await attempts.verify(name, each.input, here)) === undefined)
      return;
    expect(await attempts.verify(name, each.input, here)).toBe(false);
    await attempts.run(name, each.input, here);
    expect(await attempts.verify(name, each.input, here)).toBe(true);
  });

  it('is taken back by its undo', () => takenBack(each));

  it('is tried again when the service is busy, and says so without a secret', () => busy(each));
});

async function lostAnswers(each: DeclaredCase): Promise<void> {
  const { name, compiled } = each;
  if (compiled.action.delivery !== 'exactly once') return lostAtMostOnce(each);
  const attempts = attemptsAt(each);
  await prepared(each, attempts);
  const start = effectsOf(each).length;
  await attempts.run(name, each.input, step('whole'));
  const usual = effectsOf(each).length - start;
  let lost = 0;
  for (let nth = 0; nth < 40; nth++) {
    await prepared(each, attempts);
    const earlier = effectsOf(each).length;
    for (let before = 0; before < nth; before++) sandbox.faults.add({ kind: 'delay', delayMs: 0, times: 1 });
    sandbox.faults.add({ kind: 'lostAnswer', times: 1 });
    const here = step('lost');
    const first = await attempts.run(name, each.input, here).catch(() => undefined);
    // Nothing was left to lose an answer of.
    if (first) break;
    lost += 1;
    sandbox.faults.clear();
    const output = await untilDone(() => attempts.run(name, each.input, here));
    expect({ nth, did: didOf(each, output), effects: effectsOf(each).length - earlier }).toEqual({
      nth,
      did: true,
      effects: usual,
    });
  }
  expect(lost).toBeGreaterThan(0);
}

/** A service that shows late what was made is asked again. */
async function untilDone<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!/may not show yet/.test(String(error))) throw error;
    const now = Date.now;
    Date.now = () => now() + 3_600_000;
    try {
      return await attempt();
    } finally {
      Date.now = now;
    }
  }
}

async function lostAtMostOnce(each: DeclaredCase): Promise<void> {
  const { name, compiled } = each;
  if (compiled.action.delivery === 'at least once' || !compiled.action.change) return;
  const attempts = attemptsAt(each);
  await prepared(each, attempts);
  const { method } = compiled.action.change.request;
  await attempts.run(name, each.input, step('signed in'));
  await prepared(each, attempts);
  sandbox.faults.add({ kind: 'lostAnswer', times: 1, method, system: playedBy(each) });
  const here = step('lost');
  await expect(attempts.run(name, each.input, here)).rejects.toMatchObject({
    nonRetryable: true,
    message: expect.stringMatching(/outcome is unknown/),
  });
  expect(effectsOf(each).length).toBeGreaterThan(0);
}

async function takenBack(each: DeclaredCase): Promise<void> {
  const { name, compiled } = each;
  const { undo } = compiled.action;
  if (!undo || each.except.undo !== undefined) return;
  const attempts = attemptsAt(each);
  await prepared(each, attempts);
  const before = await state(playedBy(each));
  const output = await attempts.run(name, each.input, step('undo'));
  const input = withDefaults(each.input, compiled.action.input);
  const computing = new Computing(compiled).with({ input, output });
  expect(undo.if === undefined || computing.holds(undo.if)).toBe(true);
  await attempts.run(undo.uses, computing.filled(undo.with) as JsonObject, step('undone'));
  expect(await state(playedBy(each))).toEqual(before);
}

async function busy(each: DeclaredCase): Promise<void> {
  const { name, compiled } = each;
  const settings = (sandbox.connectors[playedBy(each)] ?? {}) as JsonObject;
  const attempts = attemptsAt(each);
  for (const status of [429, 503, 401, 400]) {
    await attempts.run(name, each.input, step('signed in')).catch(() => {});
    await prepared(each, attempts);
    const earlier = effectsOf(each).length;
    sandbox.faults.add({ kind: 'status', status, retryAfter: 7, system: playedBy(each) });
    const here = step('busy');
    const failure = await attempts.run(name, each.input, here).then(
      () => undefined,
      (error: Error & { nonRetryable?: boolean; nextRetryDelay?: unknown }) => error,
    );
    // What is sent once at most waits for a person when nobody knows whether it was carried out.
    const isUnknown = status === 503 && compiled.action.delivery === 'at most once';
    expect(failure).toMatchObject({ nonRetryable: status === 401 || status === 400 || isUnknown });
    if (status === 429) expect(failure?.nextRetryDelay).toBe(7_000);
    for (const secret of compiled.service.sensitive)
      expect(failure?.message).not.toContain(String(settings[secret]));
    expect(effectsOf(each).length).toBe(earlier);
    sandbox.faults.clear();
    if (status < 429) continue;
    const output = await untilDone(() => attempts.run(name, each.input, here));
    expect(didOf(each, output)).toBe(true);
  }
}

/** Last, when all others have made their requests. */
it('The stand-ins answer as the published contracts say', () => {
  const systems = new Map(cases.map((each) => [playedBy(each), each]));
  const differences = exchanges.flatMap(({ system, method, path, status, answer }) => {
    const { contract, standIn } = systems.get(system) ?? {};
    if (!contract || status >= 400 || path === standIn?.token?.path) return [];
    if (contract.beside(method, path)) return [];
    const own = path.startsWith(contract.base) ? path.slice(contract.base.length) : path;
    return (
      contract.contract
        .differencesOf(method, own, status, answer)
        // What a stand-in says beyond the contract no action can read: the compiler holds them to it.
        .filter((each) => !/ has no property /.test(each) && !standIn?.differs.includes(each))
        .map((each) => `${system}: ${each}`)
    );
  });
  expect(exchanges.length).toBeGreaterThan(cases.length);
  expect([...new Set(differences)]).toEqual([]);
});
