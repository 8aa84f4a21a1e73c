/** What is kept of one run, and whether it holds: asked of the gateway, or read from a file that `countersign audit export` wrote. */
import { readFile } from 'node:fs/promises';
import { type AuditFile, auditFormat } from '../store/audit/file.ts';
import { type Verdict, verify } from '../store/audit/verify.ts';
import { Api } from './api-client.ts';
import { apiOptions, type Options } from './commands/options.ts';
import { usage } from './exit.ts';

export interface KeptRun {
  file: AuditFile;
  /** Of a file without the signatures: these take the installation's keys. */
  checked: Verdict;
}

export async function keptRun(of: string, options: Options): Promise<KeptRun> {
  const file = await fileAt(of);
  if (file) return { file, checked: verify(file) };
  const api = await Api.connect(apiOptions(options));
  return {
    file: await api.get<AuditFile>(`${auditPath(of)}/export`),
    checked: await api.get<Verdict>(`${auditPath(of)}/verify`),
  };
}

export function auditPath(run: string): string {
  return `/runs/${encodeURIComponent(run)}/audit`;
}

/** Undefined when there is no such file: then it is the id of a run. */
export async function fileAt(path: string): Promise<AuditFile | undefined> {
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
