/** What a run is about, in its runbook's own words: computed when it begins, and again when what it reads is amended. */

import { evaluateText, type Variables } from './expressions.ts';
import type { RunPlan } from './messages.ts';

/** A longer one would push all else out of a list. */
const longestSubject = 120;

/** One line; undefined where the runbook names none, or it cannot be computed: a run goes on without. */
export function subjectOf({ subject }: Pick<RunPlan, 'subject'>, variables: Variables): string | undefined {
  if (subject === undefined) return undefined;
  try {
    const line = evaluateText(subject, variables)
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim();
    const characters = [...line];
    if (characters.length <= longestSubject) return line || undefined;
    return `${characters
      .slice(0, longestSubject - 1)
      .join('')
      .trimEnd()}…`;
  } catch {
    return undefined;
  }
}
