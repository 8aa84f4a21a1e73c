/** Whether what happened is what a test expects. */

import type { Expectation } from '../compiler/test-file/types.ts';
import type { Calendars } from '../organisation/calendars.ts';
import { localMoment, localText } from '../organisation/local-time.ts';
import { durationText } from '../plan/durations-and-quorums.ts';
import type { Duration, Json, JsonObject, StepKind } from '../plan/plan.ts';
import { stepKinds } from '../plan/step-kinds/registry.ts';
import type { Rehearsed } from './rehearse.ts';
import { spanText } from './words.ts';

/** One sentence for everything that differs. */
export function differences(found: Rehearsed, expect: Expectation, calendars: Calendars): string[] {
  return [
    ...checkEnd(found, expect),
    ...checkPath(found, expect),
    ...checkSteps(found, expect),
    ...checkCalls(found, expect),
    ...(expect.outputs ? unlike(expect.outputs, found.outputs, 'outputs') : []),
    ...checkSpan(found, expect, calendars),
    ...checkTold(found, expect),
    ...checkNotTold(found, expect),
    ...checkCalled(found, expect, calendars),
    ...checkRounds(found, expect),
    ...checkItems(found, expect),
  ];
}

function checkEnd(found: Rehearsed, expect: Expectation): string[] {
  const problems: string[] = [];
  const because = found.reason ? ` (${found.reason})` : '';
  const waiting = waitedFor(found);
  if (found.status !== expect.status) {
    const parked = found.view.steps.filter((step) => step.status === 'parked');
    const why = parked.map((step) => `; ${step.id} failed: ${step.failure?.message ?? ''}`).join('');
    const open = waiting.length > 0 && parked.length === 0 ? `, for ${waiting.join(', ')}` : '';
    problems.push(`status: expected ${expect.status}, and it is ${found.status}${because}${open}${why}`);
  }
  if (expect.reason !== undefined && !found.reason?.includes(expect.reason))
    problems.push(`reason: expected "${expect.reason}", and it is "${found.reason ?? ''}"`);
  if (expect.waitsFor && [...expect.waitsFor].sort().join() !== [...waiting].sort().join())
    problems.push(`waitsFor: expected ${listText(expect.waitsFor)}, and it is ${listText(waiting)}`);
  return problems;
}

function waitedFor({ view }: Rehearsed): string[] {
  const waiting = ['waiting', 'parked'];
  return view.steps.filter(({ status }) => waiting.includes(status)).map(({ id }) => id);
}

function holdsSteps(kind: string | undefined): boolean {
  // The run itself says of what kind its steps are; one that the engine opened is of none.
  if (kind === undefined || !Object.hasOwn(stepKinds, kind)) return false;
  const { inside, flow } = stepKinds[kind as StepKind];
  return inside.length > 0 || flow === 'call';
}

/** The steps in the order in which they began, each once, without those that only hold others. */
export function pathOf({ journal, view }: Rehearsed): string[] {
  const kinds = new Map(view.steps.map(({ id, kind }) => [id, kind]));
  const path: string[] = [];
  for (const { kind, step = '' } of journal) {
    if (kind === 'step.undone') path.push(`${step}.undo`);
    else if (kind === 'step.started' && !holdsSteps(kinds.get(step)) && !path.includes(step)) path.push(step);
  }
  return path;
}

function checkPath(found: Rehearsed, { path }: Expectation): string[] {
  if (!path) return [];
  const went = pathOf(found);
  const at = [...path, ''].findIndex((step, index) => (went[index] ?? '') !== step);
  if (path.length === went.length && (at === -1 || at === path.length)) return [];
  const wanted = path[at] ?? 'the end';
  const was = went[at] ?? 'the end';
  return [`path: expected ${wanted} at place ${at + 1}, and there is ${was}; it went ${went.join(', ')}`];
}

function checkSteps({ journal, view }: Rehearsed, { steps = {}, failures = {} }: Expectation): string[] {
  const problems: string[] = [];
  for (const [id, status] of Object.entries(steps)) {
    const was = view.steps.find((step) => step.id === id)?.status ?? 'pending';
    if (was !== status) problems.push(`steps.${id}: expected ${status}, and it is ${was}`);
  }
  for (const [id, words] of Object.entries(failures)) {
    const messages = journal
      .filter(({ kind, step }) => step === id && (kind === 'step.parked' || kind === 'step.failed'))
      .map(({ data }) => String(data?.message ?? ''));
    if (messages.some((message) => message.includes(words))) continue;
    const was = messages.length > 0 ? `it failed with "${messages.join('", "')}"` : 'it did not fail';
    problems.push(`failures.${id}: expected "${words}", and ${was}`);
  }
  return problems;
}

function checkCalls(found: Rehearsed, { calls = {}, notCalled = [] }: Expectation): string[] {
  const problems: string[] = [];
  for (const [step, part] of Object.entries(calls)) {
    const made = found.calls.filter((call) => call.step === step);
    const differ = made.map(({ input }) => unlike(part, input, `calls.${step}`));
    if (made.length === 0) problems.push(`calls.${step}: expected a call, and there was none`);
    else if (!differ.some((each) => each.length === 0)) problems.push(...(differ.at(-1) ?? []));
  }
  for (const name of notCalled) {
    const call = found.calls.find(
      ({ step, action }) => action === name || step === name || step.replace(/\[\d+\]/g, '') === name,
    );
    if (call) problems.push(`notCalled: ${name} was called, with ${shown(call.input)}`);
  }
  return problems;
}

function checkSpan(
  { startedAt, endedAt }: Rehearsed,
  { takes }: Expectation,
  calendars: Calendars,
): string[] {
  if (!takes) return [];
  const end = (length: Duration) => calendars.after(startedAt, length);
  const { atLeast, atMost } = takes;
  const was = `it took ${spanText(endedAt - startedAt)}`;
  if (atLeast && endedAt < end(atLeast))
    return [`takes: expected at least ${durationText(atLeast)}, and ${was}`];
  if (atMost && endedAt > end(atMost)) return [`takes: expected at most ${durationText(atMost)}, and ${was}`];
  return [];
}

type Message = NonNullable<Expectation['told']>[number];

function isTold(notice: Rehearsed['told'][number], { to, subject = '', text = '' }: Message): boolean {
  return (
    (to === undefined || notice.to.includes(to.toLowerCase())) &&
    notice.subject.includes(subject) &&
    notice.text.includes(text)
  );
}

function checkNotTold({ told }: Rehearsed, { notTold = [] }: Expectation): string[] {
  return notTold.flatMap((each) => {
    const notice = told.find((one) => isTold(one, each));
    if (!notice) return [];
    return [
      `notTold: expected no ${shown(each as Json)}, and there was "${notice.subject}" to ${notice.to.join(', ')}`,
    ];
  });
}

/** How often a step or action was called, and when. */
function checkCalled(found: Rehearsed, { called = {} }: Expectation, { timezone }: Calendars): string[] {
  return Object.entries(called).flatMap(([name, wanted]) => {
    const made = found.calls.filter(
      ({ step, action }) => action === name || step === name || step.replace(/\[\d+\]/g, '') === name,
    );
    const { times, at } = typeof wanted === 'number' ? { times: wanted, at: undefined } : wanted;
    const moments = at === undefined ? [] : [at].flat();
    const count = times ?? (at === undefined ? undefined : moments.length);
    const were = made.map((call) => localText(call.at, timezone));
    const when = were.length > 0 ? `: ${were.join(', ')}` : '';
    if (count !== undefined && made.length !== count)
      return [
        `called.${name}: expected ${count} ${count === 1 ? 'call' : 'calls'}, and there were ${made.length}${when}`,
      ];
    return moments.flatMap((moment, index) =>
      localMoment(moment, timezone) === made[index]?.at
        ? []
        : [`called.${name}: expected a call at ${moment}, and it was at ${were[index] ?? 'no time'}`],
    );
  });
}

function checkRounds({ journal }: Rehearsed, { rounds = {} }: Expectation): string[] {
  return Object.entries(rounds).flatMap(([id, wanted]) => {
    const ended = journal.filter(({ kind, step }) => kind === 'step.succeeded' && step === id);
    const took = ended.map(({ data }) => (data?.output as JsonObject | undefined)?.rounds);
    if (took.includes(wanted)) return [];
    const was = took.length > 0 ? `it took ${took.join(', ')}` : 'it did not come to an end';
    return [`rounds.${id}: expected ${wanted} ${wanted === 1 ? 'round' : 'rounds'}, and ${was}`];
  });
}

/** That an item which there never was is not called shows nothing. In a run that broke off some may not have begun. */
function checkItems({ journal, status }: Rehearsed, { notCalled = [], called = {} }: Expectation): string[] {
  if (status !== 'succeeded') return [];
  const seen = new Set(journal.map(({ step = '' }) => itemOf(step)));
  return [...notCalled, ...Object.keys(called)]
    .filter((name) => itemOf(name) !== '' && !seen.has(itemOf(name)))
    .map((name) => `${name}: the run has no such item`);
}

/** `join[0][2]` -> `[0][2]`: steps of one item have different ids. */
function itemOf(key: string): string {
  return (key.match(/\[\d+\]/g) ?? []).join('');
}

function checkTold({ told }: Rehearsed, { told: expected = [] }: Expectation): string[] {
  return expected
    .filter((each) => !told.some((notice) => isTold(notice, each)))
    .map((each) => {
      const was = told.map(({ to, subject }) => `"${subject}" to ${to.join(', ')}`);
      return `told: expected ${shown(each as Json)}, and there was ${was.length > 0 ? was.join('; ') : 'no message'}`;
    });
}

/** Where the value lacks what is expected. Objects may have more, lists must be as long. */
function unlike(expected: Json, value: Json | undefined, where: string): string[] {
  const differs = [`${where}: expected ${shown(expected)}, and it is ${shown(value)}`];
  if (expected === null || typeof expected !== 'object') return expected === value ? [] : differs;
  if (Array.isArray(expected)) {
    if (!Array.isArray(value) || value.length !== expected.length) return differs;
    return expected.flatMap((item, index) => unlike(item, value[index], `${where}[${index}]`));
  }
  if (typeof value === 'string' && looksInside(expected)) {
    const { contains, notContains } = expected;
    if (typeof notContains === 'string' && value.includes(notContains))
      return [`${where}: expected nothing like "${notContains}", and it is ${shown(value)}`];
    return typeof contains === 'string' && !value.includes(contains) ? differs : [];
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return differs;
  return Object.entries(expected).flatMap(([key, item]) => unlike(item, value[key], `${where}.${key}`));
}

/** `contains`, `notContains` or both, of a text. */
function looksInside(expected: JsonObject): boolean {
  const entries = Object.entries(expected);
  return (
    entries.length > 0 &&
    entries.every(([key, part]) => /^(contains|notContains)$/.test(key) && typeof part === 'string')
  );
}

function shown(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

function listText(items: readonly string[]): string {
  return items.length > 0 ? items.join(', ') : 'nothing';
}
