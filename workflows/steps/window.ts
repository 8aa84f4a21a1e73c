/** Waits for a window with enough time left and no freeze over it, does its steps in it, and guards its end. */

import type { WindowInput, WindowResult } from '../../plan/organisation.ts';
import type { Json, WindowStep } from '../../plan/plan.ts';
import { engineActivities } from '../engine-activities.ts';
import { CallFailure } from '../port.ts';
import { type Frame, keyOf } from '../run.ts';
import { defaultRetry, defaultTimeoutMs } from './action.ts';
import type { Runner } from './step.ts';
import { runSteps } from './step.ts';

export const runWindow: Runner<'window'> = async (step, frame) => {
  const window = await enter(step, frame);
  const key = keyOf(step, frame);
  const { state } = frame.run;
  state.record('window.entered', key, { name: window.name, closesAt: window.closesAt });
  if (step.overrun === 'finish') {
    await runSteps(step.steps, frame);
    if (frame.port.now() > window.closesAt)
      state.record('window.overrun', key, { closesAt: window.closesAt });
    return {};
  }
  await runGuarded(step, window, frame);
  return {};
};

/** Resolves when a window with enough time left is open. Asked anew after each wait, since calendars change. */
async function enter(step: WindowStep, frame: Frame): Promise<WindowResult> {
  const { port, run } = frame;
  const key = keyOf(step, frame);
  for (;;) {
    const amendments = run.state.amendments;
    const input: WindowInput = {
      calendar: step.calendar,
      freeze: step.freeze,
      needsMs: step.needs && 'ms' in step.needs ? step.needs.ms : 0,
      now: port.now(),
    };
    const answer = await port.call(engineActivities.window, input as unknown as Json, {
      step: key,
      timeoutMs: defaultTimeoutMs,
      retry: defaultRetry,
      read: true,
    });
    const window = answer as unknown as WindowResult;
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

/** Stops at the window's end what is still under way. With `overrun: undo`, what was done in it is taken back first. */
async function runGuarded(step: WindowStep, window: WindowResult, frame: Frame): Promise<void> {
  const { port, run } = frame;
  const key = keyOf(step, frame);
  const mark = run.undoMark();
  let over = false;
  const work = port.scope((child) => runSteps(step.steps, { ...frame, port: child }));
  const guard = port.scope(async (child) => {
    await child.sleep(window.closesAt - child.now());
    over = true;
    work.cancel();
  });
  guard.result.catch(() => {
    // Cancelled because the work was done in time, or the run was aborted.
  });
  try {
    await work.result;
  } catch (error) {
    if (!over || !port.isCancel(error)) throw error;
    run.state.record('window.overrun', key, { closesAt: window.closesAt });
    if (step.overrun === 'undo') await run.undoSince(mark, port);
    const then = step.overrun === 'undo' ? ' What was done in it was taken back.' : '';
    const message = `The window "${window.name}" closed before the work was done.${then} Retry waits for the next window.`;
    throw new CallFailure({ type: 'WindowOverrun', message });
  } finally {
    guard.cancel();
  }
}
