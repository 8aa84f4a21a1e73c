/** The outside world of a rehearsal: actions that answer as the test says, people who get messages, and no network. */
import { ApplicationFailure } from '@temporalio/common';
import type { TObject } from 'typebox';
import { type EngineActivity, engineActivities } from '../activities/engine/activities.ts';
import type { Notice } from '../activities/engine/services.ts';
import { sizeProblem } from '../activities/kit/call.ts';
import { KeptLists, ListsInMemory, withKeptLists } from '../activities/kit/kept-lists.ts';
import { problemsOf } from '../activities/kit/schema-check.ts';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import type { ActionAnswer } from '../compiler/test-file/types.ts';
import { sampleOutput } from '../compiler/values/made-up-values.ts';
import { calendarsOf } from '../organisation/calendar-files.ts';
import type { Calendars } from '../organisation/calendars.ts';
import type { ActionDescription, Catalogue } from '../plan/catalogue.ts';
import { pickedOutput, pickedSchema } from '../plan/pick.ts';
import type { Json, JsonObject } from '../plan/plan.ts';
import { resolveReferences } from '../vault/references.ts';
import { Seal } from '../vault/seal.ts';
import type { Secrets } from '../vault/secrets.ts';
import type { CallOptions } from '../workflows/port.ts';
import { CallFailure } from '../workflows/port.ts';
import type { VirtualClock } from '../workflows/virtual/clock.ts';
import type { Answer } from '../workflows/virtual/port.ts';

export interface MadeCall {
  /** `groups[2]`, `tell.send`, `account.undo`. */
  step: string;
  action: string;
  /** What the action would see: nothing sealed, secrets by name. */
  input: JsonObject;
  at: number;
}

export interface Surroundings
  extends Pick<Configuration, 'roles' | 'organisation' | 'separationOfDuties' | 'approvals'> {
  calendars: Calendars;
}

/** Of the configuration at this path; where nothing is configured, there are no roles and only UTC. */
export function surroundingsOf(configuration: Configuration | undefined, path: string): Surroundings {
  const { roles = {}, organisation = {}, separationOfDuties = [] } = configuration ?? {};
  return {
    approvals: configuration?.approvals ?? { objection: { businessDays: 1 } },
    roles,
    organisation,
    separationOfDuties,
    calendars: calendarsOf(configuration ?? { calendars: {}, timezone: 'UTC' }, path),
  };
}

export interface WorldOptions {
  clock: VirtualClock;
  /** The id of the run that everything starts with. */
  root: string;
  catalogue: Catalogue;
  surroundings: Surroundings;
  answers: Record<string, ActionAnswer[]>;
}

export class RehearsedWorld {
  readonly calls: MadeCall[] = [];
  readonly told: (Notice & { at: number })[] = [];
  /** The same in every rehearsal, since nothing here is secret. */
  readonly seal = new Seal({ current: 'rehearsal', keys: { rehearsal: Buffer.alloc(32) } });
  private readonly lists = new KeptLists(new ListsInMemory(), this.seal);
  private readonly options: WorldOptions;
  private readonly engine: Record<string, EngineActivity>;
  private readonly asked = new Map<string, number>();
  private readonly secrets: Secrets = {
    get: async (name) => `[secret ${name}]`,
    redact: (text) => text,
  };

  constructor(options: WorldOptions) {
    this.options = options;
    const { clock, surroundings } = options;
    this.engine = engineActivities({
      seal: this.seal,
      roles: () => surroundings.roles,
      objection: () => surroundings.approvals.objection,
      lists: this.lists,
      calendars: () => surroundings.calendars,
      tell: async (notice) => {
        this.told.push({ ...notice, at: clock.now() });
      },
    });
  }

  readonly answer: Answer = async (activity, input, call, now, run) => {
    const engine = this.engine[activity];
    if (!engine) return this.act(activity, input, call, now, run);
    try {
      return await engine(input, { run, runbook: '', step: call.step });
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
      throw new CallFailure({ type: error.type ?? 'PermanentFailure', message: error.message });
    }
  };

  /** What the run carries sealed, as it is. */
  async opened(value: Json): Promise<Json> {
    return (await resolveReferences(value, { secrets: this.secrets, seal: this.seal, lists: this.lists }))
      .value;
  }

  private async act(action: string, input: Json, call: CallOptions, now: number, run: string): Promise<Json> {
    const description = this.options.catalogue.get(action);
    if (!description) throw failure(`There is no action ${action}.`);
    const step = stepName(call, run.slice(this.options.root.length + 1));
    const opened = (await this.opened(input)) as JsonObject;
    const problems = problemsOf(description.input as unknown as TObject, opened, true);
    if (problems.length > 0) throw failure(`The input does not fit ${action}. ${problems.join(' ')}`);
    this.calls.push({ step, action, input: opened, at: now });
    const answer = this.nextAnswer(step, action);
    if (answer?.failsTimes !== undefined)
      await this.failInPassing(answer, call, { step, action, input: opened });
    else if (answer?.fails !== undefined) {
      if (answer.takes) await this.pass(answer.takes, now);
      throw failure(answer.fails);
    }
    if (answer?.takes) await this.pass(answer.takes, this.options.clock.now());
    const pick = Array.isArray(opened.pick) ? opened.pick.map(String) : undefined;
    const schema = description.pick
      ? pickedSchema(description.output, description.pick, pick)
      : description.output;
    const output = { ...sampleOutput(schema, opened), ...answer?.output };
    for (const field of answer?.absent ?? []) leaveOut(output, field, description);
    const kept = description.pick ? pickedOutput(output, description.pick, pick) : output;
    const sealed = this.sealed(description, kept);
    return this.small(description, sealed, { run, call: `${action}.${this.calls.length}` });
  }

  /** As the action kit keeps it. */
  private async small(
    { name, sensitive }: ActionDescription,
    output: JsonObject,
    owner: { run: string; call: string },
  ): Promise<Json> {
    const fits = (kept: JsonObject) => sizeProblem(name, kept) === undefined;
    if (fits(output)) return output;
    const { lists } = this;
    const kept = await withKeptLists(output, { owner, lists, fits, sensitive: new Set(sensitive) });
    const tooLarge = sizeProblem(name, kept);
    if (tooLarge !== undefined) throw failure(tooLarge);
    return kept;
  }

  /** Answers for one item, or for one round, of a step that was called for others and never for this. */
  unasked(): string[] {
    const steps = new Set(this.calls.map(({ step }) => step.replace(/\[\d+\]/g, '')));
    return Object.keys(this.options.answers).filter(
      (key) => /\[\d+\]/.test(key) && !this.asked.has(key) && steps.has(key.replace(/\[\d+\]/g, '')),
    );
  }

  /** The most particular one there is: of the item, of the step, of the action. */
  private nextAnswer(step: string, action: string): ActionAnswer | undefined {
    const key = [step, step.replace(/\[\d+\]/g, ''), action].find((name) =>
      Object.hasOwn(this.options.answers, name),
    );
    const answers = key === undefined ? [] : (this.options.answers[key] ?? []);
    const before = this.asked.get(key ?? '') ?? 0;
    this.asked.set(key ?? '', before + 1);
    return answers[Math.min(before, answers.length - 1)];
  }

  /** Each attempt that fails is followed by another one, after the wait that the step's `retry` says; the last may be one too few. */
  private async failInPassing(
    { fails = '', failsTimes = 0 }: ActionAnswer,
    { retry }: CallOptions,
    call: Omit<MadeCall, 'at'>,
  ): Promise<void> {
    const { clock } = this.options;
    for (let attempt = 1; attempt <= failsTimes; attempt += 1) {
      if (attempt >= retry.attempts) throw failure(fails);
      const waitMs = Math.min(retry.maxMs, retry.firstMs * retry.factor ** (attempt - 1));
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
      this.calls.push({ ...call, at: clock.now() });
    }
  }

  private pass(length: NonNullable<ActionAnswer['takes']>, now: number): Promise<void> {
    const { clock, surroundings } = this.options;
    const ms = surroundings.calendars.after(now, length) - now;
    return new Promise((resolve) => clock.after(ms, resolve));
  }

  private sealed(description: ActionDescription, output: JsonObject): JsonObject {
    for (const field of description.sensitive) {
      const value = output[field];
      if (value !== undefined) output[field] = this.seal.sealed(value);
    }
    return output;
  }
}

/** Left out where the action may; null where it must say that there is none. */
function leaveOut(output: JsonObject, field: string, { output: schema }: ActionDescription): void {
  const required = Array.isArray(schema.required) ? schema.required : [];
  if (required.includes(field)) output[field] = null;
  else delete output[field];
}

function failure(message: string): CallFailure {
  return new CallFailure({ type: 'PermanentFailure', message });
}

/** `within` is the path of steps to the run that calls. Rounds of a repeat are calls of the same step. */
function stepName(call: CallOptions, within: string): string {
  const prefix = within ? `${within.replaceAll('/', '.')}.` : '';
  return prefix + call.step + (call.item ?? '').replace(/\.\d+/g, '');
}
