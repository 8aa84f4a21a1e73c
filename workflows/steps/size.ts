/** Temporal refuses payloads over 2 MB by failing the whole workflow task; long before that we say so, and park the step. */
import type { Json } from '../../plan/plan.ts';
import { CallFailure } from '../port.ts';

/** Characters of JSON. At up to three bytes each in UTF-8 that stays under Temporal's limit. */
export const largestPayload = 512 * 1024;

export function isTooLarge(value: Json | undefined): boolean {
  return (JSON.stringify(value)?.length ?? 0) > largestPayload;
}

export function checkSize(value: Json | undefined, what: string): void {
  const characters = JSON.stringify(value)?.length ?? 0;
  if (characters <= largestPayload) return;
  throw new CallFailure({
    type: 'TooLarge',
    message: `${what} has ${Math.ceil(characters / 1024)} KB, and a run can hand on 512 KB. Hand on less, such as ids instead of whole records.`,
  });
}
