/** Checks runbooks, their tests and the configuration; loads only what the wanted format needs, so that it starts fast. */

import { existsSync } from 'node:fs';
import type { CompileResult, SourceText } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { defined } from '../../plan/defined.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import {
  calledBy,
  compileProject,
  knownActions,
  type Project,
  readProject,
  renderDiagnostics,
  runbookNameOf,
  type Tested,
  testsAmong,
} from '../project.ts';
import { type Options, text } from './options.ts';

const formats = ['text', 'json', 'github', 'sarif'];

export async function validate(paths: string[], options: Options): Promise<void> {
  const format = options.json ? 'json' : (text(options, 'format') ?? 'text');
  if (!formats.includes(format)) throw usage(`--format takes one of ${formats.join(', ')}, not ${format}.`);
  const project = readProject(paths, text(options, 'config'));
  const { files, configuration } = project;
  if (files.length === 0 && !configuration && !existsSync('connectors'))
    throw usage('There is nothing to check here. Say what: countersign validate runbooks/');
  const compiled = compileProject({ ...project, called: calledBy(files), lint: true });
  const tested = testsAmong(paths);
  const diagnostics = [
    ...compiled.diagnostics,
    ...(await testDiagnostics(tested, compiled)),
    ...(await untestedDiagnostics(tested, compiled, project)),
  ];
  const tests = tested.map(({ source }) => source);
  const all = [
    ...files,
    ...(configuration ? [configuration] : []),
    ...compiled.openedFiles,
    ...compiled.connectorFiles,
    ...tests,
  ];
  process.stdout.write(await rendered(diagnostics, all, format));
  if (diagnostics.some((diagnostic) => diagnostic.severity === 'error'))
    throw new Exit(exitCodes.problems, '');
}

/** The rehearsal is loaded only where the rule is on: most who validate wait for an answer while they type. */
async function untestedDiagnostics(
  tested: Tested[],
  compiled: Pick<CompileResult, 'plans' | 'configuration'>,
  { files, configuration }: Project,
): Promise<Diagnostic[]> {
  const weight = compiled.configuration?.rules?.['branch-without-test'] ?? 'off';
  if (tested.length === 0 || weight === 'off') return [];
  const { untestedBranches } = await import('../untested-branches.ts');
  return untestedBranches(tested, { ...compiled, files, configurationPath: configuration?.path });
}

/** Tests of runbooks that have errors themselves are not read: nobody could tell what they should say. */
async function testDiagnostics(
  tested: Tested[],
  { plans, configuration }: Pick<CompileResult, 'plans' | 'configuration'>,
): Promise<Diagnostic[]> {
  if (tested.length === 0) return [];
  const { readTestFile } = await import('../../compiler/test-file/read.ts');
  const catalogue = knownActions();
  const known = new Set(plans.map(({ runbook }) => runbook));
  const around = { plans, catalogue, ...defined({ names: configuration }) };
  return tested
    .map(({ source, beside }) => ({ source, name: beside && runbookNameOf(beside.text) }))
    .filter(({ name }) => name === undefined || known.has(name))
    .flatMap(({ source, name }) => readTestFile({ ...source, beside: name, ...around }).diagnostics);
}

async function rendered(diagnostics: Diagnostic[], files: SourceText[], format: string): Promise<string> {
  switch (format) {
    case 'json': {
      const { jsonReport } = await import('../../compiler/diagnostics/render-json.ts');
      const paths = files.map((file) => file.path);
      return `${JSON.stringify(jsonReport(diagnostics, paths), null, 2)}\n`;
    }
    case 'github': {
      const { renderGithub } = await import('../../compiler/diagnostics/render-github.ts');
      return renderGithub(diagnostics);
    }
    case 'sarif': {
      const { sarifReport } = await import('../../compiler/diagnostics/render-sarif.ts');
      return `${JSON.stringify(sarifReport(diagnostics, '0.1.0'), null, 2)}\n`;
    }
    default:
      if (diagnostics.length === 0)
        return `${files.length} file${files.length === 1 ? '' : 's'} checked, nothing wrong.\n`;
      return renderDiagnostics(diagnostics, files, process.stdout);
  }
}
