/** Steps added, removed, moved and changed. */

import { durationText, templateText } from '../../plan/durations-and-quorums.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import type { Plan, Step } from '../../plan/plan.ts';
import { descriptionOf } from '../../plan/step-descriptions.ts';
import type { Change } from './changes.ts';

interface Placed {
  step: Step;
  /** The step around it, or `steps` and `finally`. */
  inside: string;
}

export function stepChanges(before: Plan, after: Plan): Change[] {
  const [old, now] = [placesIn(before), placesIn(after)];
  const change = (step: string, text: string): Change => ({
    runbook: after.runbook,
    step,
    about: 'step',
    text,
  });
  const added = [...now].filter(([id]) => !old.has(id));
  const removed = [...old].filter(([id]) => !now.has(id));
  const moved = movedIds(old, now);
  return [
    ...removed.map(([id, { step }]) => change(id, `${named(step)} is gone.`)),
    ...added.map(([id, { step }]) => change(id, `${named(step)} is new${whatFor(step)}.`)),
    ...moved.map((id) => change(id, `\`${id}\` has moved ${whereTo(id, now)}.`)),
    ...[...now].flatMap(([id, { step }]) => {
      const was = old.get(id)?.step;
      return was ? stepDifferences(was, step).map((text) => change(id, `\`${id}\` ${text}`)) : [];
    }),
  ];
}

function placesIn(plan: Plan): Map<string, Placed> {
  const places = new Map<string, Placed>();
  const visit = (steps: readonly Step[], inside: string) => {
    for (const step of steps) {
      places.set(step.id, { step, inside });
      for (const [index, inner] of innerSteps(step).entries()) visit(inner, `${step.id}${index}`);
    }
  };
  visit(plan.steps, 'steps');
  visit(plan.finally, 'finally');
  return places;
}

function named(step: Step): string {
  return step.title ? `\`${step.id}\` (${step.title})` : `\`${step.id}\``;
}

function whatFor(step: Step): string {
  return step.kind === 'action'
    ? `: it ${step.effect === 'read' ? 'reads' : `${step.effect === 'write' ? 'writes' : 'destroys'}`} with ${step.uses}`
    : '';
}

/** Of the steps in both, those that stand elsewhere: not on the longest run of steps that kept their order. */
function movedIds(old: ReadonlyMap<string, Placed>, now: ReadonlyMap<string, Placed>): string[] {
  const order = [...now.keys()].filter((id) => old.get(id)?.inside === now.get(id)?.inside);
  const rank = new Map([...old.keys()].map((id, index) => [id, index]));
  const kept = new Set(longestRising(order, (id) => rank.get(id) ?? 0));
  return [...now.keys()].filter((id) => old.has(id) && !kept.has(id));
}

function longestRising(ids: readonly string[], rank: (id: string) => number): string[] {
  const tails: number[] = [];
  const previous: number[] = [];
  for (const [index, id] of ids.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rank(ids[tails[middle] ?? 0] ?? '') < rank(id)) low = middle + 1;
      else high = middle;
    }
    previous[index] = low > 0 ? (tails[low - 1] ?? -1) : -1;
    tails[low] = index;
  }
  const found: string[] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) found.unshift(ids[at] ?? '');
  return found;
}

function whereTo(id: string, now: ReadonlyMap<string, Placed>): string {
  const inside = now.get(id)?.inside;
  const ids = [...now].filter(([, place]) => place.inside === inside).map(([each]) => each);
  const before = ids[ids.indexOf(id) - 1];
  if (before !== undefined) return `behind \`${before}\``;
  const after = ids[ids.indexOf(id) + 1];
  return after === undefined ? 'into another step' : `before \`${after}\``;
}

/** What a gate's own comparison tells, or what is told as added, removed and moved. */
const toldElsewhere = new Set([
  'id',
  'needed',
  'amend',
  'steps',
  'else',
  'branches',
  'planHash',
  'from',
  'except',
  'quorum',
  'escalate',
  'retroactive',
]);

const words: Record<string, string> = {
  if: 'its condition',
  onError: 'what follows a failure',
  timeoutMs: 'its timeout',
  title: 'its title',
  uses: 'its action',
  retry: 'how often it is tried',
  within: 'its time',
  remind: 'its reminder',
  due: 'when it is due',
  except: 'who may not do it',
  escalate: 'who is asked when it is late',
  onReject: 'what follows a refusal',
  onExpiry: 'what follows when its time has passed',
};

function stepDifferences(was: Step, is: Step): string[] {
  if (was.kind !== is.kind) return [`was ${descriptionOf(was).words}, and is ${descriptionOf(is).words}.`];
  const [old, now] = [was, is] as unknown as Record<string, unknown>[];
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (key) => !toldElsewhere.has(key) || (was.kind === 'task' && (key === 'except' || key === 'escalate')),
  );
  return keys.flatMap((key) => {
    const [a, b] = [old?.[key], now?.[key]];
    if (same(a, b)) return [];
    if (key === 'with' || key === 'show' || key === 'form') return inputDifferences(key, a, b);
    if (key === 'undo') return [undoText(a, b)];
    const what = words[key] ?? `\`${key}\``;
    const text = (value: unknown) => valueText(key === 'timeoutMs' ? { ms: value } : value);
    if (a === undefined) return [`has ${what} now: ${text(b)}.`];
    if (b === undefined) return [`no longer has ${what} (${text(a)}).`];
    return [`changes ${what}: ${text(b)} instead of ${text(a)}.`];
  });
}

function undoText(a: unknown, b: unknown): string {
  if (b === undefined) return 'can no longer be taken back.';
  return a === undefined ? 'can be taken back now.' : 'is taken back otherwise.';
}

function inputDifferences(key: string, a: unknown, b: unknown): string[] {
  const [old, now] = [a, b].map((value) =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {},
  );
  return [...new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])].flatMap((name) => {
    const [was, is] = [old?.[name], now?.[name]];
    if (same(was, is)) return [];
    const field = key === 'with' ? `\`${name}\`` : `\`${name}\` under \`${key}\``;
    if (was === undefined) return [`gets ${field}: ${valueText(is)}.`];
    if (is === undefined) return [`no longer gets ${field}.`];
    return [`gets another ${field}: ${valueText(is)} instead of ${valueText(was)}.`];
  });
}

/** Values shorter than this are told in full. */
const longest = 80;

function valueText(value: unknown): string {
  const text = plainText(value);
  return text.length > longest ? `\`${text.slice(0, longest - 1)}…\`` : `\`${text}\``;
}

function plainText(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object' && value !== null && ('ms' in value || 'businessDays' in value))
    return durationText(value as Parameters<typeof durationText>[0]);
  return templateText(value as Parameters<typeof templateText>[0]).replace(/\s+/g, ' ');
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
