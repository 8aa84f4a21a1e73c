/** `parallel`: branches that run at the same time. None sees what another does; what follows sees them all. */

import type { Step } from '../../plan/plan.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import { childOf, setOwn } from '../source/tree.ts';
import type { Reader } from './step-reading.ts';

export const readParallel: Reader<'parallel'> = ({ reading, node, id, readSteps }) => {
  const parallel = childOf(node, 'parallel');
  if (parallel?.kind !== 'map') return undefined;
  const branches: Record<string, Step[]> = {};
  const inners = parallel.entries.map(({ key, keyRange, value }) => {
    reading.session.checkId(keyRange, key, "a branch's name", false);
    const inner = reading.inside(`${id}:${key}`);
    setOwn(branches, key, readSteps(value, `the branch \`${key}\``, inner));
    return inner;
  });
  const [only] = parallel.entries;
  if (only && parallel.entries.length === 1)
    reading.report(flowCodes.onlyBranch, only.keyRange, { name: only.key });
  for (const inner of inners) reading.adopt(inner);
  return { step: { branches } };
};
