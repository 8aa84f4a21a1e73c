/**
 * What a run would do from where it stands: its plan is carried out on a virtual clock, where reads are made for real,
 * writes are only asked what they would do, and everybody who is asked says yes. Nothing is changed anywhere.
 */
import type { Caller } from '../activities/kit/call.ts';
import type { ActionDescription, Catalogue } from '../compiler/catalogue.ts';
import { innerSteps } from '../compiler/inner-steps.ts';
import type { CallContext, Json, JsonObject, Step } from '../compiler/plan.ts';
import { sampleOutput } from '../compiler/sample.ts';
import type { PreviewedStep, RunStart } from '../workflows/messages.ts';
import { CallFailure, type CallOptions } from '../workflows/port.ts';
import type { Run } from '../workflows/run.ts';
import { everybodyAnswers } from '../workflows/virtual/everybody.ts';
import { Stalled, VirtualClock } from '../workflows/virtual/port.ts';
import { simulate } from '../workflows/virtual/simulate.ts';
import { type EngineServices, engineActivities } from './engine-activities.ts';

export interface PreviewOptions {
  catalogue: Catalogue;
  /** Asks the systems; undefined for a connector that is not there. */
  caller(action: string): { caller: Caller; action: Parameters<Caller['preview']>[0] } | undefined;
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
/** A list of thousands is not previewed item by item: nobody reads that, and nobody waits for it. */
const mostSteps = 100;

/** `done`: what the steps that are done already gave, by their key; they are not asked again. */
export async function previewRun(
  start: RunStart,
  done: ReadonlyMap<string, Json>,
  options: PreviewOptions,
): Promise<Previewed> {
  const clock = new VirtualClock(Date.now());
  const runs = new Map<string, Run>();
  const asker = new Asker(start, done, options);
  const simulation = simulate(start, {
    id: 'preview',
    clock,
    answer: (activity, input, call, _now, run) =>
      clock.outside(() => asker.answer(activity, input, call, run)),
    onChild: (run) => void runs.set(run.id, run),
  });
  runs.set('preview', simulation.run);
  // Its own failures end with the simulation.
  everybodyAnswers({ clock, runs }).catch(() => {});
  try {
    await simulation.finish();
  } catch (error) {
    if (!(error instanceof Stalled)) throw error;
  }
  const parked = [...runs.values()].flatMap(({ state }) => [...state.parked.values()]);
  const [first] = parked;
  return {
    steps: asker.steps.slice(0, mostSteps),
    ...(first ? { stopped: `${first.title}: ${first.failure.message}` } : {}),
    ...(asker.steps.length > mostSteps ? { stopped: `and ${asker.steps.length - mostSteps} more` } : {}),
  };
}

class Asker {
  readonly steps: PreviewedStep[] = [];
  private readonly start: RunStart;
  private readonly done: ReadonlyMap<string, Json>;
  private readonly options: PreviewOptions;
  private readonly engine: ReturnType<typeof engineActivities>;
  private readonly titles: Map<string, string>;

  constructor(start: RunStart, done: ReadonlyMap<string, Json>, options: PreviewOptions) {
    this.start = start;
    this.done = done;
    this.options = options;
    this.engine = engineActivities({ ...options.services, tell: async () => {} });
    const plans = [start.plan, ...Object.values(start.plans ?? {})];
    this.titles = new Map(plans.flatMap((plan) => titlesOf([...plan.steps, ...plan.finally])));
  }

  async answer(activity: string, input: Json, call: CallOptions, run: string): Promise<Json> {
    const engine = this.engine[activity];
    if (engine) return engine(input, { run, runbook: '', step: call.step });
    const within = run.includes('/') ? `${run.slice(run.indexOf('/') + 1).replaceAll('/', '.')}.` : '';
    const step = within + call.step + (call.item ?? '');
    const known = this.done.get(step);
    if (known !== undefined) return known;
    const description = this.options.catalogue.get(activity);
    if (!description) throw failure(`There is no action ${activity}.`);
    const context = { run: this.start.partOf ?? 'preview', runbook: this.start.plan.runbook, step };
    if (description.effect === 'read') return this.read(description, input, context);
    if (this.steps.length < mostSteps) await this.ask(description, input, context, call.step);
    else this.steps.push({ step, title: step, action: activity, effect: description.effect });
    return madeUp(description, input, call.step);
  }

  /** What depends on something that is not there yet cannot be looked up: it stays as open as that. */
  private async read(description: ActionDescription, input: Json, context: CallContext): Promise<Json> {
    if (isOpen(input)) return madeUp(description, input, context.step);
    const found = this.options.caller(description.name);
    if (!found) throw failure(`${description.name} cannot be asked here.`);
    try {
      return await found.caller.run(found.action, input, context, this.attempt());
    } catch (error) {
      throw failure(wordsOf(error));
    }
  }

  private async ask(
    { name, effect, title }: ActionDescription,
    input: Json,
    context: CallContext,
    id: string,
  ): Promise<void> {
    const previewed: PreviewedStep = {
      step: context.step,
      title: this.titles.get(id) ?? title,
      action: name,
      effect,
    };
    this.steps.push(previewed);
    const found = this.options.caller(name);
    try {
      const preview = found && (await found.caller.preview(found.action, input, context, this.attempt()));
      if (preview) Object.assign(previewed, preview);
    } catch (error) {
      if (isOpen(input)) previewed.summary = 'depends on what the steps before it give';
      else previewed.problems = [wordsOf(error)];
    }
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

function madeUp({ output }: ActionDescription, input: Json, step: string): JsonObject {
  const given = typeof input === 'object' && input !== null && !Array.isArray(input) ? input : {};
  // "‹a.lee@example.com›" says more to an approver than "‹id of account›".
  const name = naming.map((field) => given[field]).find((value) => typeof value === 'string');
  const mark = (field: string) =>
    `${opening}${name && field === 'id' ? name : `${field} of ${name ?? step}`}${closing}`;
  return Object.fromEntries(
    Object.entries(sampleOutput(output, given)).map(([field, value]) => [
      field,
      typeof value === 'string' && given[field] === undefined ? mark(field) : value,
    ]),
  );
}

function isOpen(input: Json): boolean {
  return JSON.stringify(input)?.includes(opening) ?? false;
}

function titlesOf(steps: readonly Step[]): [string, string][] {
  return steps.flatMap((step) => [
    ...(step.title ? [[step.id, step.title] as [string, string]] : []),
    ...innerSteps(step).flatMap(titlesOf),
  ]);
}

function failure(message: string): CallFailure {
  return new CallFailure({ type: 'PermanentFailure', message });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
