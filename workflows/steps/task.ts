/** A task: a person does something by hand and reports it with a form. Until then those who are asked are reminded, and others asked. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { Json, JsonObject, TaskStep } from '../../plan/plan.ts';
import {
  type ChaseTaskInput,
  type ChaseTaskResult,
  engineActivities,
  type OpenTaskInput,
  type OpenTaskResult,
} from '../engine-activities.ts';
import { evaluateTemplate, evaluateText } from '../expressions.ts';
import { failureOf } from '../failures.ts';
import { type Occasion, stepKey } from '../occasion.ts';
import type { OpenTask } from '../state.ts';
import { defaultRetry, defaultTimeoutMs } from './action.ts';
import type { Runner } from './runner.ts';
import { notHeld } from './step.ts';
import { lengthNow, momentAfter, momentOf } from './until.ts';
import { expired } from './wait.ts';

/** Whoever has not done it after so many reminders is not reached by another one. */
const mostReminders = 100;

export const runTask: Runner<'task'> = async (step, occasion) => {
  const { run } = occasion;
  const key = stepKey(step, occasion);
  const task = await openTask(step, occasion, key);
  run.state.tasks.set(key, task);
  run.state.late.delete(key);
  run.state.step(step, key).status = 'waiting';
  const { people, deadline, barred } = task;
  run.state.record('task.opened', key, { people, ...defined({ deadline, barred }) });
  try {
    if (await isReported(step, task, occasion)) return { output: task.report };
  } finally {
    run.state.tasks.delete(key);
  }
  if (step.onExpiry === undefined) run.state.late.set(key, task);
  return expired(step, `"${task.title}" was not done in time by ${task.people.join(', ')}.`);
};

async function openTask(step: TaskStep, occasion: Occasion, key: string): Promise<OpenTask> {
  const { run, port, variables } = occasion;
  const { title } = run.state.step(step, key);
  const to = evaluateTemplate(step.to, variables);
  const due = step.due === undefined ? undefined : await dueAt(step, occasion);
  const input: OpenTaskInput = {
    step: key,
    title,
    runbookTitle: run.state.name,
    to: Array.isArray(to) ? to.map(String) : [String(to)],
    instructions: evaluateText(step.instructions, variables),
    ...defined({
      within: due === undefined && step.within ? lengthNow(step.within, variables) : undefined,
      due,
      except: unlessEmpty(leftOut(step, occasion)),
    }),
    openedAt: port.now(),
  };
  const answer = await port.call(engineActivities.openTask, input as unknown as Json, {
    step: key,
    summary: title,
    timeoutMs: defaultTimeoutMs,
    retry: defaultRetry,
  });
  const { people, deadline, except } = answer as unknown as OpenTaskResult;
  return {
    step: key,
    title,
    openedAt: input.openedAt,
    ...defined({ deadline, barred: unlessEmpty(except ?? []) }),
    people,
    instructions: input.instructions,
    form: step.form,
    required: Object.keys(step.form).filter((field) => !step.optional?.includes(field)),
    ...defined({ sensitive: step.sensitive }),
  };
}

function leftOut({ except = [] }: TaskStep, { variables }: Occasion): string[] {
  return except.map((person) => evaluateText(person, variables)).filter((name) => name !== '');
}

function dueAt({ due, id }: TaskStep, occasion: Occasion): Promise<number> {
  return momentOf(evaluateText(due ?? '', occasion.variables), occasion, id);
}

/** False once its time has passed and nobody else is left to ask. */
async function isReported(step: TaskStep, task: OpenTask, occasion: Occasion): Promise<boolean> {
  const { run, port } = occasion;
  const chase = { times: 0, escalated: false, remindAt: await nextReminder(step, occasion, 0) };
  for (;;) {
    const { amendments } = run.state;
    const isMoved = () => step.due !== undefined && !chase.escalated && run.state.amendments !== amendments;
    const next = Math.min(
      task.deadline ?? Number.POSITIVE_INFINITY,
      chase.remindAt ?? Number.POSITIVE_INFINITY,
    );
    const left = Number.isFinite(next) ? next - port.now() : undefined;
    await port.waitFor(() => task.report !== undefined || isMoved(), left);
    if (task.report) return true;
    if (isMoved()) {
      await move(step, task, occasion);
      continue;
    }
    const isDue = task.deadline !== undefined && port.now() >= task.deadline;
    if (!isDue) {
      chase.times += 1;
      await remind(task, chase.times, occasion);
      chase.remindAt = await nextReminder(step, occasion, chase.times);
      continue;
    }
    // What was signed holds until a proposal is settled, which may move the moment.
    if (step.due !== undefined && !chase.escalated && run.proposals.isHeld(step.id)) {
      await notHeld(step, occasion);
      await move(step, task, occasion);
      continue;
    }
    if (step.escalate === undefined || chase.escalated) return task.report !== undefined;
    chase.escalated = true;
    await escalate(step, task, occasion);
  }
}

async function move(step: TaskStep, task: OpenTask, occasion: Occasion): Promise<void> {
  const deadline = await dueAt(step, occasion);
  if (deadline === task.deadline) return;
  task.deadline = deadline;
  occasion.run.state.record('task.moved', task.step, { deadline });
}

async function nextReminder(
  { remind: after, id }: TaskStep,
  occasion: Occasion,
  times: number,
): Promise<number | undefined> {
  if (after === undefined || times >= mostReminders) return undefined;
  return momentAfter(after, occasion.port.now(), occasion, id);
}

/** That it cannot be sent keeps nobody from doing the task. */
async function remind(task: OpenTask, time: number, occasion: Occasion): Promise<void> {
  const { people } = task;
  try {
    await chase({ ...noticeOf(task, occasion), people, time }, task, occasion, 'Remind');
  } catch (error) {
    if (!failureOf(error)) throw error;
    return;
  }
  occasion.run.state.record('task.reminded', task.step, { people });
}

/** Others are asked too, and have as long again as the step says, or until it is done. */
async function escalate(step: TaskStep, task: OpenTask, occasion: Occasion): Promise<void> {
  const { run, port, variables } = occasion;
  const name = evaluateText(step.escalate ?? '', variables);
  const late = task.deadline;
  const deadline = step.within && (await momentAfter(step.within, port.now(), occasion, step.id));
  if (deadline === undefined) delete task.deadline;
  else task.deadline = deadline;
  const input = {
    ...noticeOf(task, occasion),
    people: task.people,
    escalate: name,
    ...defined({ late, except: unlessEmpty(leftOut(step, occasion)) }),
  };
  let others: string[] = [];
  try {
    others = (await chase(input, task, occasion, 'Escalate')).people;
  } catch (error) {
    if (!failureOf(error)) throw error;
  }
  task.people = [...new Set([...task.people, ...others])];
  run.state.record('task.escalated', task.step, { people: others, ...defined({ deadline }) });
}

function noticeOf(task: OpenTask, { run }: Occasion) {
  const { step, title, instructions, openedAt, deadline } = task;
  return { step, title, runbookTitle: run.state.name, instructions, openedAt, ...defined({ deadline }) };
}

async function chase(
  input: ChaseTaskInput,
  { step, title }: OpenTask,
  { port }: Occasion,
  what: string,
): Promise<ChaseTaskResult> {
  const answer = await port.call(engineActivities.chaseTask, input as unknown as JsonObject, {
    step,
    summary: `${what}: ${title}`,
    timeoutMs: defaultTimeoutMs,
    retry: defaultRetry,
  });
  return answer as unknown as ChaseTaskResult;
}
