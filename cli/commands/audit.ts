/** What an auditor asks: the records of a run, all of it as a file, and whether the one or the other is whole. */
import { readFile } from 'node:fs/promises';
import { type GateStory, gatesAsked } from '../../presentation/gate-story.ts';
import { type AuditFile, auditFormat } from '../../store/audit/file.ts';
import type { AuditRecord } from '../../store/audit/record.ts';
import { type Verdict, verify } from '../../store/audit/verify.ts';
import type { RunRow } from '../../store/runs.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import { Api } from '../api-client.ts';
import { recordText, verdictText } from '../audit-text.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
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
    : await (await Api.connect(apiOptions(options))).get<Verdict>(`${pathOf(of)}/verify`);
  console.log(options.json ? JSON.stringify(verdict) : verdictText(verdict));
  if (!verdict.intact) throw new Exit(exitCodes.problems, '');
}

async function show(run: string, options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const records = await allRecords(api, run);
  const row = await api.get<RunRow & { titles: Record<string, string> }>(`/runs/${encodeURIComponent(run)}`);
  const { entries } = await api.get<{ entries: JournalEntry[] }>(`/runs/${row.id}/journal`);
  const signatures = await Promise.all(
    gatesAsked(entries).map((step) =>
      api.get<GateStory>(`/runs/${row.id}/steps/${encodeURIComponent(step)}/signatures`),
    ),
  );
  if (options.json) return console.log(JSON.stringify({ records, signatures }));
  const titles = new Map(Object.entries(row.titles));
  console.log(`${row.title}: ${records.length} records of run ${row.id}\n`);
  for (const record of records)
    console.log(`${String(record.seq).padStart(5)}  ${record.at}  ${recordText(record, titles)}`);
  for (const story of signatures) console.log(`\n${storyText(story, row.titles)}`);
}

async function exportOf(run: string, options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const file = await api.get<AuditFile>(`${pathOf(run)}/export`);
  console.log(JSON.stringify(file, null, options.json ? undefined : 2));
}

async function allRecords(api: Api, run: string): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: { records: AuditRecord[]; next?: number } = await api.get(`${pathOf(run)}?after=${after}`);
    records.push(...page.records);
    after = page.next;
  }
  return records;
}

function pathOf(run: string): string {
  return `/runs/${encodeURIComponent(run)}/audit`;
}

/** Undefined when there is no such file: then it is the id of a run. */
async function fileAt(path: string): Promise<AuditFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    // An id has neither a dot nor a slash.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !/[./\\]/.test(path)) return undefined;
    throw usage(`${path} cannot be read. Name a run, or a file that \`countersign audit export\` wrote.`);
  }
  const file = parsed(text);
  if (isAuditFile(file)) return file;
  throw usage(`${path} is no audit file: it should be as \`countersign audit export RUN\` writes it.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAuditFile(value: unknown): value is AuditFile {
  if (!isObject(value)) return false;
  const { format, run, records, journal } = value as Partial<AuditFile>;
  return (
    format === auditFormat &&
    isObject(run) &&
    Array.isArray(records) &&
    records.every((record) => isObject(record) && isObject(record.data)) &&
    Array.isArray(journal) &&
    journal.every(isObject)
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
