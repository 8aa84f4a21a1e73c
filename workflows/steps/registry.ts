/** What takes each kind of step: written by scripts/registries.mjs, and not by hand. */
import type { StepKind } from '../../plan/plan.ts';
import { runAction } from './action.ts';
import { runApprove } from './approve.ts';
import { runEnd } from './end.ts';
import { runFail } from './fail.ts';
import { runForEach } from './for-each.ts';
import { runGroup } from './group.ts';
import { runParallel } from './parallel.ts';
import { runRepeat } from './repeat.ts';
import { runRunbook } from './runbook.ts';
import type { Runner } from './runner.ts';
import { runSet } from './set.ts';
import { runTask } from './task.ts';
import { runWait } from './wait.ts';
import { runWindow } from './window.ts';

export const runnersByKind: { [K in StepKind]: Runner<K> } = {
  action: runAction,
  approve: runApprove,
  end: runEnd,
  fail: runFail,
  forEach: runForEach,
  group: runGroup,
  parallel: runParallel,
  repeat: runRepeat,
  runbook: runRunbook,
  set: runSet,
  task: runTask,
  wait: runWait,
  window: runWindow,
};
