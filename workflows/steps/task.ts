/** A task: a person does something by hand and reports it with a form. */
import { defined } from '../../plan/defined.ts';
import type { Json } from '../../plan/plan.ts';
import { engineActivities, type OpenTaskInput, type OpenTaskResult } from '../engine-activities.ts';
import { evaluateTemplate, evaluateText } from '../expressions.ts';
import { stepKey } from '../occasion.ts';
import type { OpenTask } from '../state.ts';
import { defaultRetry, defaultTimeoutMs } from './action.ts';
import type { Runner } from './runner.ts';
import { expired } from './wait.ts';

export const runTask: Runner<'task'> = async (step, occasion) => {
  const { run, port, variables } = occasion;
  const key = stepKey(step, occasion);
  const view = run.state.step(step, key);
  const to = evaluateTemplate(step.to, variables);
  const input: OpenTaskInput = {
    step: key,
    title: view.title,
    runbookTitle: run.state.name,
    to: Array.isArray(to) ? to.map(String) : [String(to)],
    instructions: evaluateText(step.instructions, variables),
    ...defined({ within: step.within }),
    openedAt: port.now(),
  };
  const answer = await port.call(engineActivities.openTask, input as unknown as Json, {
    step: key,
    summary: view.title,
    timeoutMs: defaultTimeoutMs,
    retry: defaultRetry,
  });
  const { people, deadline } = answer as unknown as OpenTaskResult;
  const task: OpenTask = {
    step: key,
    title: view.title,
    openedAt: input.openedAt,
    ...defined({ deadline }),
    people,
    instructions: input.instructions,
    form: step.form,
    required: Object.keys(step.form).filter((field) => !step.optional?.includes(field)),
    ...defined({ sensitive: step.sensitive }),
  };
  run.state.tasks.set(key, task);
  run.state.late.delete(key);
  view.status = 'waiting';
  run.state.record('task.opened', key, { people, ...defined({ deadline }) });
  try {
    const left = deadline === undefined ? undefined : deadline - port.now();
    const done = await port.waitFor(() => task.report !== undefined, left);
    if (done && task.report) return { output: task.report };
  } finally {
    run.state.tasks.delete(key);
  }
  if (step.onExpiry === undefined) run.state.late.set(key, task);
  return expired(step, `"${view.title}" was not done in time by ${people.join(', ')}.`);
};
