/** The branches of runbooks that none of their tests takes, for the rule `branch-without-test`. */
import type { CompileResult, SourceText } from '../compiler/compile.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { branchWithoutTest } from '../compiler/diagnostics/registry/lints.ts';
import { branchWithoutTest as rule } from '../compiler/lints/branch-without-test.ts';
import { weightOf } from '../compiler/lints/lint.ts';
import { SourceFile } from '../compiler/source/source-file.ts';
import { readTestFile } from '../compiler/test-file/read.ts';
import type { Plan } from '../plan/plan.ts';
import { coverageOf } from '../rehearsal/coverage.ts';
import type { Rehearsed } from '../rehearsal/rehearse.ts';
import { surroundingsOf } from '../rehearsal/world.ts';
import { carriedOut } from './carried-out.ts';
import { knownActions, runbookNameOf, type Tested } from './project.ts';

interface Checked extends Pick<CompileResult, 'plans' | 'configuration'> {
  files: readonly SourceText[];
  configurationPath: string | undefined;
}

export async function untestedBranches(
  tested: readonly Tested[],
  { plans, configuration, files, configurationPath = 'countersign.yaml' }: Checked,
): Promise<Diagnostic[]> {
  const severity = weightOf(rule, configuration?.rules ?? {});
  if (severity === 'off') return [];
  const catalogue = knownActions();
  const surroundings = surroundingsOf(configuration, configurationPath);
  const rehearsed = new Map<Plan, Rehearsed[]>();
  for (const { source, beside } of tested) {
    const name = beside && runbookNameOf(beside.text);
    const { file, plan } = readTestFile({ ...source, beside: name, plans, catalogue, names: surroundings });
    if (!file || !plan) continue;
    const known = rehearsed.get(plan) ?? [];
    rehearsed.set(plan, known);
    for (const test of file.tests) {
      const result = await carriedOut(test, source.path, { plan, plans, catalogue, surroundings });
      if ('journal' in result) known.push(result);
    }
  }
  const sources = new Map(files.map((source) => [runbookNameOf(source.text), source]));
  return [...rehearsed].flatMap(([plan, runs]) => {
    const source = sources.get(plan.runbook);
    if (!source) return [];
    return coverageOf(plan, runs).untested.map(({ step, what, line }) => ({
      code: branchWithoutTest.code,
      severity,
      message: branchWithoutTest.message({ step, what, runbook: plan.runbook }),
      ...lineOf(source, line),
    }));
  });
}

/** The first words of the line that the step begins with. */
function lineOf({ path, text }: SourceText, line: number): Omit<Diagnostic, 'code' | 'severity' | 'message'> {
  const file = new SourceFile(path, text);
  const indent = file.lineText(line).search(/\S|$/);
  const range = { start: file.lineStart(line) + indent, end: file.lineEnd(line) };
  const [from, to] = [file.lineColumn(range.start), file.lineColumn(range.end)];
  return { file: path, range, line, column: from.column, endLine: to.line, endColumn: to.column };
}
