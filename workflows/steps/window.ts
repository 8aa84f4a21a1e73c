/** Waits for a window with enough time left and no freeze over it, does its steps in it, and guards its end. */

import type { WindowInput, WindowResult } from '../../plan/organisation.ts';
import type { Json, WindowStep } from '../../plan/plan.ts';
import { engineActivities } from '../engine-activities.ts';
import { WindowOver } from '../failures.ts';
import { forget, type Occasion, occasionKey, stepKey, type WindowGuard } from '../occasion.ts';
import { CallFailure } from '../port.ts';
import { UndoScope } from '../undo-scope.ts';
import { defaultRetry, defaultTimeoutMs } from './action.ts';
import type { Runner } from './runner.ts';
import { runSteps } from './step.ts';

/** How long what was asked of a freeze holds: after a longer wait inside the window it is asked again. */
const freezeHoldsMs = 60_000;

export const runWindow: Runner<'window'> = async (step, occasion) => {
  const window = await enter(step, occasion);
  const key = stepKey(step, occasion);
  const { state, start } = occasion.run;
  state.record('window.entered', key, { name: window.name, closesAt: window.closesAt });
  const inside: Occasion = { ...occasion, undoScope: new UndoScope(occasion.undoScope) };
  if (start.engine >= 3) inside.window = guardOf(step, window, occasion);
  inside.closesAt = Math.min(window.closesAt, occasion.closesAt ?? Number.POSITIVE_INFINITY);
  if (step.overrun === 'finish') await finishInside(step, window, inside);
  else await runGuarded(step, window, inside);
  return {};
};

/** What is under way at the close is finished, and nothing more is begun. */
async function finishInside(step: WindowStep, window: WindowResult, inside: Occasion): Promise<void> {
  const { run, port } = inside;
  try {
    await runSteps(step.steps, inside);
  } catch (error) {
    if (!(error instanceof WindowOver)) throw error;
    run.state.record('window.overrun', stepKey(step, inside), { closesAt: window.closesAt });
    throw overrun(error.message);
  }
  if (port.now() > window.closesAt)
    run.state.record('window.overrun', stepKey(step, inside), { closesAt: window.closesAt });
}

/** Before each step: is the window still open, and is nothing frozen since? */
function guardOf(step: WindowStep, window: WindowResult, around: Occasion): WindowGuard {
  let askedAt = around.port.now();
  return async (port) => {
    if (around.window) await around.window(port);
    if (port.now() >= window.closesAt)
      throw new WindowOver(`The window "${window.name}" closed before the work was done.`);
    if (step.freeze.length === 0 || port.now() - askedAt < freezeHoldsMs) return;
    const { opensAt, frozenBy } = await askWindow(step, { ...around, port }, 0);
    askedAt = port.now();
    if (opensAt > port.now() && frozenBy !== undefined)
      throw new WindowOver(`"${frozenBy}" froze the window "${window.name}" before the work was done.`);
  };
}

function overrun(why: string): CallFailure {
  return new CallFailure({ type: 'WindowOverrun', message: `${why} Retry waits for the next window.` });
}

/** Resolves when a window with enough time left is open. Asked anew after each wait, since calendars change. */
async function enter(step: WindowStep, occasion: Occasion): Promise<WindowResult> {
  const { port, run } = occasion;
  const key = stepKey(step, occasion);
  for (;;) {
    const amendments = run.state.amendments;
    const needsMs = step.needs && 'ms' in step.needs ? step.needs.ms : 0;
    const window = await askWindow(step, occasion, needsMs);
    const wait = window.opensAt - port.now();
    if (wait <= 0) return window;
    run.state.record('window.waiting', key, { ...window });
    run.state.startWaiting({ key, kind: 'window', deadline: window.opensAt });
    try {
      await port.waitFor(() => run.state.amendments !== amendments, wait);
    } finally {
      run.state.stopWaiting(key);
    }
  }
}

async function askWindow(step: WindowStep, occasion: Occasion, needsMs: number): Promise<WindowResult> {
  const { port } = occasion;
  const input: WindowInput = { calendar: step.calendar, freeze: step.freeze, needsMs, now: port.now() };
  const answer = await port.call(engineActivities.window, input as unknown as Json, {
    step: stepKey(step, occasion),
    timeoutMs: defaultTimeoutMs,
    retry: defaultRetry,
    read: true,
  });
  return answer as unknown as WindowResult;
}

/** Stops at the window's end what is still under way. With `overrun: undo`, what was done in it is taken back first. */
async function runGuarded(step: WindowStep, window: WindowResult, inside: Occasion): Promise<void> {
  const { port, run } = inside;
  const key = stepKey(step, inside);
  let over: string | undefined;
  const work = port.scope((child) => runSteps(step.steps, { ...inside, port: child }));
  const guard = port.scope(async (child) => {
    await child.sleep(window.closesAt - child.now());
    over = `The window "${window.name}" closed before the work was done.`;
    work.cancel();
  });
  guard.result.catch(() => {
    // Cancelled because the work was done in time, or the run was aborted.
  });
  try {
    await work.result;
    if (over !== undefined) run.state.record('window.overrun', key, { closesAt: window.closesAt });
  } catch (error) {
    if (error instanceof WindowOver) over ??= error.message;
    else if (!port.isCancel(error)) throw error;
    if (over === undefined) throw error;
    run.state.record('window.overrun', key, { closesAt: window.closesAt });
    if (step.overrun !== 'undo') throw overrun(over);
    // An older run takes no turn more than it took: what it asked for then comes in the same order.
    if (run.start.engine >= 6) await takeBackInside(step, inside);
    else {
      await run.takeBack([inside.undoScope], port, occasionKey(step, inside));
      forget(step.steps, inside);
    }
    throw overrun(`${over} What was done in it was taken back.`);
  } finally {
    guard.cancel();
  }
}

/** Also where that is stopped by a window around this one: nothing of it counts as done any more. */
async function takeBackInside(step: WindowStep, inside: Occasion): Promise<void> {
  const { port, run } = inside;
  try {
    await run.takeBack([inside.undoScope], port, occasionKey(step, inside));
  } finally {
    forget(step.steps, inside);
  }
}
