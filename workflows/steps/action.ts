/** An action: one call of a connector, with the runbook's timeout and retries. */
import { defined } from '../../plan/defined.ts';
import type { ActionStep, Json, Retry } from '../../plan/plan.ts';
import { evaluateTemplate } from '../expressions.ts';
import { warrantsAt } from '../named-warrants.ts';
import { callItem, type Occasion, stepKey } from '../occasion.ts';
import type { CallOptions } from '../port.ts';
import type { Runner } from './runner.ts';
import { checkSize } from './size.ts';

/** What a runbook gets that says nothing else (DESIGN, the language's `defaults`). */
export const defaultTimeoutMs = 120_000;
export const defaultRetry: Retry = { attempts: 6, firstMs: 1_000, factor: 2, maxMs: 60_000 };

/** Not async: in a workflow every promise is paid for (bench/overhead). */
export const runAction: Runner<'action'> = (step, occasion, edited) => {
  const { run, port, variables } = occasion;
  const input: Json = edited ?? evaluateTemplate(step.with, variables) ?? {};
  checkSize(input, `The input of ${step.uses}`);
  const view = run.state.step(step, stepKey(step, occasion));
  view.input = input;
  let verified: true | undefined;
  const call = port.call(step.uses, input, {
    step: step.id,
    ...callItem(step, occasion),
    summary: view.title,
    timeoutMs: step.timeoutMs ?? defaultTimeoutMs,
    retry: step.retry ?? defaultRetry,
    ...(step.effect === 'read' ? { read: true } : writeAt(step, occasion)),
    onVerified: () => {
      verified = true;
    },
  });
  return call.then((output) => (verified ? { output, verified } : { output }));
};

/** What destroys and cannot be taken back is not sent once more for a run that was called off. */
function writeAt({ effect, undo }: ActionStep, occasion: Occasion): Partial<CallOptions> {
  const write = effect === 'destructive' && !undo ? 'named' : 'finished';
  return { write, ...defined({ warrants: warrantsAt(occasion) }) };
}
