/**
 * Events from outside, on their way to the run that waits for them. Kept before anything else is done, so that none is lost when
 * it comes before its run waits, or while Temporal is away; told under its own id, so that none counts twice.
 */
import { defined, unlessEmpty } from '../plan/defined.ts';
import type { DueEvent, NewEvent, StoredEvent } from '../store/outside-events.ts';
import type { Store } from '../store/store.ts';
import { type EventRequest, updates } from '../workflows/messages.ts';
import { Problem } from './problem.ts';
import type { RunService } from './temporal.ts';

const lookEveryMs = 1_000;
const longestWaitMs = 60_000;
const forgetEveryMs = 3_600_000;
/** Told at the same time: one run that does not answer holds up no other. */
const atOnce = 10;
/** A run keeps what it is told: larger events would outgrow it (ENGINE: payloads). */
const largestData = 100 * 1024;

export interface EventsParts {
  store: Pick<Store, 'events'>;
  runs: Pick<RunService, 'update'>;
  log: (line: string) => void;
}

export class EventDesk {
  private readonly parts: EventsParts;
  private timers: NodeJS.Timeout[] = [];
  private working: Promise<void> = Promise.resolve();
  /** A look that has not begun yet sees what was kept meanwhile, so another one is not needed. */
  private lookIsDue = false;
  /** Id of an event that could not be told -> when it is tried next, and how long it was left alone. */
  private readonly patience = new Map<string, { next: number; wait: number }>();

  constructor(parts: EventsParts) {
    this.parts = parts;
  }

  start(): void {
    this.timers = [
      setInterval(() => this.look(), lookEveryMs),
      setInterval(() => this.forget(), forgetEveryMs),
    ];
    for (const timer of this.timers) timer.unref();
  }

  /** Resolves once nothing is under way. */
  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.working;
  }

  /** Resolves once the event is kept; the run hears of it soon after. The same mark of the same sender is the same event. */
  async keep(event: NewEvent): Promise<StoredEvent> {
    const size = Buffer.byteLength(JSON.stringify(event.data));
    if (size > largestData)
      throw new Problem(
        413,
        'Too large',
        `The data of an event may have ${largestData / 1024} KB; these have ${Math.ceil(size / 1024)} KB. Send less, and the rest by a reference.`,
      );
    const kept = await this.parts.store.events.keep(event);
    this.look();
    return kept;
  }

  list(limit: number): Promise<StoredEvent[]> {
    return this.parts.store.events.list(limit);
  }

  private look(): void {
    if (this.lookIsDue) return;
    this.lookIsDue = true;
    this.working = this.working
      .then(() => {
        this.lookIsDue = false;
        return this.deliver();
      })
      .catch((error) =>
        this.parts.log(`Events could not be handed out, and will be again: ${String(error)}`),
      );
  }

  private async deliver(): Promise<void> {
    const { events } = this.parts.store;
    if (!(await events.areAnyOpen())) return;
    await events.handOut();
    const due = await events.due(this.leftAlone());
    const left: string[] = [];
    for (let from = 0; from < due.length; from += atOnce)
      for (const why of await Promise.all(due.slice(from, from + atOnce).map((event) => this.tell(event))))
        if (why !== undefined) left.push(why);
    // One line however many they are: while Temporal is away, it is every second.
    if (left[0] !== undefined) this.parts.log(`${left.length} events could not be told yet: ${left[0]}`);
  }

  /** Why the run could not be told, or undefined when it is settled. */
  private async tell({
    id,
    runId,
    workflowId,
    name,
    key,
    data,
    source,
    step,
    roles,
  }: DueEvent): Promise<string | undefined> {
    const { store, runs } = this.parts;
    const request: EventRequest = {
      name,
      key,
      data,
      id,
      source,
      step,
      ...defined({ roles: unlessEmpty(roles) }),
    };
    try {
      await runs.update(workflowId, runId, updates.event, request, id);
      await store.events.delivered(id);
      this.patience.delete(id);
    } catch (error) {
      this.leaveAlone(id);
      if (!(error instanceof Problem) || !isOver.has(error.status))
        return `run ${runId} of ${name} ${key}: ${String(error)}`;
      await store.events.refused(id);
    }
    return undefined;
  }

  /** One that could not be told is tried less and less often, so that it neither holds up newer ones nor fills the record. */
  private leaveAlone(id: string): void {
    const wait = Math.min((this.patience.get(id)?.wait ?? lookEveryMs / 2) * 2, longestWaitMs);
    this.patience.set(id, { next: Date.now() + wait, wait });
  }

  private leftAlone(): string[] {
    const now = Date.now();
    return [...this.patience].filter(([, { next }]) => next > now).map(([id]) => id);
  }

  private forget(): void {
    const old = Date.now() - forgetEveryMs;
    for (const [id, { next }] of this.patience) if (next < old) this.patience.delete(id);
    this.parts.store.events
      .forgetOld()
      .catch((error) => this.parts.log(`Old events could not be forgotten: ${String(error)}`));
  }
}

/** The run has ended, its wait is over, or takes nothing from this sender. */
const isOver = new Set([403, 404, 409, 410]);
