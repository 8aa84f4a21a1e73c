/** Runs a plan on the virtual clock, with the engine's own code. */

import type { RunResult } from '../journal.ts';
import type { RunStart } from '../messages.ts';
import { Run } from '../run.ts';
import { VirtualClock } from './clock.ts';
import { VirtualPort, type VirtualWorld } from './port.ts';

export interface Simulation {
  run: Run;
  clock: VirtualClock;
  /** Lets everything happen that can happen without time passing or somebody acting. */
  settle(): Promise<void>;
  /** Runs to the end, letting time pass. Rejects with `Stalled` when the run waits for somebody who never comes. */
  finish(): Promise<RunResult>;
  /** Does something at a moment counted from now, in milliseconds. */
  at(ms: number, act: () => void): void;
  /** As Temporal's own cancellation of the whole run would. */
  cancel(): void;
}

export interface SimulationOptions extends Omit<VirtualWorld, 'clock'> {
  /** When the run starts, in milliseconds since 1970; or a clock that others are on too. */
  now?: number;
  clock?: VirtualClock;
  id?: string;
}

export function simulate(start: RunStart, options: SimulationOptions): Simulation {
  const clock = options.clock ?? new VirtualClock(options.now ?? Date.UTC(2026, 0, 5, 9));
  const id = options.id ?? 'simulated';
  const port = new VirtualPort({ ...options, clock }, id);
  const run = new Run(start, port, id);
  const result = run.execute();
  // Whoever simulates may look at the run before it ends; a failure is reported by `finish`.
  result.catch(() => {});
  return {
    run,
    clock,
    settle: () => clock.drain(),
    finish: () => clock.runUntil(result),
    at: (ms, act) => {
      clock.after(ms, act);
    },
    cancel: () => port.cancel(),
  };
}
