/** What operators may tell a run. Whether they may is the run's own decision. */
import { checkedAmendment, checkedCompletion } from '../../activities/engine/command-checks.ts';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { RunRow } from '../../store/runs.ts';
import { type AmendReceipt, type UpdateName, updates } from '../../workflows/messages.ts';
import { Problem } from '../problem.ts';
import { gives } from '../schemas/answers.ts';
import { anyObject, runAndStep, runId } from '../schemas/bodies.ts';
import { boolean, listOf, object, text } from '../schemas/dsl.ts';
import { abortByForce, withForceNamed } from './forced-abort.ts';
import { type ApiParts, addressedRun, type Routes, stepOf, who } from './request.ts';
import { withSealed } from './sealed.ts';
import { actionOf, inputProblems } from './step-form.ts';
import { updateIdOf } from './update-id.ts';

const commandBody = {
  type: 'object',
  additionalProperties: false,
  properties: { comment: { type: 'string', maxLength: 4000 } },
};

const abortBody = {
  ...commandBody,
  properties: {
    ...commandBody.properties,
    force: {
      type: 'boolean',
      description:
        'As the last resort: if the run does not answer, it is terminated, and nothing is taken back.',
    },
  },
};

const retryBody = {
  ...commandBody,
  properties: {
    ...commandBody.properties,
    with: { ...anyObject, description: 'Replaces the step’s input.' },
  },
};

const completeBody = {
  ...commandBody,
  required: ['output'],
  properties: {
    ...commandBody.properties,
    output: { ...anyObject, description: 'What the step would have given.' },
  },
};

const amendBody = {
  ...commandBody,
  required: ['inputs'],
  properties: { ...commandBody.properties, inputs: { ...anyObject, description: 'New values by name.' } },
};

const reassignBody = {
  ...commandBody,
  required: ['from'],
  properties: {
    ...commandBody.properties,
    from: {
      type: 'array',
      minItems: 1,
      items: { type: 'string' },
      description: 'E-mail addresses and role:NAME.',
    },
  },
};

const done = object({
  id: text('The run.'),
  done: text('What it was told.'),
  'applied?': listOf(text('An input, or a step, that is changed from now on.')),
  'proposed?': listOf(
    text('An input, or a step, that is not changed before those who signed have signed it.'),
  ),
  'signers?': listOf(text('Who is asked to sign what is proposed.')),
  'left?': listOf(object({ step: text(), title: text(), why: text() }, 'What nobody took back.')),
  'forced?': boolean('The run did not answer, and was terminated: nothing was taken back.'),
});

type CommandName = Exclude<UpdateName, 'vote' | 'event'>;

/** Behind the run's own path. Those about a step have its id in front. */
const commands: Record<CommandName, { summary: string; ofStep?: true; body: object }> = {
  retry: { summary: 'Try a parked step again', ofStep: true, body: retryBody },
  skip: { summary: 'Go on without a parked step', ofStep: true, body: commandBody },
  complete: { summary: 'Report a task or a parked step as done', ofStep: true, body: completeBody },
  reassign: { summary: 'Ask others to sign', ofStep: true, body: reassignBody },
  abort: { summary: 'End a run and take its steps back', body: abortBody },
  pause: { summary: 'Hold a run before its next step', body: commandBody },
  resume: { summary: 'Let a paused run go on', body: commandBody },
  amend: { summary: 'Change inputs of a live run', body: amendBody },
};

export const commandRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    for (const [name, { summary, ofStep, body }] of Object.entries(commands) as [
      CommandName,
      (typeof commands)[CommandName],
    ][]) {
      const params = ofStep ? runAndStep : runId;
      api.post(
        ofStep ? `/runs/:id/steps/:step/${name}` : `/runs/:id/${name}`,
        { schema: { summary, tags: ['operating'], params, body, response: gives(done) } },
        async (request) => {
          // Asked before anything else: a refusal tells of steps and people.
          const row = await addressedRun(request, parts);
          const step = stepOf(request);
          const { force, ...given } = (request.body ?? {}) as JsonObject;
          const asked = {
            ...given,
            ...defined({ step: ofStep ? step : undefined }),
            principal: who(request),
          };
          const checked = await handedIn(name, given, step, row, parts).catch(async (error: unknown) => {
            await parts.runs.refused(row.id, name, asked, error);
            throw error;
          });
          const command = { ...asked, ...checked };
          let receipt: Partial<AmendReceipt> | null;
          try {
            receipt = await parts.runs.update(row.workflowId, row.id, name, command, updateIdOf(request));
          } catch (error) {
            if (name !== updates.abort) throw error;
            if (!force) throw withForceNamed(error);
            const about = { principal: who(request), comment: given.comment as string | undefined };
            const left = await abortByForce(row, about, error, parts);
            return { id: row.id, done: name, forced: true, left };
          }
          const { applied, proposed } = receipt ?? {};
          const signers = proposed?.length ? await signersOfProposals(row, parts) : undefined;
          return { id: row.id, done: name, ...defined({ applied, proposed, signers }) };
        },
      );
    }
  },
};

/** Who is asked about what is proposed in this run. That they cannot be named now undoes nothing that was proposed. */
async function signersOfProposals(row: RunRow, { runs }: ApiParts): Promise<string[] | undefined> {
  try {
    const { gates } = await runs.view(row.workflowId, row.id);
    const asked = gates.filter(({ proposals = [] }) => proposals.length > 0);
    return unlessEmpty([...new Set(asked.flatMap(({ approvers }) => approvers))]);
  } catch {
    return undefined;
  }
}

/** Output and inputs that people give are held to their form here; those that do not fit never reach the run. */
async function handedIn(
  command: CommandName,
  given: JsonObject,
  step: string,
  row: RunRow,
  { runs, store, seal, library }: ApiParts,
): Promise<JsonObject> {
  const plan = row.planHash ? await store.runs.plan(row.planHash) : undefined;
  if (command === updates.complete) {
    const view = await runs.view(row.workflowId, row.id);
    const output = given.output as JsonObject;
    const { value, problems } = checkedCompletion(view, step, output, {
      catalogue: library().catalogue,
      seal,
      plan,
    });
    if (problems.length > 0)
      throw new Problem(422, 'The output does not fit', `What "${step}" gives: ${problems.join(' ')}`);
    return { output: value };
  }
  if (command === updates.retry && given.with !== undefined) {
    const view = await runs.view(row.workflowId, row.id);
    const { input } = view.steps.find(({ id }) => id === step) ?? {};
    const other = withSealed(given.with, input) as JsonObject;
    const action = library().catalogue.get(actionOf(step, plan) ?? '');
    const problems = action ? inputProblems(action, other) : [];
    if (problems.length > 0)
      throw new Problem(
        422,
        'The input does not fit',
        `What "${step}" is called with: ${problems.join(' ')}`,
      );
    return { with: other };
  }
  if (command !== updates.amend || !plan) return {};
  const inputs = given.inputs as JsonObject;
  const isSealed = Object.keys(inputs).some((name) => plan.inputs[name]?.sensitive);
  // The same secret, sealed again, is no change.
  const current = isSealed ? (await runs.view(row.workflowId, row.id)).inputs : {};
  const { value, problems } = checkedAmendment(plan, inputs, seal, current);
  if (problems.length > 0)
    throw new Problem(422, 'The inputs do not fit', `${plan.title}: ${problems.join(' ')}`);
  return { inputs: value };
}
