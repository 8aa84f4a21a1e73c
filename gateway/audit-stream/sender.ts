/** Sends audit records out as they are written: at least once, each chain in its order, by one gateway at a time. */
import { randomUUID } from 'node:crypto';
import type { AuditStreamSettings } from '../../compiler/configuration/sections/audit-stream.ts';
import { errorText } from '../../plan/error-text.ts';
import type { AuditStream } from '../../store/audit/stream.ts';
import { lineOf } from './line.ts';
import type { Sink } from './sinks.ts';

export interface SenderParts {
  stream: Pick<AuditStream, 'begin' | 'endUnlessHeld' | 'hold' | 'due' | 'sent' | 'failed'>;
  /** As the configuration has it now; undefined where nothing is sent. */
  settings(): AuditStreamSettings | undefined;
  sinkOf(settings: AuditStreamSettings): Sink;
  log: (line: string) => void;
}

const lookEveryMs = 1_000;
/** Where nothing is sent it is looked this often whether anybody else still sends. */
const endEveryMs = 60_000;
const mostRecords = 500;
/** Longer than one sending may take. */
const heldSeconds = 60;

export class AuditSender {
  private readonly parts: SenderParts;
  private readonly name = randomUUID();
  private endedAt = Number.NEGATIVE_INFINITY;
  private stopped = false;
  private wake = () => {};
  private working: Promise<void> = Promise.resolve();

  constructor(parts: SenderParts) {
    this.parts = parts;
  }

  start(): void {
    this.working = this.work();
  }

  /** Resolves once nothing is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.working;
  }

  private async work(): Promise<void> {
    while (!this.stopped) {
      const count = await this.round().catch((error: unknown) => {
        this.parts.log(`Audit records cannot be sent now: ${errorText(error)}`);
        return 0;
      });
      if (count === 0 && !this.stopped)
        await new Promise<void>((resolve) => {
          this.wake = resolve;
          setTimeout(resolve, lookEveryMs).unref();
        });
    }
  }

  /** Exported for its test: how many were sent. */
  async round(): Promise<number> {
    const { stream, sinkOf, log } = this.parts;
    const settings = this.parts.settings();
    if (!settings) {
      await this.end();
      return 0;
    }
    if (!(await this.holds(settings))) return 0;
    const records = await stream.due(mostRecords);
    if (records.length === 0) return 0;
    try {
      await sinkOf(settings)(records.map(lineOf));
    } catch (error) {
      const why = errorText(error);
      log(`${records.length} audit records could not be sent yet: ${why}`);
      await stream.failed(why);
      return 0;
    }
    await stream.sent(records);
    return records.length;
  }

  private async holds(settings: AuditStreamSettings): Promise<boolean> {
    const { stream } = this.parts;
    const held = await stream.hold(this.name, heldSeconds);
    if (held !== 'ended') return held === 'holds';
    await stream.begin({ fromBeginning: settings.from === 'beginning' });
    return (await stream.hold(this.name, heldSeconds)) === 'holds';
  }

  private async end(): Promise<void> {
    if (performance.now() - this.endedAt < endEveryMs) return;
    await this.parts.stream.endUnlessHeld();
    this.endedAt = performance.now();
  }
}
