/** What takes each kind of step: written by scripts/registries.mjs, and not by hand. */
import type { StepKind } from '../../plan/plan.ts';
import { readAction } from './action.ts';
import { readApprove } from './approve.ts';
import { readEnd } from './end.ts';
import { readFail } from './fail.ts';
import { readForEach } from './for-each.ts';
import { readGroup } from './group.ts';
import { readParallel } from './parallel.ts';
import { readRepeat } from './repeat.ts';
import { readRunbookCall } from './runbook.ts';
import { readSet } from './set.ts';
import type { Reader } from './step-reading.ts';
import { readTask } from './task.ts';
import { readWait } from './wait.ts';
import { readWindow } from './window.ts';

export const readers: { [K in StepKind]: Reader<K> } = {
  action: readAction,
  approve: readApprove,
  end: readEnd,
  fail: readFail,
  forEach: readForEach,
  group: readGroup,
  parallel: readParallel,
  repeat: readRepeat,
  runbook: readRunbookCall,
  set: readSet,
  task: readTask,
  wait: readWait,
  window: readWindow,
};
