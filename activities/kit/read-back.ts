/** Whether a write took hold: asked once it has answered, and again for some seconds where the system shows it late. */
import { errorText } from '../../plan/error-text.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { Action, ActionContext } from './define-action.ts';
import { lookPatiently } from './delay.ts';
import { PermanentFailure, RetryableFailure } from './failures.ts';

/** How long to wait before each further look. Longer is the next attempt's business, which looks before it asks again. */
const waitsMs: readonly number[] = [1_000, 2_000, 4_000];

export interface Written {
  input: JsonObject;
  output: JsonObject;
  context: ActionContext<unknown>;
}

/** Undefined for an action that cannot tell. Rejects, saying what is not so, when it did not take hold. */
export async function readBack(
  action: Action,
  written: Written,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<true | undefined> {
  if (action.effect === 'read' || !action.verify) return undefined;
  const { input, output, context } = written;
  let canTell = true;
  const look = async () => {
    const isSo = await action.verify?.(input as never, context, output as never);
    canTell = isSo !== undefined;
    return isSo === false ? undefined : true;
  };
  try {
    if (await lookPatiently(look, signal, waitsWithin(timeoutMs / 4))) return canTell || undefined;
  } catch (error) {
    if (!(error instanceof PermanentFailure)) throw error;
    const { message, details } = error;
    throw new PermanentFailure(
      `${action.name} did its work, and it could not be read back: ${message}`,
      details,
    );
  }
  const left = await whatIsLeft(action, written);
  if (left === undefined) return true;
  throw new RetryableFailure(`${action.name} did its work, and read back it is not so: ${left}`);
}

/** What the step would still do, as its preview says it. Undefined when nothing is left after all. */
async function whatIsLeft(action: Action, { input, context }: Written): Promise<string | undefined> {
  try {
    const preview = await action.preview?.(input as never, context);
    if (preview?.nothingToDo) return undefined;
    return preview ? `it still ${preview.summary}.` : 'what it brings about is not there.';
  } catch (error) {
    return `it cannot be found as it should be. ${errorText(error)}`;
  }
}

/** As many of the waits as fit into a part of the attempt's time; 0 is no limit. */
function waitsWithin(mostMs: number): number[] {
  let total = 0;
  return waitsMs.filter((wait) => {
    total += wait;
    return mostMs === 0 || total <= mostMs;
  });
}
