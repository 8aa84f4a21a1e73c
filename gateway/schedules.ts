/**
 * The `schedule` triggers of the runbooks as Temporal Schedules, which start runs whether or not a gateway is up. Brought in
 * line with the runbooks at every change of theirs, and now and then, since Temporal may have been away. Each carries which plan of
 * which runbook it is about and no more: the start itself is put together when it fires.
 */

import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleSpec,
} from '@temporalio/client';
import { checkedInputs } from '../activities/engine/run-inputs.ts';
import { defined } from '../plan/defined.ts';
import { errorText } from '../plan/error-text.ts';
import { hashOf } from '../plan/hash.ts';
import type { Json, JsonObject, Plan, ScheduleTrigger } from '../plan/plan.ts';
import type { SealedStart } from '../plan/sealed.ts';
import { evaluateTemplate } from '../workflows/expressions.ts';
import { ENGINE_VERSION, type ScheduledStart, scheduleType } from '../workflows/messages.ts';
import type { Library } from './runbooks.ts';
import { scheduleSpecOf } from './schedule-spec.ts';

interface Options {
  client: Client;
  taskQueue: string;
  library: () => Library;
  log: (line: string) => void;
}

interface Wanted {
  id: string;
  /** Of everything that the schedule carries: when it differs, the schedule is written anew. */
  hash: string;
  plan: Plan;
  spec: ScheduleSpec;
  /** Which of the plan's `schedule` triggers, from 0. */
  trigger: number;
}

const prefix = 'countersign/';
const againEveryMs = 30_000;
/** Raised when a schedule carries something else than before: 2 carries no start, and has it put together when it fires. */
const carriedForm = 2;
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
    const { plans, commit, authors } = this.options.library();
    return [...plans.values()].flatMap((plan) =>
      plan.triggers
        .filter((trigger) => trigger.type === 'schedule')
        .flatMap((trigger, index) => {
          const given = evaluateTemplate(trigger.inputs, {}) as JsonObject;
          const { problems } = checkedInputs(plan, given);
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
            author: authors.get(plan.runbook) ?? null,
            engine: ENGINE_VERSION,
            form: carriedForm,
          });
          return [{ id: `${prefix}${plan.runbook}/${index + 1}`, hash, plan, spec, trigger: index }];
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
          // What fires only starts a run. Whether a run of `unique` is in its way is found out then.
          overlap: ScheduleOverlapPolicy.ALLOW_ALL,
          catchupWindow: catchUpMs,
        },
        action: {
          type: 'startWorkflow',
          workflowType: scheduleType,
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

  /** All it can do is have runs of this schedule started. How they start is put together when it fires, by the rules of that moment. */
  private sealed({ id, plan, trigger }: Wanted): SealedStart<ScheduledStart> {
    const { commit, authors } = this.options.library();
    const $start = { number: id, workflow: workflowIdOf(plan), scheduled: true as const };
    return {
      $start,
      start: {
        engine: ENGINE_VERSION,
        schedule: {
          id,
          runbook: plan.runbook,
          planHash: plan.hash,
          trigger,
          ...defined({ commit, author: authors.get(plan.runbook) }),
        },
      },
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
