/** What the checks read of a history, and all that they read. */
import type { Roles } from '../../../organisation/people.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import type { Left, RunPlan } from '../../../workflows/messages.ts';
import type { SimulatedWorld } from '../world.ts';

export interface History {
  plan: RunPlan;
  called: Record<string, RunPlan>;
  root: string;
  /** What each run was given when it began, and its plan, by its id. */
  inputs: Map<string, JsonObject>;
  plans: Map<string, RunPlan>;
  world: SimulatedWorld;
  results: Map<string, { status: string; left?: Left[] }>;
  requester: string;
  roles: Roles;
  lastResort: string | undefined;
  /** Moments at which a run waited for nobody. */
  unowned: string[];
  /** In what a run that was begun anew was not the same. */
  differences: string[];
}
