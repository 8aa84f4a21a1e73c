/** Moments that a workflow cannot compute by itself: business days and local times need a calendar and time zone data. */

import { isComputed } from '../../plan/durations-and-quorums.ts';
import { parseDuration } from '../../plan/lexical.ts';
import type { MomentInput, MomentResult } from '../../plan/organisation.ts';
import type { Duration, Json, Length } from '../../plan/plan.ts';
import { engineActivities } from '../engine-activities.ts';
import { evaluateText, type Variables } from '../expressions.ts';
import type { Occasion } from '../occasion.ts';
import { CallFailure } from '../port.ts';
import { defaultRetry, defaultTimeoutMs } from './action.ts';

/** A length of time as it is now. Rejects where what was computed is none, so that the step parks. */
export function lengthNow(length: Length, variables: Variables): Duration {
  if (!isComputed(length)) return length;
  const text = evaluateText(length, variables);
  const found = parseDuration(text);
  if (found) return found;
  throw new CallFailure({
    type: 'ExpressionFailure',
    message: `"${text}" is no length of time, such as 90m, 10d or 2 business days.`,
  });
}

/** The moment a length of time after another; exact lengths need no call. */
export async function momentAfter(
  length: Length,
  from: number,
  occasion: Occasion,
  step: string,
): Promise<number> {
  const now = lengthNow(length, occasion.variables);
  if ('ms' in now) return from + now.ms;
  return askMoment({ after: now, from }, occasion, step);
}

const withOffset = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** The moment a text names: an RFC 3339 time by itself, a date or local time in the organisation's time zone, or in its own: 2026-01-31T17:00[Europe/Lisbon]. */
export async function momentOf(text: string, occasion: Occasion, step: string): Promise<number> {
  if (withOffset.test(text)) return Date.parse(text);
  return askMoment({ text }, occasion, step);
}

async function askMoment(input: MomentInput, occasion: Occasion, step: string): Promise<number> {
  const result = await occasion.port.call(engineActivities.moment, input as Json, {
    step: step + occasion.item,
    timeoutMs: defaultTimeoutMs,
    retry: defaultRetry,
    read: true,
  });
  return (result as unknown as MomentResult).at;
}
