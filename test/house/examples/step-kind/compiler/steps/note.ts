/** `note`: leaves a remark in the run's record. */
import { objectType, string } from '../expressions/types.ts';
import { childOf } from '../source/tree.ts';
import { readText } from '../values/template.ts';
import type { Reader } from './step-reading.ts';

export const readNote: Reader<'note'> = ({ reading, node }) => {
  const text = childOf(node, 'note');
  if (!text) return undefined;
  return {
    step: { note: readText(text, { where: '`note`' }, reading) },
    output: objectType({ text: string }),
  };
};
