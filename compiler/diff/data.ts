/** Which rows of its data a runbook reads anew, and which no longer. */
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { Json, Plan } from '../../plan/plan.ts';
import type { Change } from './changes.ts';

export function dataChanges(before: Plan, after: Plan): Change[] {
  const names = new Set([...Object.keys(before.data ?? {}), ...Object.keys(after.data ?? {})]);
  return [...names].flatMap((name): Change[] => {
    const [was, is] = [rowsOf(before, name), rowsOf(after, name)];
    const [gone, fresh] = [without(was, is), without(is, was)];
    const moved = gone === 0 && fresh === 0 && canonicalJson(was) !== canonicalJson(is);
    if (gone === 0 && fresh === 0 && !moved) return [];
    const text = moved
      ? `the rows of \`data.${name}\` stand in another order.`
      : `\`data.${name}\` has ${fresh} new or changed ${fresh === 1 ? 'row' : 'rows'}, and ${gone} of before ${gone === 1 ? 'is' : 'are'} gone.`;
    return [{ runbook: after.runbook, about: 'step', text }];
  });
}

function rowsOf({ data }: Plan, name: string): Json[] {
  const rows = data?.[name];
  return Array.isArray(rows) ? rows : [];
}

function without(rows: readonly Json[], others: readonly Json[]): number {
  const known = new Set(others.map(canonicalJson));
  return rows.filter((row) => !known.has(canonicalJson(row))).length;
}
