/** `fail`: ends an item of a list, or the run, as failed, since its author says so. */
import * as flowCodes from '../diagnostics/registry/flow.ts';
import { childOf, entryOf } from '../source/tree.ts';
import { readText } from '../values/template.ts';
import type { Reader } from './step-reading.ts';

export const readFail: Reader<'fail'> = ({ reading, node }) => {
  const reasonNode = childOf(node, 'fail');
  const reason = reasonNode && readText(reasonNode, { where: '`fail`' }, reading);
  const onError = entryOf(node, 'onError');
  if (onError) reading.report(flowCodes.failsAnyway, onError.keyRange, {});
  return { step: { reason: reason ?? '' } };
};
