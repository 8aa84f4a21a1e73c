/** Which kinds of step there are: written by scripts/registries.mjs, and not by hand. */
import { type ActionStep, action } from './action.ts';
import { type ApproveStep, approve } from './approve.ts';
import { type EndStep, end } from './end.ts';
import { type FailStep, fail } from './fail.ts';
import { type ForEachStep as ForEachStepOf, forEach } from './for-each.ts';
import { type GroupStep as GroupStepOf, group } from './group.ts';
import { type ParallelStep as ParallelStepOf, parallel } from './parallel.ts';
import { type RepeatStep as RepeatStepOf, repeat } from './repeat.ts';
import { type RunbookStep, runbook } from './runbook.ts';
import { type SetStep, set } from './set.ts';
import { type TaskStep, task } from './task.ts';
import { type WaitStep, wait } from './wait.ts';
import { type WindowStep as WindowStepOf, window } from './window.ts';

export type { ActionStep, ApproveStep, EndStep, FailStep, RunbookStep, SetStep, TaskStep, WaitStep };
export type ForEachStep = ForEachStepOf<Step>;
export type GroupStep = GroupStepOf<Step>;
export type ParallelStep = ParallelStepOf<Step>;
export type RepeatStep = RepeatStepOf<Step>;
export type WindowStep = WindowStepOf<Step>;

export type Step =
  | ActionStep
  | ApproveStep
  | EndStep
  | FailStep
  | ForEachStep
  | GroupStep
  | ParallelStep
  | RepeatStep
  | RunbookStep
  | SetStep
  | TaskStep
  | WaitStep
  | WindowStep;
export type StepKind = Step['kind'];

/** The description of every kind of step. */
export const stepKinds = {
  action,
  approve,
  end,
  fail,
  forEach,
  group,
  parallel,
  repeat,
  runbook,
  set,
  task,
  wait,
  window,
};
