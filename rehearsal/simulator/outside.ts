/** What happens to a run from a system beside it, such as the tickets that it began for: built by whoever knows that system. */
import type { RunStart, UpdateName } from '../../workflows/messages.ts';
import type { Run } from '../../workflows/run.ts';
import type { SimulatedClock } from './world.ts';

export interface Surroundings {
  clock: SimulatedClock;
  /** The run that the history is of, as it is now. */
  run(): Run;
  /** True when the run took it. */
  tell(update: UpdateName, request: object): boolean;
}

export interface Outside {
  /** What the run is begun with because of it. */
  begunWith: Pick<RunStart, 'ticket'>;
  begin(surroundings: Surroundings): void;
  /** When the run has ended: brings what is left to its end, and gives what was broken. */
  end(): Promise<string[]>;
  /** What it did, one line each. */
  did: string[];
}
