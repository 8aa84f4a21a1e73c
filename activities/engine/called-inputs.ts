/** What a called runbook is given, held to what it takes, as where a run is started from outside. */
import { ApplicationFailure } from '@temporalio/common';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { referenceIn, resolveReferences } from '../../vault/references.ts';
import type { Seal } from '../../vault/seal.ts';
import type { Secrets } from '../../vault/secrets.ts';
import type { CheckInputsInput, CheckInputsResult } from '../../workflows/engine-activities.ts';
import { checkedInputs, sealSensitive } from './run-inputs.ts';
import { uniqueKey, workflowIdOf } from './run-start.ts';
import type { EngineServices } from './services.ts';

/** Rejects for good, with all that is wrong: the same that is said where a run is started from outside. */
export async function checkInputs(
  { runbook, inputs, given, unique }: CheckInputsInput,
  { seal, liveRun }: Pick<EngineServices, 'seal' | 'liveRun'>,
): Promise<CheckInputsResult> {
  // What is sealed, or joined with something sealed, can be opened by actions alone.
  const closed = Object.keys(given).filter((name) => referenceIn(given[name]) !== undefined);
  const open = (values: JsonObject) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !closed.includes(name)));
  const plan = {
    inputs: Object.fromEntries(Object.entries(inputs).filter(([name]) => !closed.includes(name))),
  };
  const { inputs: filled, problems } = checkedInputs(plan, open(given));
  if (problems.length > 0) throw doesNotFit(runbook, problems.join(' '));
  const sealed = seal ? sealSensitive(plan, filled, seal) : filled;
  const result = { inputs: { ...given, ...sealed } };
  if (!unique || !seal) return result;
  const workflowId = workflowIdOf(
    seal,
    runbook,
    await keyOf({ ...given, ...filled }, { runbook, unique }, seal),
  );
  return { ...result, workflowId, ...defined({ holder: await liveRun?.(workflowId) }) };
}

/** The same as at the other doors, where nothing was sealed yet when it was computed. */
async function keyOf(
  inputs: JsonObject,
  { runbook, unique }: { runbook: string; unique: NonNullable<CheckInputsInput['unique']> },
  seal: Seal,
): Promise<string> {
  const { key, ...about } = unique;
  const noSecrets: Secrets = {
    get: () => Promise.reject(new Error('it names a secret, which no key may')),
    redact: (text) => text,
  };
  try {
    const { value } = await resolveReferences(inputs as Json, { seal, secrets: noSecrets });
    return uniqueKey({ unique: key }, { inputs: value as JsonObject, ...about }) ?? '';
  } catch (error) {
    throw doesNotFit(runbook, `Its \`unique\` key cannot be computed: ${errorText(error)}`);
  }
}

function doesNotFit(runbook: string, why: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `What "${runbook}" is given does not fit it. ${why}`,
    'PermanentFailure',
  );
}
