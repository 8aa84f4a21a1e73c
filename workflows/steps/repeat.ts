/**
 * Repeats its steps until something holds: has it synced, has it shipped. One that may take very many rounds does them in
 * children, so that the run's own history stays small.
 */
import { defined } from '../../plan/defined.ts';
import type { Duration, Json, JsonObject, RepeatStep } from '../../plan/plan.ts';
import { canBatch, timesInOneHistory } from '../batches/batch-size.ts';
import { visibleTo } from '../batches/batch-variables.ts';
import type { RoundsWork } from '../batches/messages.ts';
import { bind, evaluateCondition, evaluateTemplate, unbind } from '../expressions.ts';
import { EndRun, FailedOnPurpose } from '../failures.ts';
import { carriedTo } from '../gate/carried.ts';
import { warranted } from '../named-warrants.ts';
import { forget, type Occasion, occasionKey, stepKey } from '../occasion.ts';
import { CallFailure } from '../port.ts';
import { keepUndos, takeOver, undoneBefore } from './batch-results.ts';
import { begin, remember } from './remembered.ts';
import type { Runner } from './runner.ts';
import { checkSize } from './size.ts';
import { runSteps } from './step.ts';
import { lengthNow, momentAfter } from './until.ts';

export interface Rounds {
  /** The round that is next, from 1. */
  next: number;
  /** `full`: enough for one history; the rest is done elsewhere. */
  end: 'holds' | 'over' | 'full';
}

export interface Limits {
  /** The last round, and the last moment at which one may begin. */
  lastRound?: number;
  lastAt?: number;
  /** How many rounds are done here. */
  atMostHere?: number;
}

export const runRepeat: Runner<'repeat'> = async (step, around) => {
  const { port } = around;
  const occasion = remembering(step, around);
  const limits: Limits =
    typeof step.atMost === 'number'
      ? { lastRound: step.atMost }
      : { lastAt: await momentAfter(step.atMost, port.now(), occasion, step.id) };
  const { next, end } =
    mayTake(step, occasion) > timesInOneHistory(step.steps) && canBatch(step.steps)
      ? await inBatches(step, occasion, limits)
      : await here(step, occasion, limits);
  if (end === 'holds') {
    const state = step.state && unbind(occasion.variables.state);
    return { output: { rounds: next - 1, ...defined({ state }) } };
  }
  const message = `\${{ ${step.until} }} did not hold after ${next - 1} tries.`;
  throw new CallFailure({ type: 'Expired', message });
};

/** With what it remembers: as it begins, or tried again after a failure, as it was. */
function remembering({ id, state: begins }: RepeatStep, occasion: Occasion): Occasion {
  if (begins === undefined) return occasion;
  const { run, variables } = occasion;
  const key = occasionKey({ id }, occasion);
  const progress = run.progressOf<{ state?: object }>(`${key}.state`, occasion, () => ({}));
  if (!progress.state) {
    const values = (evaluateTemplate(begins, variables) ?? {}) as JsonObject;
    progress.state = begin(values, stepKey({ id }, occasion), occasion);
  }
  return { ...occasion, variables: { ...variables, state: progress.state } };
}

/** Tried again after a failure, it goes on with the round that failed. */
function here(step: RepeatStep, occasion: Occasion, limits: Limits): Promise<Rounds> {
  if (occasion.run.start.engine < 3) return doRounds(step, occasion, 1, limits);
  const progress = occasion.run.progressOf(occasionKey(step, occasion), occasion, () => ({ next: 1 }));
  return doRounds(step, occasion, progress.next, limits, (round) => {
    progress.next = round;
  });
}

export async function doRounds(
  step: RepeatStep,
  occasion: Occasion,
  from: number,
  { lastRound = Number.POSITIVE_INFINITY, lastAt = Number.POSITIVE_INFINITY, atMostHere }: Limits,
  /** Told which round begins. */
  begins: (round: number) => void = () => {},
): Promise<Rounds> {
  const { port, variables } = occasion;
  for (let round = from; ; round += 1) {
    begins(round);
    // Each round is a new occasion: a write of the second round is no retry of the first.
    if (occasion.run.start.engine >= 3) forget(step.steps, occasion);
    await runSteps(step.steps, { ...occasion, round: `${occasion.round}.${round}` });
    if (evaluateCondition(step.until, variables)) return { next: round + 1, end: 'holds' };
    const at = await momentAfter(step.every, port.now(), occasion, step.id);
    if (round >= lastRound || at > lastAt) return { next: round + 1, end: 'over' };
    await port.sleep(at - port.now());
    const here = round - from + 1;
    if (atMostHere !== undefined && (here >= atMostHere || port.isFull()))
      return { next: round + 1, end: 'full' };
  }
}

async function inBatches(step: RepeatStep, occasion: Occasion, limits: Limits): Promise<Rounds> {
  const { run, port, variables } = occasion;
  const key = stepKey(step, occasion);
  // Tried again after a failure, it goes on with the round that failed.
  const progress = run.progressOf(occasionKey(step, occasion), occasion, () => ({ next: 1, batches: 0 }));
  for (;;) {
    // A batch that has begun is finished; the next one waits.
    if (run.state.paused) await run.resumed(port);
    progress.batches += 1;
    const work: RoundsWork = {
      type: 'rounds',
      step: step.id,
      item: occasion.item,
      round: occasion.round,
      ...undoneBefore(occasion),
      from: progress.next,
      limits: { ...limits, atMostHere: timesInOneHistory(step.steps) },
      variables: unbind(visibleTo(step, variables)) as JsonObject,
    };
    checkSize(work as unknown as Json, `What the rounds of "${run.state.step(step, key).title}" need`);
    const name = `${key}${occasion.round}~${progress.batches}`;
    const result = await port.batch(
      { ...warranted(occasion), ...carriedTo(step, occasion) },
      { run: run.id, work },
      name,
    );
    const { rounds, published, failure, onPurpose, settle, unanswered, cancelled, ended } = result;
    await keepUndos(step, result, occasion);
    takeOver(run.state, { settle, unanswered });
    if (ended) throw new EndRun(ended.status, ended.reason);
    // Stopped together with this run: goes no further here.
    if (cancelled) await port.sleep(1);
    Object.assign(variables.steps as object, bind(published ?? {}));
    if (result.state) remember(result.state, occasion);
    progress.next = rounds?.next ?? progress.next;
    if (failure) throw new CallFailure(failure);
    if (onPurpose?.[0]) throw new FailedOnPurpose(onPurpose[0].message);
    run.state.record('batch.ended', key, { number: progress.batches, rounds: progress.next - 1 });
    if (rounds && rounds.end !== 'full') return rounds;
  }
}

/** How many rounds there may be. */
function mayTake({ atMost, every: apart }: RepeatStep, { variables }: Occasion): number {
  if (typeof atMost === 'number') return atMost;
  const every = lengthNow(apart, variables);
  const ms = (length: Duration) => ('ms' in length ? length.ms : length.businessDays * 86_400_000 * 2);
  return (
    ms(lengthNow(atMost, variables)) / Math.max(1, 'ms' in every ? every.ms : every.businessDays * 86_400_000)
  );
}
