/** One history: a plan, a world and people, all by one seed, and what was broken in it. */

import type { RunResult } from '../../workflows/journal.ts';
import { ENGINE_VERSION, type RunStart } from '../../workflows/messages.ts';
import { type AsComputed, checkAsComputed } from './checks/as-computed.ts';
import { checkAll } from './checks/check.ts';
import type { History } from './checks/observed.ts';
import { checkSigned } from './checks/signed.ts';
import { Dice } from './dice.ts';
import { began, lastResort, minute, requester, rolesBy } from './directory.ts';
import { type Life, Lives } from './lives.ts';
import type { Outside } from './outside.ts';
import { listOf, SimulatedPeople, thinking } from './people.ts';
import { type Focus, type Generated, generatePlan } from './plans.ts';
import { SimulatedClock, SimulatedWorld, type Trouble } from './world.ts';

export interface Told {
  seed: number;
  generated: Generated;
  history: History;
  broken: string[];
  /** What of it was found by the check of what was signed. */
  unsigned: string[];
  /** What an auditor computes again. */
  computed: AsComputed;
  did: string[];
}

const ideas = 25;
/** How often the worker of a run is lost: between two ideas, and when it has ended. */
const restarts = { live: 0.02, ended: 0.1 };
/** Rounds in which people do all that is waited for: a run to which nothing happens in these is stuck. */
const settlingRounds = 300;
/** Rounds after which nobody does anything more, though something still happens: a run that goes round for ever is found, and hangs nobody. */
const mostRounds = 3_000;

export interface Telling {
  focus?: Focus;
  /** In the place of the plan that is made by the seed. */
  generated?: Generated;
  /** A system beside the run; none for most. */
  outside?(seed: number): Outside | undefined;
}

export async function tellHistory(seed: number, telling: Telling = {}): Promise<Told> {
  const outside = telling.outside?.(seed);
  const generated = telling.generated ?? generatePlan(new Dice(seed), telling.focus);
  // Another order of chance than the plan's, so that a shrunk plan meets the same people.
  const dice = new Dice(seed ^ 0x5bd1e995);
  const clock = new SimulatedClock(began);
  const trouble = troubleBy(dice);
  const roles = rolesBy(dice);
  const world = new SimulatedWorld(dice, clock, trouble, roles);
  const start: RunStart = {
    engine: ENGINE_VERSION,
    plan: generated.plan,
    plans: generated.called,
    inputs: { a: 'a0', b: 'b0', list: listOf(dice) },
    requester: { id: requester, roles: [] },
    cause: { type: 'manual' },
    approvals: dice.chance(0.5) ? { lastResort } : {},
    ...outside?.begunWith,
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
    differences: [],
  };
  const lives = new Lives(clock, {
    answer: (activity, input, options, now, run) =>
      world.answer(activity, input, options, now, world.nameOf(run)),
    isFull: () => {
      if (fullAt < 0) return false;
      fullAt -= 1;
      // Twice, so that what is gone on with in a batch is stopped there too.
      return fullAt === 2 || fullAt === 0;
    },
    onBegun: (run) => {
      if (run.id === history.root) return;
      const name = world.begin(run.id);
      history.inputs.set(name, structuredClone(run.start.inputs));
      history.plans.set(name, run.start.plan);
    },
    onRecord: (entry, _summary, run) => world.note(entry, world.nameOf(run)),
  });
  const people = new SimulatedPeople(dice, world, lives);
  const { result: ended } = lives.root(start, history.root);
  ended.catch(() => {});
  const root = rootOf(lives);
  act(people, lives, world, { history, root, dice });
  outside?.begin({
    clock,
    run: () => root.run,
    tell: (update, request) => people.messages.tell(root.run, update, request),
  });
  let result: RunResult | undefined;
  const broken: string[] = [];
  try {
    result = await clock.runUntil(ended);
    if (dice.chance(restarts.ended)) await restart(root, history);
  } catch (error) {
    broken.push(`the run did not end: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    const { status, waitingOn } = root.run.state.summary();
    broken.push(`it is ${status} and waits for ${JSON.stringify(waitingOn)}`);
  }
  broken.push(...((await outside?.end()) ?? []));
  if (result) history.results.set('run', result);
  const unsigned = checkSigned(history);
  const computed = checkAsComputed(history);
  if (result) broken.push(...checkAll(history, root.run.state.summary(), result));
  broken.push(...unsigned, ...computed.broken, ...history.unowned, ...history.differences);
  const did = [...people.messages.did, ...(outside?.did ?? [])];
  return { seed, generated, history, broken, unsigned, computed, did };
}

function troubleBy(dice: Dice): Trouble {
  return {
    fails: dice.pick([0, 0.05, 0.2]),
    loses: dice.pick([0, 0.03, 0.15]),
    slow: dice.pick([0, 0.3, 0.7]),
    undos: dice.pick([0, 0, 0.6]),
  };
}

function rootOf({ all: [root] }: Lives): Life {
  if (!root) throw new Error('the run did not begin');
  return root;
}

/** First whatever comes to somebody's mind, then whatever is waited for. */
function act(
  people: SimulatedPeople,
  lives: Lives,
  world: SimulatedWorld,
  { history, root, dice }: { history: History; root: Life; dice: Dice },
): void {
  const { clock } = world;
  let had = 0;
  let settled = 0;
  let rounds = 0;
  let before = 0;
  const next = (): void => {
    checkOwned(people, world, history);
    if (root.run.state.endedAt !== undefined) return;
    if (dice.chance(restarts.live)) {
      // All that could happen has happened: nothing is lost with its worker.
      void clock.outside(() => restart(dice.pick(lives.all), history));
      clock.personally(0, next);
      return;
    }
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
    rounds += 1;
    if (settled < settlingRounds && rounds < mostRounds) clock.personally(7 * minute, next);
  };
  clock.personally(thinking(dice), next);
}

/** Its worker is lost, and another one takes it up. */
async function restart(life: Life, { differences }: History): Promise<void> {
  const [first] = await life.restart();
  if (first !== undefined) differences.push(`${life.run.id} was begun anew, and ${first}`);
}

/** Nothing is under way and no time is set: then somebody is named who is waited for. */
function checkOwned(people: SimulatedPeople, { clock }: SimulatedWorld, { unowned }: History): void {
  if (clock.pending > 0 || unowned.length > 0) return;
  const live = people.live();
  if (live.length === 0) return;
  const owned = live.some(({ state }) => state.paused || state.summary().waitingOn.length > 0);
  const [first] = live;
  if (!owned) unowned.push(`${first?.id} is ${first?.state.summary().status} and waits for nobody`);
}
