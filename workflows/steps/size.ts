/** Temporal refuses payloads over 2 MB by failing the whole workflow task; long before that we say so, and park the step. */
import type { Json, JsonObject } from '../../plan/plan.ts';
import { CallFailure } from '../port.ts';

/** Characters of JSON. At up to three bytes each in UTF-8 that stays under Temporal's limit. */
export const largestPayload = 512 * 1024;

/** All inputs of a run together: whoever signs is shown them. */
const largestInputs = 512 * 1024;

/** Of what the engine itself asks: what people are shown holds all inputs, and what was and will be of some. */
const largestQuestion = 1024 * 1024;

export function charactersOf(value: Json | undefined): number {
  return JSON.stringify(value)?.length ?? 0;
}

export function isTooLarge(value: Json | undefined): boolean {
  return charactersOf(value) > largestPayload;
}

export function checkSize(value: Json | undefined, what: string): void {
  const characters = charactersOf(value);
  if (characters <= largestPayload) return;
  throw new CallFailure({
    type: 'TooLarge',
    message: `${what} has ${kilobytes(characters)} KB, and a run can hand on ${kilobytes(largestPayload)} KB. Hand on less, such as ids instead of whole records.`,
  });
}

/** Undefined where a call may be as large as that. */
export function tooLargeToAsk(activity: string, characters: number): CallFailure | undefined {
  if (characters <= largestQuestion) return undefined;
  return new CallFailure({
    type: 'TooLarge',
    message: `What ${activity} is asked has ${kilobytes(characters)} KB, and a run can ask with ${kilobytes(largestQuestion)} KB. What people are shown holds all inputs and every change by hand: make these smaller, or call the run off.`,
  });
}

/** What is wrong with inputs that are large together; undefined where nothing is, or where they become no larger. */
export function tooLargeTogether(inputs: JsonObject, before: JsonObject = {}): string | undefined {
  const characters = charactersOf(inputs);
  if (characters <= largestInputs || characters <= charactersOf(before)) return undefined;
  return `Together the inputs have ${kilobytes(characters)} KB, and a run can take ${kilobytes(largestInputs)} KB. Give less, such as ids instead of whole records.`;
}

function kilobytes(characters: number): number {
  return Math.ceil(characters / 1024);
}
