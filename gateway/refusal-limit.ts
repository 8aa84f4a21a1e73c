/** Refusals stay on record for good, so that nobody may cause them without end. */
import { Problem } from './problem.ts';

const mostAnHour = 20;
const hourMs = 3_600_000;
/** Runs and people of which refusals are counted at a time. */
const mostCounted = 10_000;

export class RefusalLimit {
  private readonly counts = new Map<string, { count: number; since: number }>();
  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /** Throws a {@link Problem} (429) when the person was refused too often in this run lately. */
  check(runId: string, person: string): void {
    const { count = 0, since = 0 } = this.counts.get(keyOf(runId, person)) ?? {};
    const leftMs = since + hourMs - this.now();
    if (count < mostAnHour || leftMs <= 0) return;
    throw new Problem(
      429,
      'Refused too often',
      `${person} was refused ${mostAnHour} times within an hour in this run, so nothing more is taken for now. Look at the reasons in the run's records, or try again later.`,
      { retryAfter: Math.ceil(leftMs / 1_000) },
    );
  }

  add(runId: string, person: string): void {
    const key = keyOf(runId, person);
    const known = this.counts.get(key);
    if (known && known.since + hourMs > this.now()) known.count += 1;
    else {
      this.counts.delete(key);
      if (this.counts.size >= mostCounted) this.forgetOldest();
      this.counts.set(key, { count: 1, since: this.now() });
    }
  }

  private forgetOldest(): void {
    const [oldest] = this.counts.keys();
    if (oldest !== undefined) this.counts.delete(oldest);
  }
}

function keyOf(runId: string, person: string): string {
  return `${runId} ${person}`;
}
