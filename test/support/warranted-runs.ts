/**
 * Runs of the real engine on a virtual clock, over a real database, whose actions ask beside their effects as those of a worker do. In
 * place of Temporal stands {@link WarrantedRuns.call}, so that a test may call what no honest engine would.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { engineActivities } from '../../activities/engine/activities.ts';
import { actingOn } from '../../activities/kit/acting-system.ts';
import { AttemptLog } from '../../activities/kit/attempt-log.ts';
import type { Connector } from '../../activities/kit/define-connector.ts';
import { Outbound } from '../../activities/kit/outbound.ts';
import type { Services } from '../../activities/kit/services.ts';
import { Guard } from '../../activities/kit/warrants/guard.ts';
import { compile } from '../../compiler/compile.ts';
import { Calendars } from '../../organisation/calendars.ts';
import { type ActionDescription, catalogueOf } from '../../plan/catalogue.ts';
import { defined } from '../../plan/defined.ts';
import type { Effect, Json, JsonObject, Plan } from '../../plan/plan.ts';
import { type BoundCall, planMark } from '../../plan/sealed.ts';
import { digestOf } from '../../store/audit/record.ts';
import { type Verdict, verify } from '../../store/audit/verify.ts';
import { openStore, type Store } from '../../store/store.ts';
import { freshKeyFile, readSigningKey, type SigningKey } from '../../vault/commands.ts';
import { Seal } from '../../vault/seal.ts';
import { ConfiguredSecrets } from '../../vault/secrets.ts';
import { systemsBehind } from '../../worker/acting-systems.ts';
import { attemptRecorder, engineRecorder, refusalRecorder } from '../../worker/audit.ts';
import { type Migrated, migrateOlderRuns, warrantOffice, warrantRegister } from '../../worker/warrants.ts';
import { type RunStart, updates } from '../../workflows/messages.ts';
import { CallFailure, type CallOptions } from '../../workflows/port.ts';
import type { Run } from '../../workflows/run.ts';
import { calledPlans, runPlanOf } from '../../workflows/run-plan.ts';
import { startOf } from '../../workflows/testing.ts';
import { VirtualClock } from '../../workflows/virtual/clock.ts';
import { type Simulation, simulate } from '../../workflows/virtual/simulate.ts';
import { until } from './stack.ts';

const open = { type: 'object', additionalProperties: true };

function action(name: string, effect: Effect): ActionDescription {
  const common = { description: `${name} for tests.`, delivery: 'exactly once' as const, source: 'tests' };
  return { name, title: name, effect, ...common, input: open, output: open, sensitive: [], examples: [] };
}

const actions = [
  action('test.look', 'read'),
  action('test.note', 'write'),
  action('test.enable', 'write'),
  action('test.remove', 'destructive'),
];
const effects = new Map(actions.map(({ name, effect }) => [name, effect]));

/** Settings of the connector `test`, as countersign.yaml has them. */
const settings = Type.Object({
  tenant: Type.String(),
  url: Type.Optional(Type.String({ default: 'https://directory.example.com' })),
  secret: Type.Optional(Type.String()),
});
const connector = {
  name: 'test',
  title: 'The directory',
  settings,
  sameSystem: ['secret'],
  connect: () => {
    throw new Error('nobody connects');
  },
  actions: actions.map(({ name }) => ({ name })),
} as unknown as Connector;

/** Of runbooks whose actions are `test.look`, `test.note`, `test.enable` and, destructive, `test.remove`. */
export function plansOf(...texts: string[]): Plan[] {
  const files = texts.map((text, index) => ({ path: `${index}.yaml`, text }));
  const configuration = { path: 'countersign.yaml', text: 'timezone: UTC\norganisation: { site: Graz }' };
  const { plans, diagnostics } = compile({ files, configuration, catalogue: catalogueOf(actions) });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return plans;
}

export interface Done {
  action: string;
  step: string;
  input: Json;
}

/** One call as an engine would make it, and may make it wrongly. */
export interface Called extends CallOptions {
  activity: string;
  input: Json;
}

export class WarrantedRuns {
  readonly store: Store;
  readonly done: Done[] = [];
  /** What `test.look` gives. */
  looks: (input: JsonObject) => Json = () => ({});
  /** Changes a call before it is made: an engine with a fault. */
  fault: (call: Called) => Called = (call) => call;
  /** What stands under `connectors: test:`, as the worker began with it. */
  settings: JsonObject | undefined = { tenant: 'example.com' };
  /** Its `formerly`. */
  formerly: JsonObject[] = [];
  /** Effects that actions have by now, where they are others than when plans were compiled. */
  effects = new Map<string, Effect>();
  readonly seal: Seal;
  private readonly services: Services;
  private readonly key: SigningKey;
  private readonly guard: Guard;
  private readonly record: ReturnType<typeof attemptRecorder>;
  private readonly engine: ReturnType<typeof engineActivities>;

  private constructor(store: Store, seal: Seal) {
    this.store = store;
    this.seal = seal;
    const key = readSigningKey(JSON.stringify(freshKeyFile('w')), 'test', 'warrants');
    this.key = key;
    this.services = {
      seal,
      secrets: new ConfiguredSecrets({ tenant: { env: 'TEST_TENANT' } }),
      outbound: new Outbound(),
      settings: () => this.settings,
      formerly: () => this.formerly,
    };
    const refused = refusalRecorder(store.audit, () => {});
    this.guard = new Guard(warrantRegister({ store, key, seal, refused }));
    this.record = attemptRecorder(store.audit, seal);
    this.listed = store.warrantKeys.list(key.id, key.publicKey);
    const calendars = new Calendars({ calendars: {}, timezone: 'UTC', read: () => '' });
    this.engine = engineActivities({
      seal,
      roles: () => ({}),
      calendars: () => calendars,
      tell: async () => {},
      record: engineRecorder(store.audit, store.warrants),
      warrants: warrantOffice(store, key, seal),
      systemsBehind: systemsBehind({ store, connectors: [connector], services: this.services }),
    });
  }

  private readonly listed: Promise<void>;

  static async over(url: string): Promise<WarrantedRuns> {
    const seal = new Seal({ current: 'k1', keys: { k1: randomBytes(32) } });
    const runs = new WarrantedRuns(await openStore(url, seal), seal);
    await runs.listed;
    return runs;
  }

  /** `before` is told the run's id before anything of it happens. */
  async start(
    plans: Plan[],
    inputs: JsonObject = {},
    more: Partial<RunStart> = {},
    before: (run: string) => Promise<unknown> = async () => {},
  ): Promise<WarrantedRun> {
    const [plan] = plans;
    if (!plan) throw new Error('no plan');
    for (const each of plans) await this.store.runs.savePlan(each);
    const start = startOf(runPlanOf(plan), { inputs, ...calledPlans(plan, plans), ...more });
    const run = new WarrantedRun(this, plan, start);
    await before(run.id);
    await run.begin();
    return run;
  }

  async migrated(): Promise<Migrated[]> {
    const found: Migrated[] = [];
    for await (const each of migrateOlderRuns(this.store, this.key)) found.push(each);
    return found;
  }

  /** As a connector's worker does it. */
  async call(called: Called, call: BoundCall, workflowId: string, attempt = 1): Promise<Json> {
    const { activity, input } = called;
    const now = this.effects.get(activity) ?? effects.get(activity) ?? 'write';
    const about = { call, action: activity, effect: now, attempt };
    try {
      const effect = await this.guard.effectOf(about, workflowId);
      about.effect = effect;
      if (effect !== 'read') {
        const decide = (anew: boolean) => {
          if (anew) this.guard.forget();
          const system = () => actingOn(connector, this.services);
          return this.guard.decide({ ...about, system }, input, workflowId);
        };
        await new AttemptLog(about, { record: this.record }, { decide, input }).begin();
        this.done.push({ action: activity, step: call.step + (call.item ?? ''), input });
      }
      const output = activity === 'test.look' ? this.looks(input as JsonObject) : { done: true };
      await this.guard.done(call, output, workflowId);
      await this.record({ ...about, event: { type: 'succeeded', output, durationMs: 1 } });
      return output;
    } catch (error) {
      const { name, message, why } = error as Error & { why?: string };
      if (why !== undefined) await this.guard.refused(about, why);
      throw new CallFailure({ type: name, message });
    }
  }

  async askEngine(activity: string, input: Json, call: BoundCall): Promise<Json> {
    try {
      const work = this.engine[activity];
      if (!work) return {};
      return await work(input, call);
    } catch (error) {
      const { type, message } = error as Error & { type?: string };
      throw new CallFailure({ type: type ?? 'RetryableFailure', message });
    }
  }
}

/** Ids as Temporal gives them. */
interface Execution {
  id: string;
  workflowId: string;
  start: string;
  plan: Plan | RunStart['plan'];
  calls: number;
}

export class WarrantedRun {
  readonly id: string = randomUUID();
  readonly calls: BoundCall[] = [];
  private readonly stack: WarrantedRuns;
  private readonly plan: Plan;
  private readonly start: RunStart;
  private readonly executions = new Map<string, Execution>();
  private readonly children = new Map<string, Run>();
  private readonly clock = new VirtualClock(Date.UTC(2026, 0, 5, 9));
  private simulation!: Simulation;

  constructor(stack: WarrantedRuns, plan: Plan, start: RunStart) {
    this.stack = stack;
    this.plan = plan;
    this.start = start;
    const workflowId = `${plan.runbook}-${this.id.slice(0, 8)}`;
    this.executions.set(this.id, { id: this.id, workflowId, start: randomUUID(), plan, calls: 0 });
  }

  async begin(): Promise<void> {
    const { plan, start, stack } = this;
    await this.list(this.executionOf(this.id));
    await stack.store.audit.append({
      runId: this.id,
      kind: 'run.started',
      actor: start.requester.id,
      data: { runbook: plan.runbook, title: plan.title, planHash: plan.hash, cause: 'manual', inputs: {} },
    });
    this.simulation = simulate(start, {
      id: this.id,
      clock: this.clock,
      onChild: (run) => void this.children.set(run.id, run),
      answer: async (activity, input, options, _now, run) =>
        this.clock.outside(() => this.answer(run, { ...options, activity, input })),
    });
    await this.simulation.settle();
  }

  get run(): Run {
    return this.simulation.run;
  }

  /** To act on the run that a step of it called. */
  below(step: string): WarrantedRun {
    const name = `${this.id}/${step}`;
    const acting: WarrantedRun = Object.create(this, {
      run: { get: () => this.children.get(name) },
      id: { get: () => this.executionOf(name).id },
    });
    return acting;
  }

  /** Lets what was told to it happen, while something is under way that has not ended yet. */
  goOn(): Promise<void> {
    return this.clock.outside(async () => {});
  }

  finish() {
    return this.simulation.finish();
  }

  /** Until nothing more can happen without somebody acting. */
  async at(step: string, status: string): Promise<void> {
    await until(`${step} to be ${status}`, async () => {
      await this.simulation.settle();
      const view = this.run.state.view();
      return view.steps.some((each) => each.id === step && each.status === status) ? true : undefined;
    });
  }

  async vote(
    step: string,
    id: string,
    decision: 'approve' | 'reject' = 'approve',
    form?: JsonObject,
  ): Promise<void> {
    const gate = await until(`people to be asked for ${step}`, async () => {
      await this.simulation.settle();
      const view = this.run.state.view();
      const parked = view.steps.find(({ failure }) => failure);
      if (parked) throw new Error(`${parked.id}: ${parked.failure?.message}`);
      return view.gates.find((each) => each.step === step && each.hash !== '');
    });
    const digests = Object.entries(form ?? {}).map(([name, value]) => [
      name,
      digestOf(this.stack.seal, value),
    ]);
    const request = { step, decision, principal: { id, roles: [] }, hash: gate.hash, ...defined({ form }) };
    await this.audited(updates.vote, id, request, {
      decision,
      hash: gate.hash,
      ...defined({ form: form && Object.fromEntries(digests) }),
    });
  }

  amend(id: string, inputs: JsonObject): Promise<void> {
    return this.audited(updates.amend, id, { principal: { id, roles: [] }, inputs }, { command: 'amend' });
  }

  report(step: string, id: string, output: JsonObject): Promise<void> {
    const request = { step, principal: { id, roles: [] }, output };
    return this.audited(updates.complete, id, request, { command: 'complete' });
  }

  /** What a gateway does of it. */
  private async audited(
    update: keyof typeof updates,
    actor: string,
    request: JsonObject,
    data: JsonObject,
  ): Promise<void> {
    const family = update === 'vote' ? 'vote' : 'command';
    const told = (outcome: 'requested' | 'accepted') =>
      this.stack.store.audit.append({
        runId: this.id,
        kind: `${family}.${outcome}`,
        actor,
        ...defined({ step: request.step === undefined ? undefined : String(request.step) }),
        data: { request: id, ...data },
      });
    const id = randomUUID();
    await told('requested');
    this.run.commands.tell(update, request);
    await told('accepted');
    await this.simulation.settle();
  }

  /** As this run's engine would bind it. */
  bound(called: Called, run = this.id): BoundCall {
    const execution = this.executionOf(run);
    execution.calls += 1;
    const { activity, step, item, warrants } = called;
    const call: BoundCall = {
      run: execution.id,
      runbook: this.plan.runbook,
      step,
      activity,
      start: execution.start,
      plan: planMark(execution.plan.hash),
      place: execution.calls,
      ...defined({ item, warrants }),
    };
    this.calls.push(call);
    return call;
  }

  /** Calls what the engine itself does not. */
  async call(called: Partial<Called> & Pick<Called, 'activity' | 'step'>): Promise<Json> {
    const whole: Called = {
      timeoutMs: 1,
      retry: { attempts: 1, firstMs: 1, factor: 1, maxMs: 1 },
      input: {},
      ...called,
    };
    return this.stack.call(whole, this.bound(whole), this.executionOf(this.id).workflowId);
  }

  /** The attempts of one call. */
  tries(called: Partial<Called> & Pick<Called, 'activity' | 'step'>): (attempt: number) => Promise<Json> {
    const retry = { attempts: 1, firstMs: 1, factor: 1, maxMs: 1 };
    const whole: Called = { timeoutMs: 1, retry, input: {}, ...called };
    const call = this.bound(whole);
    return (attempt) => this.stack.call(whole, call, this.executionOf(this.id).workflowId, attempt);
  }

  /** The very same call once more. */
  async again(call: BoundCall, input: Json): Promise<Json> {
    const called: Called = {
      activity: call.activity,
      step: call.step,
      input,
      timeoutMs: 1,
      retry: { attempts: 1, firstMs: 1, factor: 1, maxMs: 1 },
    };
    return this.stack.call(called, call, this.executionOf(this.id).workflowId);
  }

  async refusals(): Promise<string[]> {
    const records = await this.stack.store.audit.records(this.id);
    return records.filter(({ kind }) => kind === 'call.refused').map(({ data }) => String(data.why));
  }

  /** Why something was refused in the run that this step called. */
  refusedBelow(step: string): Promise<string> {
    return until(`a refusal below ${step}`, async () => {
      await this.simulation.settle();
      const below = this.executions.get(`${this.id}/${step}`);
      const records = below ? await this.stack.store.audit.records(below.id) : [];
      const refused = records.find(({ kind }) => kind === 'call.refused');
      return refused && String(refused.data.why);
    });
  }

  /** What the run tells of itself is in the database, as a worker brings it there. */
  async journalled(): Promise<void> {
    const { state } = this.run;
    await this.stack.store.runs.appendJournal({
      runId: this.id,
      workflowId: this.executionOf(this.id).workflowId,
      runbook: this.plan.runbook,
      entries: state.journal.slice(),
      summary: state.summary(),
    });
  }

  /** On record, whatever the run hears of it. `before` happens first. */
  async recordVote(
    step: string,
    actor: string,
    decision: string,
    hash: string,
    before: () => Promise<void> = async () => {},
  ): Promise<void> {
    await before();
    const data = { request: randomUUID(), decision, hash };
    for (const kind of ['vote.requested', 'vote.accepted'] as const)
      await this.stack.store.audit.append({ runId: this.id, kind, step, actor, data });
  }

  async verdict(): Promise<Verdict> {
    const file = await this.stack.store.audit.file(this.id);
    if (!file) throw new Error('no run');
    return verify(file, this.stack.seal);
  }

  /** As if somebody had done it without asking. */
  recordUnwarranted(step: string): Promise<void> {
    const data = { action: 'test.remove', effect: 'destructive', attempt: 1, call: 'elsewhere.1' };
    return this.stack.store.audit.append({
      runId: this.id,
      kind: 'action.begun',
      step,
      actor: 'countersign',
      data,
    });
  }

  private async answer(run: string, called: Called): Promise<Json> {
    const execution = this.executionOf(run);
    if (called.activity.startsWith('countersign.'))
      return this.stack.askEngine(called.activity, called.input, this.bound(called, run));
    await this.stack.store.starts.executionOf(execution.start, execution.id);
    if (run !== this.id) await this.list(execution);
    const faulty = this.stack.fault(called);
    return this.stack.call(faulty, this.bound(faulty, run), execution.workflowId);
  }

  /** Of the run `ROOT/STEP` that a step of it called. */
  private executionOf(run: string): Execution {
    const known = this.executions.get(run);
    if (known) return known;
    const parent = this.executionOf(run.slice(0, run.lastIndexOf('/')));
    const step = run.slice(run.lastIndexOf('/') + 1);
    parent.calls += 1;
    const plan = this.children.get(run)?.start.plan;
    if (!plan) throw new Error(`no run ${run}`);
    const made: Execution = {
      id: randomUUID(),
      workflowId: `${parent.id}/${step}`,
      start: `${parent.start}/${parent.calls}:${step}`,
      plan,
      calls: 0,
    };
    this.executions.set(run, made);
    this.executions.set(made.id, made);
    return made;
  }

  private async list({ id, workflowId, plan, start }: Execution): Promise<void> {
    await this.stack.store.starts.executionOf(start, id);
    await this.stack.store.runs.add({
      id,
      workflowId,
      runbook: plan.runbook,
      title: plan.title,
      kind: plan.kind,
      owner: plan.owner,
      planHash: plan.hash,
      requester: this.start.requester.id,
      startedAt: new Date().toISOString(),
    });
  }
}
