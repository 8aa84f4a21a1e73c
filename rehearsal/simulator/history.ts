/** One history: a plan, a world and people, all by one seed, and what was broken in it. */

import type { RunResult } from '../../workflows/journal.ts';
import { ENGINE_VERSION, type RunStart } from '../../workflows/messages.ts';
import { simulate } from '../../workflows/virtual/simulate.ts';
import { checkAll } from './checks/check.ts';
import type { History } from './checks/observed.ts';
import { checkSigned } from './checks/signed.ts';
import { Dice } from './dice.ts';
import { lastResort, minute, requester, rolesBy } from './directory.ts';
import { listOf, SimulatedPeople, thinking } from './people.ts';
import { type Focus, type Generated, generatePlan } from './plans.ts';
import { SimulatedClock, SimulatedWorld } from './world.ts';

export interface Told {
  seed: number;
  generated: Generated;
  history: History;
  broken: string[];
  /** What of it was found by the check of what was signed. */
  unsigned: string[];
  did: string[];
}

const ideas = 25;
/** Rounds in which people do all that is waited for: a run to which nothing happens in these is stuck. */
const settlingRounds = 300;

export interface Telling {
  focus?: Focus;
  /** In the place of the plan that is made by the seed. */
  generated?: Generated;
}

export async function tellHistory(seed: number, telling: Telling = {}): Promise<Told> {
  const generated = telling.generated ?? generatePlan(new Dice(seed), telling.focus);
  // Another order of chance than the plan's, so that a shrunk plan meets the same people.
  const dice = new Dice(seed ^ 0x5bd1e995);
  const clock = new SimulatedClock(Date.UTC(2026, 0, 5, 9));
  const trouble = {
    fails: dice.pick([0, 0.05, 0.2]),
    loses: dice.pick([0, 0.03, 0.15]),
    slow: dice.pick([0, 0.3, 0.7]),
  };
  const roles = rolesBy(dice);
  const world = new SimulatedWorld(dice, clock, trouble, roles);
  const people = new SimulatedPeople(dice, world);
  const start: RunStart = {
    engine: ENGINE_VERSION,
    plan: generated.plan,
    plans: generated.called,
    inputs: { a: 'a0', b: 'b0', list: listOf(dice) },
    requester: { id: requester, roles: [] },
    cause: { type: 'manual' },
    approvals: dice.chance(0.5) ? { lastResort } : {},
  };
  const inputs = structuredClone(start.inputs);
  let fullAt = dice.chance(0.3) ? dice.whole(3, 8) : -1;
  const history: History = {
    ...generated,
    root: 'run',
    inputs: new Map([['run', inputs]]),
    plans: new Map([['run', generated.plan]]),
    world,
    results: new Map(),
    requester,
    roles,
    lastResort: start.approvals?.lastResort,
    unowned: [],
  };
  const simulation = simulate(start, {
    id: 'run',
    clock,
    answer: (activity, input, options, now, run) =>
      world.answer(activity, input, options, now, world.nameOf(run)),
    isFull: () => {
      if (fullAt < 0) return false;
      fullAt -= 1;
      // Twice, so that what is gone on with in a batch is stopped there too.
      return fullAt === 2 || fullAt === 0;
    },
    onChild: (run) => {
      const name = world.begin(run.id);
      people.runs.push(run);
      history.inputs.set(name, structuredClone(run.start.inputs));
      history.plans.set(name, run.start.plan);
    },
    onRecord: (entry, _summary, run) => world.note(entry, world.nameOf(run)),
  });
  people.runs.push(simulation.run);
  act(people, world, dice, { history, hasEnded: () => simulation.run.state.endedAt !== undefined });
  let result: RunResult | undefined;
  const broken: string[] = [];
  try {
    result = await simulation.finish();
  } catch (error) {
    broken.push(`the run did not end: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    const { status, waitingOn } = simulation.run.state.summary();
    broken.push(`it is ${status} and waits for ${JSON.stringify(waitingOn)}`);
  }
  if (result) history.results.set('run', result);
  const unsigned = checkSigned(history);
  if (result) broken.push(...checkAll(history, simulation.run.state.summary(), result));
  broken.push(...unsigned, ...history.unowned);
  return { seed, generated, history, broken, unsigned, did: people.messages.did };
}

/** First whatever comes to somebody's mind, then whatever is waited for. */
function act(
  people: SimulatedPeople,
  world: SimulatedWorld,
  dice: Dice,
  { history, hasEnded }: { history: History; hasEnded(): boolean },
): void {
  const { clock } = world;
  let had = 0;
  let settled = 0;
  let before = 0;
  const next = (): void => {
    checkOwned(people, world, history);
    if (hasEnded()) return;
    if (had < ideas) {
      had += 1;
      people.meddle();
      clock.personally(thinking(dice), next);
      return;
    }
    world.calm = true;
    settled = world.journal.length > before ? 1 : settled + 1;
    before = world.journal.length;
    people.settle();
    if (settled < settlingRounds) clock.personally(7 * minute, next);
  };
  clock.personally(thinking(dice), next);
}

/** Nothing is under way and no time is set: then somebody is named who is waited for. */
function checkOwned(people: SimulatedPeople, { clock }: SimulatedWorld, { unowned }: History): void {
  if (clock.pending > 0 || unowned.length > 0) return;
  const live = people.runs.filter(({ state }) => state.endedAt === undefined);
  if (live.length === 0) return;
  const owned = live.some(({ state }) => state.paused || state.summary().waitingOn.length > 0);
  const [first] = live;
  if (!owned) unowned.push(`${first?.id} is ${first?.state.summary().status} and waits for nobody`);
}
