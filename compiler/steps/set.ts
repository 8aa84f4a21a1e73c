/** `set`: gives what a repeat remembers from round to round another value. */
import type { Template } from '../../plan/plan.ts';
import * as expressions from '../diagnostics/registry/expressions.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { misfitOf } from '../expressions/assign.ts';
import { nameOf } from '../expressions/types.ts';
import type { Reading } from '../scope/reading.ts';
import { childOf, entryOf, type Node, setOwn } from '../source/tree.ts';
import { readRemembered } from '../values/remembered.ts';
import type { Reader } from './step-reading.ts';

export const readSet: Reader<'set'> = ({ reading, node }) => {
  const entry = entryOf(node, 'set');
  const set = childOf(node, 'set');
  if (!entry || set?.kind !== 'map') return undefined;
  const values: Record<string, Template> = {};
  const where = reading.scope.placeInRepeat;
  if (where !== 'here') reading.report(flowCodes.setElsewhere, entry.keyRange, { where });
  const state = reading.scope.names.get('state');
  const known = where === 'here' && state?.kind === 'object' ? state.fields : undefined;
  for (const { key, keyRange, value } of set.entries) {
    const field = known?.get(key);
    if (known && !field) {
      const names = [...known.keys()];
      reading.report(
        flowCodes.unknownState,
        keyRange,
        { name: key, known: names },
        { suggestion: nearest(key, names) },
      );
    }
    setOwn(values, key, readValue(value, key, field?.type, reading));
  }
  return { step: { values } };
};

function readValue(
  node: Node,
  key: string,
  wanted: Parameters<typeof misfitOf>[1] | undefined,
  reading: Reading,
): Template {
  const { template, type, text } = readRemembered(node, `\`${key}\``, reading);
  const misfit = wanted && misfitOf(type, wanted, text);
  if (misfit)
    reading.report(expressions.wrongType, node, { text, is: nameOf(type), where: `\`${key}\``, ...misfit });
  return template;
}
