/** What a run did, and what people changed by hand in it, in words for an auditor. */

import type { Json } from '../plan/values.ts';
import { changeInWords, fieldWords, plainText } from '../presentation/plain-text.ts';
import type { ActionTold, CountedAction, HandTold } from '../presentation/run-story.ts';
import { localTime } from './text.ts';

export function actionLines(actions: readonly ActionTold[], counted: readonly CountedAction[]): string[] {
  if (actions.length + counted.length === 0) return [];
  return [
    '\nWhat was done',
    ...actions.flatMap(linesOf),
    ...counted.map(
      ({ title, action, succeeded, failed }) =>
        `  ${title} (${action}): ${succeeded} done${failed > 0 ? `, ${failed} tries failed` : ''}, one by one in the records`,
    ),
  ];
}

function linesOf({ title, action, ended, outcome, by, why, input, output, undone }: ActionTold): string[] {
  return [
    `  ${localTime(ended)}  ${title} (${action}): ${outcome}${by ? ` by ${by}` : ''}${why ? ` — ${why}` : ''}`,
    ...valueLines('called with', input),
    ...valueLines('gave', output),
    ...(undone
      ? [
          `    taken back ${localTime(undone.at)}${undone.uses ? ` by ${undone.uses}` : ''}`,
          ...valueLines('taken back with', undone.input),
        ]
      : []),
  ];
}

function valueLines(what: string, value: Json | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) return [`    ${what}: ${plainText(value)}`];
  const entries = Object.entries(value);
  if (entries.length === 0) return [];
  return [`    ${what}:`, ...entries.map(([name, item]) => `      ${fieldWords(name)}: ${plainText(item)}`)];
}

export function handLines(changes: readonly HandTold[], titles: Record<string, string>): string[] {
  return [
    '\nWhat was changed by hand',
    ...(changes.length === 0 ? ['  nothing'] : []),
    ...changes.flatMap((change) =>
      changeInWords(change, titles).map(
        ({ what, before, after }) =>
          `  ${localTime(change.at)}  ${what}: ${before} -> ${after} (${change.by}), ${words[change.became]}`,
      ),
    ),
  ];
}

const words: Record<HandTold['became'], string> = {
  'in force': 'in force at once',
  owed: 'in force at once, and the signature is owed',
  open: 'not in force, and not decided yet',
  countersigned: 'signed, and in force from then on',
  fell: 'fell; what was signed stayed',
  withdrawn: 'withdrawn; what was signed stayed',
};
