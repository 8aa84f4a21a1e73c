/**
 * Looks for values that must not be anywhere: in every file of a stack's data folder, every table, log, API answer and mail.
 * To be called after a test has run, while its stack is still up.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from '@jest/globals';
import pg from 'pg';
import type { RunRow } from '../../store/runs.ts';
import { coordinator, type TestStack } from './stack.ts';

export interface Canary {
  /** What it is, for the message when it is found. */
  name: string;
  value: string;
  /** Whose mailbox it is meant to reach, if anybody's. */
  mailedTo?: string;
}

/**
 * Files that hold such values by their nature: what the stand-ins were told, as the outside systems would know it, and
 * the credentials for them, in the place of a secret store.
 */
const othersFiles = ['sandbox-connectors.json', 'sandbox-effects.jsonl', 'sandbox.json'];
const largestOutput = 256 * 1024 * 1024;

export async function expectNoCanaries(stack: TestStack, canaries: readonly Canary[]): Promise<void> {
  for (const { name, value } of canaries)
    if (value.length < 8) throw new Error(`The canary "${name}" is too short to be told from other text.`);
  const found = [
    ...(await inFiles(stack, canaries)),
    ...(await inTables(stack, canaries)),
    ...inText('the logs', stack.log.join('\n'), canaries),
    ...(await inAnswers(stack, canaries)),
    ...(await inMails(stack, canaries)),
    ...inText('the requests that the stand-ins saw', await textOf(stack, '/_sandbox/requests'), canaries),
  ];
  expect(found).toEqual([]);
}

/** The secrets of the connectors, which a test stack has in the clear. */
export function connectorSecrets(stack: TestStack): Canary[] {
  const connectors = stack.stack.parts.sandbox.ready.connectors as Record<string, Record<string, unknown>>;
  return Object.entries(connectors).flatMap(([connector, settings]) =>
    Object.entries(settings).flatMap(([setting, value]) =>
      /secret|token|password|key$/i.test(setting) && typeof value === 'string' && value.length >= 8
        ? [{ name: `${connector}.${setting}`, value }]
        : [],
    ),
  );
}

/** The value as it is, and as it looks inside JSON, an address or base64. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  return [
    ...new Set([
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value),
      bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('base64url'),
      bytes.toString('hex'),
    ]),
  ];
}

function inText(where: string, text: string, canaries: readonly Canary[]): string[] {
  return canaries
    .filter(({ value }) => formsOf(value).some((form) => text.includes(form)))
    .map(({ name }) => `${name} in ${where}`);
}

/** Temporal's database and PostgreSQL's own files among them, with their write-ahead logs. */
async function inFiles(stack: TestStack, canaries: readonly Canary[]): Promise<string[]> {
  const found: string[] = [];
  for (const { name, value } of canaries) {
    const patterns = formsOf(value).flatMap((form) => ['-e', form]);
    const skipped = othersFiles.map((file) => `--exclude=${file}`);
    const files = await grep(['-rlF', ...skipped, ...patterns, stack.dataFolder]);
    found.push(...files.map((file) => `${name} in ${file}`));
  }
  return found;
}

async function grep(args: string[]): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)('grep', args, { maxBuffer: largestOutput });
    return stdout.split('\n').filter(Boolean);
  } catch (error) {
    // 1 when nothing matches; 2 when also a file went away meanwhile, as PostgreSQL's do.
    const { code, stdout = '' } = error as { code?: number; stdout?: string };
    if (code === 1 || code === 2) return stdout.split('\n').filter(Boolean);
    throw error;
  }
}

/** As text, since PostgreSQL compresses long values in its files. */
async function inTables(stack: TestStack, canaries: readonly Canary[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: String(stack.stack.parts.postgres.ready.url) });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    expect(tables.length).toBeGreaterThan(5);
    const found: string[] = [];
    for (const { name: table } of tables)
      for (const { name, value } of canaries) {
        const { rows } = await client.query(
          `select 1 from ${table} t where exists (select 1 from unnest($1::text[]) form where strpos(t::text, form) > 0) limit 1`,
          [formsInRow(value)],
        );
        if (rows.length > 0) found.push(`${name} in the table ${table}`);
      }
    return found;
  } finally {
    await client.end();
  }
}

/** A row as text doubles quotes and backslashes. */
function formsInRow(value: string): string[] {
  const doubled = (text: string) => text.replace(/["\\]/g, '$&$&');
  return formsOf(value).flatMap((form) => [form, doubled(form)]);
}

/** Everything that can be read through the API. */
async function inAnswers(stack: TestStack, canaries: readonly Canary[]): Promise<string[]> {
  const found: string[] = [];
  const look = async (path: string) => {
    const { body } = await stack.api(coordinator, 'GET', path);
    found.push(...inText(`the answer to ${path}`, JSON.stringify(body), canaries));
    return body;
  };
  for (const path of ['/me', '/runbooks', '/deliveries?limit=500', '/openapi.json']) await look(path);
  const { runs } = (await look('/runs?limit=500')) as unknown as { runs: RunRow[] };
  for (const { id, waitingOn } of runs) {
    for (const path of ['', '/journal', '/audit', '/audit/verify', '/audit/export'])
      await look(`/runs/${id}${path}`);
    for (const { kind, step } of waitingOn) if (kind === 'gate') await look(`/runs/${id}/steps/${step}/gate`);
  }
  return found;
}

async function inMails(stack: TestStack, canaries: readonly Canary[]): Promise<string[]> {
  return (await stack.mails()).flatMap((mail) =>
    inText(
      `the mail "${mail.subject}" to ${mail.to}`,
      JSON.stringify(mail),
      canaries.filter(({ mailedTo }) => mailedTo !== mail.to),
    ),
  );
}

async function textOf(stack: TestStack, path: string): Promise<string> {
  return (await fetch(`${stack.stack.addresses.sandbox}${path}`)).text();
}
