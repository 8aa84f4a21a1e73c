/** What people had before, as the first draft of a runbook. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { errorText } from '../../plan/error-text.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import type { Draft } from '../import/draft.ts';
import { knownActions } from '../project.ts';
import { type Options, text } from './options.ts';

/** More than any checklist or workflow has. */
const mostBytes = 1_000_000;

export async function importDraft([file = '']: string[], options: Options): Promise<void> {
  const given = read(file);
  const draft = file.toLowerCase().endsWith('.json') ? await ofJson(given, file) : await ofText(given, file);
  const { writeDraft } = await import('../import/draft.ts');
  const yaml = writeDraft(draft);
  const out = text(options, 'out');
  if (out === undefined) process.stdout.write(yaml);
  else save(out, yaml);
  console.error(`${draft.summary} What is marked TODO is for you to decide.`);
}

function read(file: string): string {
  if (file === '')
    throw usage('Which file? A checklist (.md), or a workflow of Entra Lifecycle Workflows (.json).');
  try {
    const given = readFileSync(file, 'utf8');
    if (given.length <= mostBytes) return given.replace(/^\ufeff/, '');
  } catch (error) {
    throw new Exit(exitCodes.problems, `${file} cannot be read: ${why(error)}.`);
  }
  throw new Exit(exitCodes.problems, `${file} is longer than a checklist or a workflow can be (1 MB).`);
}

async function ofJson(given: string, file: string): Promise<Draft> {
  const { draftOfLifecycle, isLifecycleWorkflow } = await import('../import/lifecycle.ts');
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch {
    throw new Exit(exitCodes.problems, `${file} is no JSON.`);
  }
  if (isLifecycleWorkflow(value)) return draftOfLifecycle(value);
  throw new Exit(
    exitCodes.problems,
    `${file} is no workflow of Entra Lifecycle Workflows: it has no \`tasks\` with a \`taskDefinitionId\`. Ask Graph for one with its tasks: GET /identityGovernance/lifecycleWorkflows/workflows/ID.`,
  );
}

async function ofText(given: string, file: string): Promise<Draft> {
  const { draftOfChecklist } = await import('../import/checklist.ts');
  const draft = draftOfChecklist(given, [...knownActions().values()], basename(file));
  if (draft) return draft;
  throw new Exit(
    exitCodes.problems,
    `${file} has no list in it. Write each thing to do on a line of its own that begins with "- ".`,
  );
}

function save(out: string, yaml: string): void {
  if (existsSync(out))
    throw new Exit(exitCodes.problems, `${out} is there already. Choose another name, or move it away.`);
  try {
    writeFileSync(out, yaml);
  } catch (error) {
    throw new Exit(exitCodes.problems, `${out} cannot be written: ${why(error)}.`);
  }
  console.error(`Wrote ${out}.`);
}

function why(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file or folder';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
    case 'EPERM':
      return 'you may not';
    default:
      return errorText(error);
  }
}
