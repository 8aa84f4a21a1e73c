import type { PreviewedStep } from './messages.ts';

/** One line for people: `would create a.lee@example.com`. */
export function previewText({ summary, nothingToDo, problems = [], action }: PreviewedStep): string {
  const says = summary ?? `would call ${action}`;
  return [`${says}${nothingToDo ? ' (nothing to do)' : ''}`, ...problems].join('; ');
}

/** What would be changed, a line each; empty where the step cannot say. */
export function differenceLines({ difference }: Pick<PreviewedStep, 'difference'>): string[] {
  return difference === undefined ? [] : difference.split('\n');
}
