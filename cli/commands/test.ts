/** Tests of runbooks: each run on a virtual clock, with made-up answers, in milliseconds. */
import colors from 'picocolors';
import { readTestFile } from '../../compiler/test-file/read.ts';
import type { TestCase } from '../../compiler/test-file/types.ts';
import type { Calendars } from '../../organisation/calendars.ts';
import type { Plan } from '../../plan/plan.ts';
import { differences, pathOf } from '../../rehearsal/check.ts';
import { type Coverage, coverageOf } from '../../rehearsal/coverage.ts';
import type { Rehearsed } from '../../rehearsal/rehearse.ts';
import { spanText } from '../../rehearsal/words.ts';
import { surroundingsOf } from '../../rehearsal/world.ts';
import { carriedOut } from '../carried-out.ts';
import { Exit, exitCodes } from '../exit.ts';
import {
  compileProject,
  knownActions,
  readProject,
  renderDiagnostics,
  runbookNameOf,
  type Tested,
  testFiles,
} from '../project.ts';
import { type Options, text } from './options.ts';

interface TestReport {
  name: string;
  line: number;
  passed: boolean;
  problems: string[];
  /** How long the run took by its own clock, and by ours. */
  spansMs: number;
  ms: number;
  /** The steps in their order; only with --show. */
  path?: string[];
}

interface FileReport {
  file: string;
  runbook?: string;
  tests: TestReport[];
  coverage?: Coverage;
}

export async function test(paths: string[], options: Options): Promise<void> {
  const found = testFiles(paths);
  const project = readProject([], text(options, 'config'));
  for (const { beside } of found)
    if (beside && !project.files.some(({ path }) => path === beside.path)) project.files.push(beside);
  const { plans, configuration, diagnostics } = compileProject(project);
  const sources = [...project.files, ...(project.configuration ? [project.configuration] : [])];
  const surroundings = surroundingsOf(configuration, project.configuration?.path ?? 'countersign.yaml');
  const reports: FileReport[] = [];
  const catalogue = knownActions();
  for (const tested of found) {
    const beside = besideOf(tested);
    const read = readTestFile({ ...tested.source, beside, plans, catalogue, names: surroundings });
    if (!read.file || !read.plan) {
      // A runbook with errors is the usual reason why there is none to test.
      const about = diagnostics.filter(
        ({ file, severity }) => severity === 'error' && file === tested.beside?.path,
      );
      const all = [...about, ...read.diagnostics];
      process.stderr.write(await renderDiagnostics(all, [...sources, tested.source], process.stderr));
      reports.push({ file: tested.source.path, tests: [unreadable(all.length)] });
      continue;
    }
    const rehearsed: Rehearsed[] = [];
    const tests: TestReport[] = [];
    for (const each of read.file.tests) {
      const began = performance.now();
      const around = { plan: read.plan, plans, catalogue, surroundings };
      const result = await carriedOut(each, tested.source.path, around);
      const report = reportOf(each, result, surroundings.calendars, performance.now() - began);
      tests.push(options.show && 'journal' in result ? { ...report, path: pathOf(result) } : report);
      if ('journal' in result) rehearsed.push(result);
    }
    const coverage = coverageOf(read.plan, rehearsed);
    const report = { file: tested.source.path, runbook: read.plan.runbook, tests, coverage };
    reports.push(report);
    if (!options.json) console.log(reportText(report, read.plan));
  }
  conclude(reports, options);
}

function conclude(reports: FileReport[], options: Options): void {
  const tests = reports.flatMap((report) => report.tests);
  const passed = tests.filter((each) => each.passed).length;
  const untested = reports.flatMap(({ coverage }) => coverage?.untested ?? []);
  const failed = tests.length - passed;
  if (options.json) console.log(JSON.stringify({ passed, failed, files: reports }, null, 2));
  else console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) throw new Exit(exitCodes.problems, '');
  if (options.all && untested.length > 0)
    throw new Exit(
      exitCodes.problems,
      `${untested.length} ${untested.length === 1 ? 'step or branch is' : 'steps and branches are'} not tested, and --all asks for every one.`,
    );
}

function besideOf({ beside }: Tested): string | undefined {
  return beside && runbookNameOf(beside.text);
}

function unreadable(count: number): TestReport {
  const problems = [`${count} ${count === 1 ? 'problem' : 'problems'} to mend before it can run`];
  return { name: 'the file can be read', line: 1, passed: false, problems, spansMs: 0, ms: 0 };
}

function reportOf(
  { name, line, expect }: TestCase,
  result: Rehearsed | { problems: string[] },
  calendars: Calendars,
  ms: number,
): TestReport {
  const ran = 'journal' in result;
  const problems = [...result.problems, ...(ran ? differences(result, expect, calendars) : [])];
  const spansMs = ran ? result.endedAt - result.startedAt : 0;
  return { name, line, passed: problems.length === 0, problems, spansMs, ms: Math.round(ms * 10) / 10 };
}

function reportText({ file, tests, coverage }: FileReport, plan: Plan): string {
  const lines = [colors.bold(file)];
  for (const { name, line, passed, problems, spansMs, path } of tests) {
    const span = spansMs > 0 ? colors.dim(` (${spanText(spansMs)})`) : '';
    lines.push(
      passed
        ? `  ${colors.green('✓')} ${name}${span}`
        : `  ${colors.red('✗')} ${name} ${colors.dim(`line ${line}`)}`,
    );
    lines.push(...problems.map((problem) => `      ${problem}`));
    // As `path:` of a test takes it.
    if (path) lines.push(`      path: [${path.join(', ')}]`);
  }
  if (coverage) lines.push(...coverageText(coverage, plan));
  return `${lines.join('\n')}\n`;
}

function coverageText({ steps, branches, untested }: Coverage, plan: Plan): string[] {
  const says = `${plan.runbook}: ${steps.tested} of ${steps.all} steps and ${branches.tested} of ${branches.all} branches tested`;
  if (untested.length === 0) return [`  ${colors.dim(says)}`];
  const shown = untested.slice(0, 10);
  const more = untested.length - shown.length;
  return [
    `  ${says}. Not tested:`,
    ...shown.map(({ step, what, line }) => `      ${step} ${what} ${colors.dim(`line ${line}`)}`),
    ...(more > 0 ? [`      and ${more} more`] : []),
  ];
}
