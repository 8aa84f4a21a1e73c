/** Runs whose worker may be lost at any moment: each is begun anew then, from all that came to it. */
import type { RunResult } from '../../workflows/journal.ts';
import type { RunStart } from '../../workflows/messages.ts';
import { Run } from '../../workflows/run.ts';
import { Past } from '../../workflows/virtual/past.ts';
import { type Begun, VirtualPort, type VirtualWorld } from '../../workflows/virtual/port.ts';
import type { SimulatedClock } from './world.ts';

export class Life {
  readonly past: Past;
  private readonly begin: () => void;
  private now: Run | undefined;

  constructor(past: Past, begin: (life: Life) => void) {
    this.past = past;
    this.begin = () => begin(this);
    this.begin();
  }

  /** As it is now: after a restart it is another object, in the same state. */
  get run(): Run {
    if (!this.now) throw new Error('this run has not begun');
    return this.now;
  }

  /** True for the first one. */
  take(run: Run): boolean {
    const isFirst = this.now === undefined;
    this.now = run;
    return isFirst;
  }

  /** Gives in what it is not the same as it was. */
  restart(): Promise<string[]> {
    return this.past.replay(this.begin);
  }
}

export class Lives {
  readonly all: Life[] = [];
  private readonly clock: SimulatedClock;
  private readonly world: VirtualWorld;
  private beginning: Life | undefined;

  constructor(
    clock: SimulatedClock,
    world: Omit<VirtualWorld, 'clock' | 'begin' | 'onChild'> & { onBegun(run: Run): void },
  ) {
    this.clock = clock;
    this.world = {
      ...world,
      clock,
      begin: (id, body) => this.begin(id, body),
      onChild: (run) => {
        const life = this.beginning;
        if (!life?.take(run)) return;
        this.all.push(life);
        world.onBegun(run);
      },
    };
  }

  root(start: RunStart, id: string): Begun<RunResult> {
    return this.begin(id, (port) => {
      const run = new Run(structuredClone(start), port, id);
      this.world.onChild?.(run);
      return run.execute();
    });
  }

  of(run: Run): Life {
    const life = this.all.find((each) => each.run === run);
    if (!life) throw new Error(`${run.id} is not known`);
    return life;
  }

  private begin<T>(id: string, body: (port: VirtualPort) => Promise<T>): Begun<T> {
    const past = new Past(this.clock);
    const result = new Promise<T>((resolve, reject) => {
      new Life(past, (life) => {
        const before = this.beginning;
        this.beginning = life;
        body(new VirtualPort(this.world, id, { past })).then(resolve, reject);
        this.beginning = before;
      });
    });
    return { result, cancel: () => past.cancel() };
  }
}
