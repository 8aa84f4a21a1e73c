/** What an auditor asks: the records of a run, all of it as a file, and whether the one or the other is whole. */
import { runName } from '../../plan/run-name.ts';
import { runStory } from '../../presentation/run-story.ts';
import type { AuditFile } from '../../store/audit/file.ts';
import { type Verdict, verify } from '../../store/audit/verify.ts';
import { actionLines, handLines } from '../action-text.ts';
import { Api } from '../api-client.ts';
import { recordText, verdictText } from '../audit-text.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import { auditPath, fileAt } from '../kept-run.ts';
import { storyText } from '../signature-text.ts';
import { apiOptions, type Options } from './options.ts';

export async function audit([what = '', of = '']: string[], options: Options): Promise<void> {
  if (what === 'verify') return verifyOf(of, options);
  if (what === 'show') return show(of, options);
  if (what === 'export') return exportOf(of, options);
  throw usage(`There is no \`audit ${what}\`. There are: verify, show, export.`);
}

async function verifyOf(of: string, options: Options): Promise<void> {
  const file = await fileAt(of);
  const verdict = file
    ? verify(file)
    : await (await Api.connect(apiOptions(options))).get<Verdict>(`${auditPath(of)}/verify`);
  console.log(options.json ? JSON.stringify(verdict) : verdictText(verdict));
  if (!verdict.intact) throw new Exit(exitCodes.problems, '');
}

/** Of a run in the database, or of a file, which may have left the installation long ago. */
async function show(of: string, options: Options): Promise<void> {
  const file = (await fileAt(of)) ?? (await exported(of, options));
  const { records } = file;
  const { run, titles, signatures, actions, counted, byHand } = runStory(file);
  if (options.json) return console.log(JSON.stringify({ records, signatures, actions, byHand }));
  const named = new Map(Object.entries(titles));
  console.log(`${runName(run)}: ${records.length} records of run ${run.id}\n`);
  for (const record of records)
    console.log(`${String(record.seq).padStart(5)}  ${record.at}  ${recordText(record, named)}`);
  for (const story of signatures) console.log(`\n${storyText(story, titles)}`);
  for (const line of [...actionLines(actions, counted), ...handLines(byHand, titles)]) console.log(line);
}

async function exportOf(run: string, options: Options): Promise<void> {
  const file = await exported(run, options);
  console.log(JSON.stringify(file, null, options.json ? undefined : 2));
}

async function exported(run: string, options: Options): Promise<AuditFile> {
  const api = await Api.connect(apiOptions(options));
  return api.get<AuditFile>(`${auditPath(run)}/export`);
}
