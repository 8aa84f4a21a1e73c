/**
 * What a run would do from where it stands: its plan is carried out on a virtual clock, where reads are made for real,
 * writes are only asked what they would do, and everybody who is asked says yes. Nothing is changed anywhere.
 */

import { engineActivities } from '../activities/engine/activities.ts';
import type { EngineServices } from '../activities/engine/services.ts';
import type { Caller } from '../activities/kit/call.ts';
import type { Preview } from '../activities/kit/define-action.ts';
import { sampleOutput } from '../compiler/values/made-up-values.ts';
import type { ActionDescription, Catalogue } from '../plan/catalogue.ts';
import { defined, unlessEmpty } from '../plan/defined.ts';
import { errorText } from '../plan/error-text.ts';
import { innerSteps } from '../plan/inner-steps.ts';
import type { CallContext, Json, JsonObject, JsonSchema, Step } from '../plan/plan.ts';
import type { PreviewedStep, RunPlan, RunStart } from '../workflows/messages.ts';
import { CallFailure, type CallOptions } from '../workflows/port.ts';
import type { Run } from '../workflows/run.ts';
import { approveAutomatically } from '../workflows/virtual/auto-approver.ts';
import { Stalled, VirtualClock } from '../workflows/virtual/clock.ts';
import { simulate } from '../workflows/virtual/simulate.ts';

export interface PreviewOptions {
  catalogue: Catalogue;
  /** Asks the systems; undefined for a connector that is not there. */
  caller(action: string): { caller: Caller; action: Parameters<Caller['preview']>[0] } | undefined;
  /** Id of the run that is live already: what an action makes of it (the number of an order) then is what it will be. */
  run?: string;
  services: Omit<EngineServices, 'tell' | 'preview'>;
  /** Signal of whoever asks; each question has 20 s at most. */
  signal?: AbortSignal;
}

export interface Previewed {
  steps: PreviewedStep[];
  /** Where it could not be followed any further, and why. */
  stopped?: string;
}

const questionMs = 20_000;
/** Nobody reads more, and nobody waits for it. */
const mostSteps = 100;
/** Of one step for many items the first few are asked; the others would say the same. */
const mostItems = 10;

/** `done`: what the steps that are done already gave, by their key; they are not asked again. */
export async function previewRun(
  start: RunStart,
  done: ReadonlyMap<string, Json>,
  options: PreviewOptions,
): Promise<Previewed> {
  const clock = new VirtualClock(Date.now());
  const runs = new Map<string, Run>();
  const asker = new Asker(start, done, options);
  const simulation = simulate(withoutPolling(start), {
    id: 'preview',
    clock,
    answer: (activity, input, call, _now, run) =>
      clock.outside(() => asker.answer(activity, input, call, run)),
    onChild: (run) => void runs.set(run.id, run),
  });
  runs.set('preview', simulation.run);
  // Its own failures end with the simulation.
  approveAutomatically({ clock, runs }).catch(() => {});
  try {
    await simulation.finish();
  } catch (error) {
    if (!(error instanceof Stalled)) throw error;
  }
  const parked = [...runs.values()].flatMap(({ state }) => [...state.parked.values()]);
  const [first] = parked;
  return {
    steps: asker.steps,
    ...(first ? { stopped: `${first.title}: ${first.failure.message}` } : {}),
  };
}

/** What is polled for comes of writes that are not made here: one look must do. */
function withoutPolling(start: RunStart): RunStart {
  const once = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(once);
    if (typeof value !== 'object' || value === null) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, once(item)]));
    return copy.kind === 'repeat' ? { ...copy, until: 'true' } : copy;
  };
  const { plan, plans } = start;
  const steps = (each: RunPlan): RunPlan => ({
    ...each,
    steps: once(each.steps) as Step[],
    finally: once(each.finally) as Step[],
  });
  return {
    ...start,
    plan: steps(plan),
    ...(plans
      ? { plans: Object.fromEntries(Object.entries(plans).map(([hash, each]) => [hash, steps(each)])) }
      : {}),
  };
}

class Asker {
  readonly steps: PreviewedStep[] = [];
  private readonly start: RunStart;
  private readonly done: ReadonlyMap<string, Json>;
  private readonly options: PreviewOptions;
  private readonly engine: ReturnType<typeof engineActivities>;
  private readonly titles: Map<string, string>;
  /** Steps whose input comes from what somebody or something outside will say. */
  private readonly uncertain: Set<string>;
  private readonly times = new Map<string, number>();
  /** Numbers that were made up, and what each stands for. */
  private readonly numbers = new Map<number, string>();
  private readonly leftOut = new Map<string, { line: PreviewedStep; count: number }>();

  constructor(start: RunStart, done: ReadonlyMap<string, Json>, options: PreviewOptions) {
    this.start = start;
    this.done = done;
    this.options = options;
    this.engine = engineActivities({ ...options.services, tell: async () => {} });
    const plans = [start.plan, ...Object.values(start.plans ?? {})];
    this.titles = new Map(plans.flatMap((plan) => titlesOf([...plan.steps, ...plan.finally])));
    this.uncertain = new Set(plans.flatMap((plan) => uncertainIn([...plan.steps, ...plan.finally])));
  }

  async answer(activity: string, input: Json, call: CallOptions, run: string): Promise<Json> {
    const engine = this.engine[activity];
    if (engine) return engine(input, { run, runbook: '', step: call.step });
    const within = run.includes('/') ? `${run.slice(run.indexOf('/') + 1).replaceAll('/', '.')}.` : '';
    const { item = '' } = call;
    const step = within + call.step + item;
    const known = this.done.get(step);
    if (known !== undefined) return known;
    const description = this.options.catalogue.get(activity);
    if (!description) throw failure(`There is no action ${activity}.`);
    const context: CallContext = {
      run: this.options.run ?? this.start.partOf ?? 'preview',
      runbook: this.start.plan.runbook,
      step: within + call.step,
      ...(item ? { item } : {}),
    };
    const asks = this.isAmongFirst(call.step) && this.steps.length < mostSteps;
    if (description.effect === 'read')
      return asks ? this.read(description, input, context) : this.madeUp(description, input, call.step);
    if (asks) await this.ask(description, input, context, call.step);
    else this.leaveOut(description, context, call.step);
    return this.madeUp(description, input, call.step);
  }

  /** What depends on something that is not there yet cannot be looked up: it stays as open as that. */
  private async read(description: ActionDescription, input: Json, context: CallContext): Promise<Json> {
    if (isOpen(input)) return this.madeUp(description, input, context.step);
    const found = this.options.caller(description.name);
    if (!found) throw failure(`${description.name} cannot be asked here.`);
    try {
      return (await found.caller.run(found.action, input, context, this.attempt())).output;
    } catch (error) {
      throw failure(errorText(error));
    }
  }

  /** Whether this is one of the first few times that a step comes. */
  private isAmongFirst(id: string): boolean {
    const times = (this.times.get(id) ?? 0) + 1;
    this.times.set(id, times);
    return times <= mostItems;
  }

  /** One line stands for all the items of a step that were not asked. */
  private leaveOut({ name: action, effect }: ActionDescription, { step }: CallContext, id: string): void {
    const left = this.leftOut.get(id);
    if (left) {
      left.count += 1;
      left.line.summary = `and the same for ${left.count} more`;
      return;
    }
    const title = this.titles.get(id) ?? id;
    const line: PreviewedStep = { step, title, action, effect, summary: 'and the same for 1 more' };
    this.leftOut.set(id, { line, count: 1 });
    this.steps.push(line);
  }

  private async ask(
    { name, effect, title }: ActionDescription,
    input: Json,
    context: CallContext,
    id: string,
  ): Promise<void> {
    const previewed: PreviewedStep = {
      step: context.step + (context.item ?? ''),
      title: this.titles.get(id) ?? title,
      action: name,
      effect,
    };
    this.steps.push(previewed);
    const found = this.options.caller(name);
    try {
      const preview = found && (await found.caller.preview(found.action, input, context, this.attempt()));
      if (preview) Object.assign(previewed, this.inWords(preview));
    } catch (error) {
      if (isOpen(input)) previewed.summary = 'depends on what the steps before it give';
      else if (this.uncertain.has(id))
        previewed.summary = 'depends on what is not known before the run gets there';
      else previewed.problems = [errorText(error)];
    }
  }

  /** A number that was made up here is shown as what it is; that there is nothing of that number yet is no problem. */
  private inWords({ summary, problems, difference, ...rest }: Preview): Preview {
    const named = (text: string) =>
      text.replace(madeUpNumber, (digits) => this.numbers.get(Number(digits)) ?? digits);
    const left = problems?.filter((problem) => !isOpen(problem));
    return {
      ...rest,
      summary: named(summary),
      ...defined({
        problems: unlessEmpty(left ?? []),
        difference: difference === undefined ? undefined : named(difference),
      }),
    };
  }

  private madeUp({ output }: ActionDescription, input: Json, step: string): JsonObject {
    const given = typeof input === 'object' && input !== null && !Array.isArray(input) ? input : {};
    // "‹a.lee@example.com›" says more to an approver than "‹id of account›".
    const name = naming.map((field) => given[field]).find((value) => typeof value === 'string');
    const mark = (field: string) =>
      `${opening}${name && field === 'id' ? name : `${field} of ${name ?? step}`}${closing}`;
    const properties = (output.properties ?? {}) as Record<string, JsonSchema>;
    return Object.fromEntries(
      Object.entries(sampleOutput(output, given)).map(([field, value]) => {
        if (given[field] !== undefined) return [field, value];
        if (typeof value === 'string') return [field, mark(field)];
        return [field, isAnyInteger(properties[field]) ? this.numberFor(mark(field)) : value];
      }),
    );
  }

  private numberFor(mark: string): number {
    const number = firstMadeUp + (this.numbers.size % mostMadeUp);
    this.numbers.set(number, mark);
    return number;
  }

  private attempt() {
    const limit = AbortSignal.timeout(questionMs);
    const { signal } = this.options;
    return { signal: signal ? AbortSignal.any([signal, limit]) : limit, timeoutMs: questionMs };
  }
}

/** Marks what is not known before the run gets there, in a way that nobody writes by chance. */
const [opening, closing] = ['‹', '›'];
/** Fields by which people know what was made. */
const naming = ['userPrincipalName', 'displayName', 'name', 'title'];

/** Numbers by which nobody names a thing, so that one is known again wherever it turns up. */
const firstMadeUp = 880_000_000_000;
const mostMadeUp = 1_000;
const madeUpNumber = /\b880000000\d{3}\b/g;

function isAnyInteger(schema: JsonSchema | undefined): boolean {
  return schema?.type === 'integer' && schema.maximum === undefined && schema.enum === undefined;
}

function isOpen(input: Json): boolean {
  const text = JSON.stringify(input) ?? '';
  return text.includes(opening) || text.search(madeUpNumber) !== -1;
}

function titlesOf(steps: readonly Step[]): [string, string][] {
  return allOf(steps).flatMap(({ id, title }) => (title ? [[id, title] as [string, string]] : []));
}

/** Ids of the steps that read what a task's form or an event brings. */
function uncertainIn(steps: readonly Step[]): string[] {
  const all = allOf(steps);
  const outside = all.filter((step) => step.kind === 'task' || (step.kind === 'wait' && step.event));
  if (outside.length === 0) return [];
  const reads = new RegExp(`steps\\.\\??(${outside.map(({ id }) => id).join('|')})\\b`);
  return all
    .filter((step) => step.kind === 'action' && reads.test(JSON.stringify(step.with)))
    .map(({ id }) => id);
}

function allOf(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) => [step, ...innerSteps(step).flatMap(allOf)]);
}

function failure(message: string): CallFailure {
  return new CallFailure({ type: 'PermanentFailure', message });
}
