/** A plan as `countersign plan` shows it: a tree for people, and JSON. */
import colors from 'picocolors';
import type { Analysis, Gate, GatedStep } from '../compiler/gates/analyse.ts';
import { coversOf } from '../compiler/gates/cover.ts';
import { defined, unlessEmpty } from '../plan/defined.ts';
import type { Inline } from '../plan/document.ts';
import { templateText } from '../plan/durations-and-quorums.ts';
import { innerLists, withoutInner } from '../plan/inner-steps.ts';
import type { JsonObject, Plan, Step, Trigger } from '../plan/plan.ts';
import { descriptionOf, hasFlow, type StepOfFlow } from '../plan/step-descriptions.ts';
import { type CoverGroup, coversInWords } from '../presentation/cover.ts';
import { evaluateCondition, type Variables } from '../workflows/expressions.ts';
import { nextOf, scheduleText } from './schedule-text.ts';
import { table } from './text.ts';

export interface PlanView {
  plan: Plan;
  analysis: Analysis;
  /** The runbooks it calls. */
  find?: (runbook: string) => Plan | undefined;
  /** The inputs, as far as they are known. */
  variables?: Variables;
  /** Milliseconds since 1970: schedules are shown from then on. */
  now: number;
}

export function planTree(view: PlanView): string {
  const { plan } = view;
  const head = [
    `${colors.bold(plan.title)} ${colors.dim(`(${plan.runbook}, ${plan.kind}, owner ${plan.owner})`)}`,
    ...plan.triggers.flatMap((trigger) => [
      `Starts ${triggerText(trigger)}`,
      ...(trigger.type === 'schedule' ? scheduleText(trigger, view.now).map((line) => `  ${line}`) : []),
    ]),
  ];
  const parts: string[][] = rowsOf(plan.steps, '', view, '');
  const body = [table([['STEP', 'SIGNED BEFORE', 'DOES'].map((text) => colors.dim(text)), ...parts])];
  if (plan.finally.length > 0)
    body.push('', 'In any case, at the end:', table(rowsOf(plan.finally, '', view, '')));
  return `${[...head, '', ...body, '', ...coverText(view), ...summaryOf(view)].join('\n')}\n`;
}

/** What each approval's signatures stand for; a change of it by hand asks again. */
function coverText(view: PlanView): string[] {
  const { plan } = view;
  return coversInWords(plan, view.find).flatMap(({ gate, shown, more }) => {
    const group = ({ from, names }: CoverGroup) => `${from}: ${names.join(', ')}`;
    const rows = [
      ...shown.map((each) => ['  shown', group(each)]),
      ...more.map((each) => ['  also', group(each)]),
    ];
    return [`Behind the signatures of ${colors.cyan(gate)}:`, table(rows), ''];
  });
}

function rowsOf(steps: readonly Step[], indent: string, view: PlanView, prefix: string): string[][] {
  return steps.flatMap((step, index) => {
    const last = index === steps.length - 1;
    const [branch, below] = last ? ['└ ', '  '] : ['├ ', '│ '];
    const [own, inner] = indent === '' && prefix === '' ? ['', '  '] : [indent + branch, indent + below];
    return rowsOfStep(step, own, inner, view, prefix);
  });
}

function rowsOfStep(step: Step, own: string, inner: string, view: PlanView, prefix: string): string[][] {
  const found = view.analysis.steps.find(({ id }) => id === `${prefix}${step.id}`);
  const decided = step.if === undefined ? undefined : decide(step.if, view.variables);
  const row = [
    `${own}${step.title ? `${step.title} ${colors.dim(`(${step.id})`)}` : step.id}`,
    found ? signedText(found) : '',
    [doesText(step), ...(step.if === undefined ? [] : [conditionText(step.if, decided)])].join(' '),
  ];
  const nested = (steps: readonly Step[]) => rowsOf(steps, inner, view, prefix);
  const inside = innerLists(step).flatMap(({ steps, name, token }) => {
    const label = name ?? token;
    return [
      ...(label === undefined ? [] : [[`${inner}${colors.dim(`${label}:`)}`, '', '']]),
      ...nested(steps),
    ];
  });
  const called = hasFlow(step, 'call') ? calledRows(step, inner, view, prefix) : [];
  return [row, ...inside, ...called];
}

function calledRows(step: StepOfFlow<'call'>, inner: string, view: PlanView, prefix: string): string[][] {
  const calls = `${prefix}${step.id}.`;
  const called = view.analysis.steps.filter(({ id }) => id.startsWith(calls));
  const direct = called.filter(({ runbook }) => runbook === step.runbook);
  const unknown = {
    plan: view.plan,
    analysis: view.analysis,
    ...defined({ find: view.find }),
    now: view.now,
  };
  // What is inside a called runbook's own steps follows them in this list, so that one level is enough.
  return direct.flatMap(({ step: each }, index) =>
    rowsOfStep(
      withoutInner(each),
      `${inner}${index === direct.length - 1 ? '└ ' : '├ '}`,
      inner,
      unknown,
      calls,
    ),
  );
}

function decide(condition: string, variables: Variables | undefined): boolean | undefined {
  if (!variables) return undefined;
  try {
    return evaluateCondition(condition, variables);
  } catch {
    // It depends on what the run will find.
    return undefined;
  }
}

function conditionText(condition: string, decided: boolean | undefined): string {
  if (decided === false) return colors.yellow(`not with these inputs: if ${condition}`);
  return colors.dim(`if ${condition}${decided ? ' (true with these inputs)' : ''}`);
}

export function doesText(step: Step): string {
  const text = descriptionOf(step).does(step).map(inlineText).join('');
  return hasFlow(step, 'gate') ? colors.cyan(text) : text;
}

function inlineText(part: Inline): string {
  if (typeof part === 'string') return part;
  if ('quiet' in part) return colors.dim(part.quiet);
  return 'strong' in part ? colors.red(part.strong) : part.code;
}

/** For steps that change something: what was signed before them. */
function signedText({ step, gates, afterwards }: GatedStep): string {
  if (step.kind !== 'action' || step.effect === 'read') return '';
  const before = gates.map(({ id }) => colors.green(id));
  const after = afterwards.map(({ id }) => colors.yellow(`${id} (afterwards)`));
  if (before.length + after.length > 0) return [...before, ...after].join(', ');
  const none = 'nobody';
  return step.effect === 'destructive' ? colors.red(none) : colors.yellow(none);
}

function summaryOf({ plan, analysis }: PlanView): string[] {
  const changes = analysis.steps.filter(({ step }) => step.kind === 'action' && step.effect !== 'read');
  const open = changes.filter(({ gates }) => gates.length === 0);
  const destructive = changes.filter(({ step }) => step.kind === 'action' && step.effect === 'destructive');
  const count = (steps: GatedStep[]) => `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
  return [
    `${count(changes)} of ${analysis.steps.length} change something, ${destructive.length} of them for good; ${
      open.length === 0 ? 'each is signed before.' : `${open.length} without a signature before.`
    }`,
    colors.dim(`Plan ${plan.hash.slice(0, 12)}`),
  ];
}

export function triggerText(trigger: Trigger): string {
  switch (trigger.type) {
    case 'ticket': {
      const about = [trigger.project, trigger.ticketType].filter(Boolean).join(' ');
      const tickets = `a ${trigger.system} ticket${about ? ` (${about})` : ''}`;
      return `when ${tickets} becomes ${trigger.to}${trigger.if ? `, if ${trigger.if}` : ''}`;
    }
    case 'manual':
      return `by hand: ${trigger.by.join(', ')}`;
    case 'schedule':
      return `on schedule: ${trigger.cron} (${trigger.timezone})`;
  }
}

export function planJson({ plan, analysis, variables, now }: PlanView): JsonObject {
  const schedules = plan.triggers.filter((trigger) => trigger.type === 'schedule');
  return {
    runbook: plan.runbook,
    title: plan.title,
    kind: plan.kind,
    owner: plan.owner,
    hash: plan.hash,
    complete: analysis.complete,
    ...defined({
      schedules: unlessEmpty(
        schedules.map(({ cron, timezone }) => ({
          cron,
          timezone,
          next: nextOf({ cron, timezone }, now).map((at) => new Date(at).toISOString()),
        })),
      ),
    }),
    covers: coversOf(plan) as unknown as JsonObject,
    steps: analysis.steps.map(({ id, step, runbook, part, gates, afterwards }) => {
      const decided = step.if === undefined ? undefined : decide(step.if, variables);
      return {
        id,
        ...defined({ title: step.title }),
        kind: step.kind,
        runbook,
        part,
        ...defined({ if: step.if, runs: decided }),
        ...(step.kind === 'action' ? { action: step.uses, effect: step.effect } : {}),
        gates: gates.map(gateJson),
        afterwards: afterwards.map(gateJson),
      };
    }),
  };
}

function gateJson({ id, step }: Gate): JsonObject {
  return { id, signers: step.from.map(templateText), quorum: step.quorum };
}
