/** The asset register: finding, a file imported after its differences were shown, a list of another system compared. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import {
  type AssetDifferences,
  type AssetPage,
  assetFieldNames,
  type HistoryEntry,
  type Reconciliation,
  type RegisteredAsset,
} from '../../plan/register.ts';
import { csvText } from '../../plan/tables.ts';
import type { Json } from '../../plan/values.ts';
import { Api } from '../api-client.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import { age, table } from '../text.ts';
import { apiOptions, type Options, text } from './options.ts';

/** Differences of one kind that are written out; `--json` gives all. */
const shownOfAKind = 20;
/** 100,000 assets, with room for a slow disk. */
const importTimeoutMs = 10 * 60_000;
const pageSize = 500;

type Doing = (api: Api, what: string[], options: Options) => Promise<void>;
const doings: Record<string, Doing> = { find, show, import: importFile, export: exportAll, reconcile };

export async function assets([action = '', ...what]: string[], options: Options): Promise<void> {
  const doing = Object.hasOwn(doings, action) ? doings[action] : undefined;
  if (!doing) throw usage(`There is no "assets ${action}", only ${Object.keys(doings).join(', ')}.`);
  return doing(await Api.connect(apiOptions(options)), what, options);
}

async function find(api: Api, words: string[], options: Options): Promise<void> {
  const query = new URLSearchParams(
    defined({
      text: words.join(' ') || undefined,
      person: text(options, 'person'),
      status: text(options, 'status'),
      warrantyEndsBy: text(options, 'warrantyEndsBy'),
      lifeEndsBy: text(options, 'lifeEndsBy'),
      limit: text(options, 'limit') ?? '50',
    }),
  );
  const page = await api.get<AssetPage>(`/assets?${query}`);
  if (options.json) return console.log(JSON.stringify(page));
  if (page.assets.length === 0) return console.log('The register has none such.');
  const rows = page.assets.map((asset) => [
    asset.tag,
    asset.serialNumber ?? '',
    asset.model,
    asset.status,
    asset.assignedTo ?? '',
    asset.warrantyEnds ?? '',
    asset.lifeEnds ?? '',
  ]);
  console.log(
    table([['TAG', 'SERIAL NUMBER', 'MODEL', 'STATUS', 'WHO HAS IT', 'WARRANTY', 'END OF LIFE'], ...rows]),
  );
  if (page.next !== undefined) console.log('There are more. Say more words, or --limit.');
}

async function show(api: Api, [tag]: string[], options: Options): Promise<void> {
  if (!tag) throw usage('Which asset? countersign assets show TAG');
  const answer = await api.get<{ asset: RegisteredAsset; history: HistoryEntry[] }>(
    `/assets/${encodeURIComponent(tag)}`,
  );
  if (options.json) return console.log(JSON.stringify(answer));
  const { asset, history } = answer;
  const fields = assetFieldNames.flatMap((name) => {
    const value = asset[name];
    return value === undefined ? [] : [`  ${name.padEnd(14)} ${value}`];
  });
  const entries = history.map(({ at, by, what, before, after, note }) => {
    const changes = what === 'added' ? '' : ` ${changesText(before, after)}`;
    return `  ${age(at)}  ${by}: ${what}${changes}${note ? ` (${note})` : ''}`;
  });
  console.log([`Asset ${asset.tag}`, ...fields, '', ...entries].join('\n'));
}

async function importFile(api: Api, [file]: string[], options: Options): Promise<void> {
  const body = { ...fileOf(file, 'import'), ...defined({ ignore: listOf(options.ignore) }) };
  const shown = await api.post<AssetDifferences>('/assets/import', body, importTimeoutMs);
  const isNews = shown.added.length + shown.changed.length > 0;
  const applies = options.apply === true && shown.conflicts.length === 0 && isNews;
  const done = applies
    ? await api.post<AssetDifferences>(
        '/assets/import',
        { ...body, apply: true, digest: shown.digest },
        importTimeoutMs,
      )
    : undefined;
  if (options.json) console.log(JSON.stringify(done ?? { ...shown, applied: false }));
  else {
    console.log(differencesText(shown));
    if (done) console.log('Done, in one go and on record.');
    else if (isNews && shown.conflicts.length === 0)
      console.log(`Nothing was changed. Do it: countersign assets import ${file} --apply`);
  }
  if (shown.conflicts.length > 0)
    throw new Exit(
      exitCodes.problems,
      `Nothing was changed. ${shown.conflicts.join(' ')} Settle it, and import again.`,
    );
}

function differencesText({ added, changed, unchanged, missing }: AssetDifferences): string {
  const lines = [
    `${added.length} new, ${changed.length} changed, ${unchanged} the same, ${missing.length} not in the file.`,
  ];
  const some = (title: string, all: readonly string[]) => {
    if (all.length === 0) return;
    lines.push('', title, ...all.slice(0, shownOfAKind).map((line) => `  ${line}`));
    if (all.length > shownOfAKind) lines.push(`  … and ${all.length - shownOfAKind} more`);
  };
  some(
    'New',
    added.map(({ tag, model, assignedTo }) => `${tag}  ${model}${assignedTo ? `, ${assignedTo}` : ''}`),
  );
  some(
    'Changed',
    changed.map(({ tag, before, after }) => `${tag}  ${changesText(before, after)}`),
  );
  some('Not in the file (they stay)', missing);
  return lines.join('\n');
}

function changesText(before: Record<string, unknown>, after: Record<string, unknown>): string {
  const value = (each: unknown) => (each === null || each === undefined ? 'nothing' : String(each));
  return Object.keys(after)
    .map((name) => `${name}: ${value(before[name])} → ${value(after[name])}`)
    .join(', ');
}

async function exportAll(api: Api): Promise<void> {
  const all: RegisteredAsset[] = [];
  let after: string | undefined;
  do {
    const query = new URLSearchParams(defined({ after, limit: String(pageSize) }));
    const page = await api.get<AssetPage>(`/assets?${query}`);
    all.push(...page.assets);
    after = page.next;
  } while (after !== undefined);
  process.stdout.write(csvText(all as unknown as Json[], [...assetFieldNames]));
}

async function reconcile(api: Api, [file]: string[], options: Options): Promise<void> {
  const report = await api.post<Reconciliation>(
    '/assets/reconcile',
    fileOf(file, 'reconcile'),
    importTimeoutMs,
  );
  if (options.json) console.log(JSON.stringify(report));
  else {
    const { compared, onlyThere, onlyHere, differing, same, unnamed } = report;
    console.log(`Compared by ${compared.join(', ')}: ${same} the same.`);
    const some = (title: string, all: readonly string[]) => {
      if (all.length === 0) return;
      console.log(`\n${title}: ${all.length}`);
      for (const line of all.slice(0, shownOfAKind)) console.log(`  ${line}`);
      if (all.length > shownOfAKind) console.log(`  … and ${all.length - shownOfAKind} more`);
    };
    some('Only in the file', onlyThere);
    some('Only in the register', onlyHere);
    some(
      'Different',
      differing.map(
        ({ tag, field, here, there }) =>
          `${tag}  ${field}: ${here || 'nothing'} in the register, ${there || 'nothing'} in the file`,
      ),
    );
    if (unnamed > 0) console.log(`\n${unnamed} rows of the file have neither a serial number nor a tag.`);
  }
  if (report.onlyThere.length + report.onlyHere.length + report.differing.length > 0)
    process.exitCode = exitCodes.problems;
}

function listOf(value: Options[string]): string[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function fileOf(file: string | undefined, action: string): { csv: string; file: string } {
  if (!file) throw usage(`Which file? countersign assets ${action} FILE.csv`);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Exit(exitCodes.problems, `${file} cannot be read: ${errorText(error)}.`);
  }
  try {
    return { csv: new TextDecoder('utf-8', { fatal: true }).decode(bytes), file: basename(file) };
  } catch {
    throw new Exit(
      exitCodes.problems,
      `${file} is not written in UTF-8. Save it as "CSV UTF-8" in your spreadsheet.`,
    );
  }
}
