/** A plan as `countersign plan` shows it: a tree for people, and JSON. */
import colors from 'picocolors';
import type { Analysis, Gate, GatedStep } from '../compiler/gates/analyse.ts';
import { durationText, quorumText, templateText } from '../plan/durations-and-quorums.ts';
import type { JsonObject, Plan, Step, Trigger } from '../plan/plan.ts';
import { evaluateCondition, type Variables } from '../workflows/expressions.ts';
import { table } from './text.ts';

export interface PlanView {
  plan: Plan;
  analysis: Analysis;
  /** The inputs, as far as they are known. */
  variables?: Variables;
}

export function planTree(view: PlanView): string {
  const { plan } = view;
  const head = [
    `${colors.bold(plan.title)} ${colors.dim(`(${plan.runbook}, ${plan.kind}, owner ${plan.owner})`)}`,
    ...plan.triggers.map((trigger) => `Starts ${triggerText(trigger)}`),
  ];
  const parts: string[][] = rowsOf(plan.steps, '', view, '');
  const body = [table([['STEP', 'SIGNED BEFORE', 'DOES'].map((text) => colors.dim(text)), ...parts])];
  if (plan.finally.length > 0)
    body.push('', 'In any case, at the end:', table(rowsOf(plan.finally, '', view, '')));
  return `${[...head, '', ...body, '', ...summaryOf(view)].join('\n')}\n`;
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
  switch (step.kind) {
    case 'parallel':
      return [
        row,
        ...Object.entries(step.branches).flatMap(([name, steps]) => [
          [`${inner}${colors.dim(`${name}:`)}`, '', ''],
          ...nested(steps),
        ]),
      ];
    case 'group':
      return [
        row,
        ...nested(step.steps),
        ...(step.else ? [[`${inner}${colors.dim('else:')}`, '', ''], ...nested(step.else)] : []),
      ];
    case 'forEach':
    case 'repeat':
    case 'window':
      return [row, ...nested(step.steps)];
    case 'runbook': {
      const calls = `${prefix}${step.id}.`;
      const called = view.analysis.steps.filter(({ id }) => id.startsWith(calls));
      const direct = called.filter(({ runbook }) => runbook === step.runbook);
      const unknown = { plan: view.plan, analysis: view.analysis };
      return [
        row,
        // What is inside a called runbook's own steps follows them in this list, so that one level is enough.
        ...direct.flatMap(({ step: each }, index) =>
          rowsOfStep(
            flat(each),
            `${inner}${index === direct.length - 1 ? '└ ' : '├ '}`,
            inner,
            unknown,
            calls,
          ),
        ),
      ];
    }
    default:
      return [row];
  }
}

/** A step without those inside it, for lists that have these already. */
function flat(step: Step): Step {
  if (step.kind === 'parallel') return { ...step, branches: {} };
  if (step.kind === 'group') {
    const { else: _, ...rest } = step;
    return { ...rest, steps: [] };
  }
  return 'steps' in step ? { ...step, steps: [] } : step;
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
  switch (step.kind) {
    case 'action':
      return `${effectText(step.effect)} ${step.uses}${step.undo ? colors.dim(` (undo: ${step.undo.uses})`) : ''}`;
    case 'approve':
      return colors.cyan(
        [
          `signed by ${step.from.map(templateText).join(' or ')}`,
          quorumText(step.quorum),
          ...(step.within ? [`within ${durationText(step.within)}`] : []),
          ...(step.escalate === undefined ? [] : [`then ${templateText(step.escalate)} too`]),
          ...(step.retroactive ? ['afterwards'] : []),
          ...(step.onReject ? ['goes on after a refusal'] : []),
        ].join(', '),
      );
    case 'task':
      return `a task for ${templateText(step.to)}${step.within ? `, within ${durationText(step.within)}` : ''}`;
    case 'wait':
      if (step.for) return `waits ${durationText(step.for)}`;
      if (step.until !== undefined) return `waits until ${templateText(step.until)}`;
      return `waits for ${step.event?.name ?? ''} ${templateText(step.event?.key ?? '')}`.trimEnd();
    case 'window':
      return `in a window of ${step.calendar}${step.needs ? ` with ${durationText(step.needs)} left` : ''}`;
    case 'parallel':
      return 'at the same time';
    case 'forEach':
      return `for each ${step.as} of ${step.items}, ${step.concurrency === 1 ? 'one by one' : `${step.concurrency} at once`}`;
    case 'repeat':
      return `every ${durationText(step.every)} until ${step.until}`;
    case 'runbook':
      return `runs ${step.runbook}`;
    case 'end':
      return `ends the run as ${step.status}`;
    case 'group':
      return '';
  }
}

function effectText(effect: 'read' | 'write' | 'destructive'): string {
  if (effect === 'destructive') return colors.red('destroys');
  return effect === 'write' ? 'writes' : colors.dim('reads');
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

export function planJson({ plan, analysis, variables }: PlanView): JsonObject {
  return {
    runbook: plan.runbook,
    title: plan.title,
    kind: plan.kind,
    owner: plan.owner,
    hash: plan.hash,
    complete: analysis.complete,
    steps: analysis.steps.map(({ id, step, runbook, part, gates, afterwards }) => {
      const decided = step.if === undefined ? undefined : decide(step.if, variables);
      return {
        id,
        ...(step.title === undefined ? {} : { title: step.title }),
        kind: step.kind,
        runbook,
        part,
        ...(step.if === undefined ? {} : { if: step.if }),
        ...(decided === undefined ? {} : { runs: decided }),
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
