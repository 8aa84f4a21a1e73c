/** For tests of what signatures stand for: runs of plans with their covers, and those who act in them. */
import { computeCovers } from '../../compiler/gates/cover.ts';
import type { Amend, Json, JsonObject, Step } from '../../plan/plan.ts';
import type { RunStart, UpdateName } from '../messages.ts';
import type { Run } from '../run.ts';
import { action, approve, owner, person, planOf, startOf, World } from '../testing.ts';
import { type Simulation, type SimulationOptions, simulate } from '../virtual/simulate.ts';

export const hour = 3_600_000;
export const dana = person('dana@example.com');
export const lee = person('lee@example.com');

export const gate = (more: Parameters<typeof approve>[2] = {}) =>
  approve('sign', [dana.id, lee.id, owner.id], { show: { who: { $expr: 'inputs.who' } }, ...more });
export const disable = (more = {}) =>
  action('disable', { effect: 'destructive', with: { who: { $expr: 'inputs.who' } }, ...more });
export const pause: Step = { id: 'pause', kind: 'wait', for: { ms: hour } };

/** With what its signatures stand for, as the compiler finds it. */
export function covered(steps: Step[], amend: Record<string, Amend> = {}, more: object = {}) {
  const input = (name: string, type = 'string') => ({
    schema: { type },
    required: true,
    ...(amend[name] ? { amend: amend[name] } : {}),
  });
  const inputs = { who: input('who'), note: input('note'), rings: input('rings', 'array') };
  const plan = planOf(steps, { inputs, ...more });
  return { ...plan, covers: computeCovers(plan) };
}

export interface Beginning {
  world?: World;
  amend?: Record<string, Amend>;
  inputs?: JsonObject;
  start?: Partial<RunStart>;
  options?: Partial<SimulationOptions>;
}

export interface Begun {
  sim: Simulation;
  world: World;
  vote(by?: typeof dana, decision?: 'approve' | 'reject', step?: string): unknown;
  amends(inputs: JsonObject, by?: typeof dana): unknown;
  tell(update: UpdateName, request: object): unknown;
}

export function begin(
  steps: Step[],
  { world = new World(), amend = {}, inputs = {}, start = {}, options = {} }: Beginning = {},
): Begun {
  const given = { who: 'ada', note: 'n', rings: ['pilot', 'broad'], ...inputs };
  const sim = simulate(startOf(covered(steps, amend), { inputs: given, ...start }), {
    answer: world.answer,
    ...options,
  });
  return { sim, world, ...actingIn(sim.run) };
}

/** Those who act in a run: here, or in one that it called. */
export function actingIn(run: Pick<Run, 'commands' | 'state'>): Pick<Begun, 'vote' | 'amends' | 'tell'> {
  const tell = (update: UpdateName, request: object) => run.commands.tell(update, request);
  return {
    tell,
    vote: (by = dana, decision = 'approve', step = 'sign') =>
      tell('vote', { step, decision, principal: by, hash: run.state.gates.get(step)?.hash ?? '' }),
    amends: (inputs, by = owner) => tell('amend', { principal: by, inputs }),
  };
}

export async function signed(steps: Step[], more: Beginning = {}): Promise<Begun> {
  const begun = begin(steps, more);
  await begun.sim.settle();
  begun.vote();
  await begun.sim.settle();
  return begun;
}

export const kinds = (sim: Simulation) => sim.run.state.journal.map(({ kind }) => kind);

/** What one action was called with, in order. */
export function inputsOf(world: World, activity: string): JsonObject[] {
  return world.calls.filter((call) => call.activity === activity).map(({ input }) => input as JsonObject);
}

export const disabled = (world: World): Json[] =>
  inputsOf(world, 'test.disable').map(({ who }) => who ?? null);
