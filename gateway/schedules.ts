/**
 * The `schedule` triggers of the runbooks as Temporal Schedules, which start runs whether or not a gateway is up. Brought in
 * line with the runbooks at every change of theirs, and now and then, since Temporal may have been away.
 */

import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleSpec,
} from '@temporalio/client';
import { checkedInputs, sealSensitive } from '../activities/engine/run-inputs.ts';
import { defined } from '../plan/defined.ts';
import { errorText } from '../plan/error-text.ts';
import { hashOf } from '../plan/hash.ts';
import type { Json, JsonObject, Plan, ScheduleTrigger } from '../plan/plan.ts';
import type { SealedStart } from '../plan/sealed.ts';
import type { Seal } from '../vault/seal.ts';
import { evaluateTemplate } from '../workflows/expressions.ts';
import { ENGINE_VERSION, type RunStart } from '../workflows/messages.ts';
import { calledPlans, runPlanOf } from '../workflows/run-plan.ts';
import type { Library } from './runbooks.ts';
import { scheduleSpecOf } from './schedule-spec.ts';
import { lastResortOf } from './start-run.ts';

interface Options {
  client: Client;
  taskQueue: string;
  seal: Seal;
  library: () => Library;
  log: (line: string) => void;
}

interface Wanted {
  id: string;
  /** Of everything that the schedule carries: when it differs, the schedule is written anew. */
  hash: string;
  plan: Plan;
  spec: ScheduleSpec;
  inputs: JsonObject;
}

const prefix = 'countersign/';
const againEveryMs = 30_000;
/** A run that was due while Temporal was away starts late, up to this long. */
const catchUpMs = 12 * 3_600_000;

export class Schedules {
  private readonly options: Options;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  /** What was told already: the same trouble every half minute is told once. */
  private readonly said = new Set<string>();

  constructor(options: Options) {
    this.options = options;
  }

  start(): void {
    this.refresh();
    this.timer = setInterval(() => this.refresh(), againEveryMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  /** Soon, and never two at a time. */
  refresh(): void {
    this.working = this.working
      .then(() => this.reconcile())
      .then(
        () => {},
        (error) =>
          this.say(`The schedules could not be brought in line, and will be again: ${errorText(error)}`),
      );
  }

  /** One round, which rejects when Temporal is away. */
  async reconcile(): Promise<void> {
    const { client, library } = this.options;
    const wanted = new Map(this.wanted().map((each) => [each.id, each]));
    const there = new Set<string>();
    for await (const { scheduleId, memo } of client.schedule.list()) {
      if (!scheduleId.startsWith(prefix)) continue;
      const want = wanted.get(scheduleId);
      if (want) {
        there.add(scheduleId);
        if (memo?.hash !== want.hash) await this.replace(want);
        // A file with an error may be the one that wants it.
      } else if (!library().hasErrors) await this.remove(scheduleId);
    }
    for (const want of wanted.values()) if (!there.has(want.id)) await this.create(want);
  }

  private wanted(): Wanted[] {
    const { plans, commit } = this.options.library();
    return [...plans.values()].flatMap((plan) =>
      plan.triggers
        .filter((trigger) => trigger.type === 'schedule')
        .flatMap((trigger, index) => {
          const given = evaluateTemplate(trigger.inputs, {}) as JsonObject;
          const { inputs, problems } = checkedInputs(plan, given);
          if (problems.length > 0) {
            this.say(`${plan.runbook} is not scheduled, since its inputs do not fit: ${problems.join(' ')}`);
            return [];
          }
          const spec = this.specOf(plan, trigger);
          if (!spec) return [];
          const hash = hashOf({
            plan: plan.hash,
            trigger: trigger as unknown as Json,
            spec: spec as unknown as Json,
            commit: commit ?? null,
            engine: ENGINE_VERSION,
          });
          return [{ id: `${prefix}${plan.runbook}/${index + 1}`, hash, plan, spec, inputs }];
        }),
    );
  }

  /** A line that an older compiler took is no reason to leave the other schedules alone. */
  private specOf(plan: Plan, trigger: ScheduleTrigger): ScheduleSpec | undefined {
    try {
      return scheduleSpecOf(trigger, Date.now());
    } catch (error) {
      this.say(`${plan.runbook} is not scheduled: ${errorText(error)}`);
      return undefined;
    }
  }

  private async create(want: Wanted): Promise<void> {
    const { plan } = want;
    try {
      await this.options.client.schedule.create({
        scheduleId: want.id,
        spec: want.spec,
        policies: {
          // With a `unique` key the run before is in the way; otherwise runs of one schedule may overlap.
          overlap: plan.unique === undefined ? ScheduleOverlapPolicy.ALLOW_ALL : ScheduleOverlapPolicy.SKIP,
          catchupWindow: catchUpMs,
        },
        action: {
          type: 'startWorkflow',
          workflowType: plan.runbook,
          workflowId: workflowIdOf(plan),
          taskQueue: this.options.taskQueue,
          args: [this.sealed(want)],
          workflowTaskTimeout: '5s',
        },
        memo: { hash: want.hash },
      });
    } catch (error) {
      // Another gateway was quicker.
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
  }

  /** The memo cannot be changed, so a changed schedule is a new one. Its past runs stay. */
  private async replace(want: Wanted): Promise<void> {
    await this.remove(want.id);
    await this.create(want);
  }

  private async remove(id: string): Promise<void> {
    try {
      await this.options.client.schedule.getHandle(id).delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  }

  /** All it can do is begin a run under the ids of this schedule, each once. */
  private sealed(want: Wanted): SealedStart<RunStart> {
    const $start = { number: want.id, workflow: workflowIdOf(want.plan), scheduled: true as const };
    return { $start, start: this.startOf(want) };
  }

  private startOf({ plan, inputs }: Wanted): RunStart {
    const { commit, configuration, plans, authors } = this.options.library();
    const author = authors.get(plan.runbook);
    const separate = configuration.separationOfDuties;
    return {
      engine: ENGINE_VERSION,
      plan: runPlanOf(plan),
      inputs: sealSensitive(plan, inputs, this.options.seal),
      requester: { id: 'schedule', name: 'The schedule', roles: [] },
      cause: { type: 'schedule' },
      ...defined({
        commit: commit || undefined,
        author: author || undefined,
        separate: separate.length > 0 ? separate : undefined,
        approvals: lastResortOf(configuration),
      }),
      organisation: configuration.organisation,
      ...calledPlans(plan, [...plans.values()]),
    };
  }

  private say(line: string): void {
    if (!this.said.has(line)) this.options.log(line);
    this.said.add(line);
  }
}

/** Temporal puts the time of each run behind it. */
function workflowIdOf({ runbook }: Plan): string {
  return `${runbook}-scheduled`;
}
