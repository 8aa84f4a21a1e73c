/** What a worker counts as it happens, and the page on which it is found. */
import type { InjectedSinks } from '@temporalio/worker';
import type { AttemptRecord, KeptLook } from '../activities/kit/services.ts';
import type { Json } from '../plan/plan.ts';
import type { Log } from '../processes/log.ts';
import { listenForMetrics, Metrics, type MetricsListener } from '../processes/metrics/metrics.ts';
import type { JournalEntry, RunSummary } from '../workflows/journal.ts';
import type { JournalSinks } from '../workflows/temporal/journal.ts';

const usualPort = 9465;

export class WorkerMeasures {
  private readonly metrics: Metrics;
  private readonly log: Log;

  constructor(log: Log) {
    this.metrics = new Metrics('worker', log);
    this.log = log;
  }

  /** Hands on what runs say of themselves, and counts it. What is replayed is not said again. */
  counting(sinks: InjectedSinks<JournalSinks>): InjectedSinks<JournalSinks> {
    const { fn, ...rest } = sinks.journal.append;
    return {
      journal: {
        append: {
          ...rest,
          fn: (info, entries, summary) => {
            for (const entry of entries) this.entry(info.workflowType, entry, summary);
            return fn(info, entries, summary);
          },
        },
      },
    };
  }

  /** Puts attempts on record, and counts them. */
  recording(record: (entry: AttemptRecord) => Promise<void>): (entry: AttemptRecord) => Promise<void> {
    return async (entry) => {
      await record(entry);
      this.attempt(entry);
    };
  }

  /** The same of beginnings with what was found before. */
  recordingLooks(
    record: (entry: AttemptRecord, look: KeptLook) => Promise<Json>,
  ): (entry: AttemptRecord, look: KeptLook) => Promise<Json> {
    return async (entry, look) => {
      const found = await record(entry, look);
      this.attempt(entry);
      return found;
    };
  }

  /** What went by retention. */
  pruned({ what, count }: { what: string; count: number }): void {
    this.metrics.count('countersign_pruned_total', { what }, count);
  }

  /** How long a call waited for its connector's limit. */
  waited(connector: string, ms: number): void {
    this.metrics.observe('countersign_limit_wait_seconds', ms / 1_000, { connector });
  }

  listen(
    healthy: () => Promise<void>,
    ofTemporal: (() => Promise<string>) | undefined,
  ): Promise<MetricsListener | undefined> {
    return listenForMetrics({
      metrics: this.metrics,
      at: process.env.COUNTERSIGN_METRICS,
      usualPort,
      look: async () => this.metrics.set('countersign_worker_healthy', await works(healthy)),
      healthy,
      ...(ofTemporal ? { more: ofTemporal } : {}),
    });
  }

  private entry(runbook: string, { kind }: JournalEntry, { status }: RunSummary): void {
    const [of = '', outcome = ''] = kind.split('.');
    if (kind === 'run.started') this.metrics.count('countersign_runs_started_total', { runbook });
    else if (kind === 'run.ended') this.metrics.count('countersign_runs_ended_total', { runbook, status });
    else if (of === 'step' && outcome !== 'started')
      this.metrics.count('countersign_steps_total', { runbook, outcome });
    else if (of === 'gate') this.metrics.count('countersign_gates_total', { runbook, outcome });
  }

  private attempt({ action, attempt, event, call }: AttemptRecord): void {
    const connector = action.split('.')[0] ?? '';
    if (event.type === 'begun') {
      if (attempt > 1) this.metrics.count('countersign_action_retries_total', { connector, action });
      return;
    }
    this.metrics.count('countersign_action_attempts_total', { connector, action, outcome: event.type });
    this.metrics.observe('countersign_action_seconds', event.durationMs / 1_000, { connector });
    if (event.type === 'failed')
      this.log(
        `Run ${call.run}, step ${call.step}: attempt ${attempt} of ${action} failed: ${event.failure.message}`,
        { run: call.run, step: call.step },
      );
  }
}

function works(healthy: () => Promise<void>): Promise<0 | 1> {
  return healthy().then(
    () => 1 as const,
    () => 0 as const,
  );
}
