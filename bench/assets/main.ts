/**
 * The asset register at 5,000 and at 50,000 assets (`BENCH_ASSETS`): how long a file takes to be read, compared and imported as one
 * transaction, how long a search takes, and how both grow. On a PostgreSQL of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAssetFile } from '../../gateway/assets/asset-csv.ts';
import type { AssetQuery } from '../../plan/register.ts';
import { provisionPostgres } from '../../processes/postgres/server.ts';
import type { Register } from '../../store/register/register.ts';
import { openStore } from '../../store/store.ts';
import { randomOf } from '../random.ts';
import { type Row, report } from '../report.ts';

const most = Number(process.env.BENCH_ASSETS ?? 50_000);
const sizes = [most / 10, most];
const searches = 400;

const models = ['Laptop 14 inch', 'Laptop 16 inch', 'Screen 27 inch', 'Dock', 'Phone', 'Tablet 11 inch'];
const sites = ['Berlin', 'Hamburg', 'Lyon', 'Porto', 'Gdansk', 'Graz'];
const statuses = ['Ready to Deploy', 'Ready to Deploy', 'Ready to Deploy', 'In Repair', 'Archived'];

interface Measured {
  importMs: number;
  p95Ms: number;
}

/** A file as a spreadsheet writes it. */
function csvOf(count: number): string {
  const next = randomOf(7);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
  const lines = ['tag,serialNumber,model,status,assignedTo,warrantyEnds,lifeEnds,location'];
  for (let n = 1; n <= count; n++) {
    const person = next() < 0.8 ? `person.${Math.floor((next() * count) / 3)}@example.com` : '';
    const day = `20${27 + Math.floor(next() * 4)}-0${1 + Math.floor(next() * 9)}-15`;
    lines.push(
      `EX-${n},SN${n.toString(36).toUpperCase()}X${n % 97},${pick(models)},${pick(statuses)},${person},${day},${day},${pick(sites)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function queryOf(turn: number, count: number, next: () => number): AssetQuery {
  const n = 1 + Math.floor(next() * count);
  const kinds: AssetQuery[] = [
    { tag: `EX-${n}` },
    { serialNumber: `SN${n.toString(36).toUpperCase()}` },
    { person: `person.${Math.floor(n / 3)}@example.com` },
    { text: `ex-${n}` },
    { text: 'laptop ber' },
    { text: `person.${Math.floor(n / 3)}` },
    { model: 'Laptop 14', status: 'In Repair' },
    { status: 'Archived' },
    { warrantyEndsBy: '2027-01-31' },
    { lifeEndsBy: '2028-06-30', status: 'Ready to Deploy' },
  ];
  return kinds[turn % kinds.length] ?? {};
}

async function imported(register: Register, text: string): Promise<number> {
  const before = performance.now();
  const file = readAssetFile(text);
  if ('problems' in file) throw new Error(file.problems.join(' '));
  const shown = await register.files.differences(file.rows, file.columns);
  const whose = { by: 'bench@example.com', file: 'assets.csv', sha256: '0'.repeat(64) };
  const done = await register.files.apply(file.rows, file.columns, whose, shown.digest);
  if (done.added.length !== file.rows.length) throw new Error('Not every asset was imported.');
  return performance.now() - before;
}

async function searched(register: Register, count: number): Promise<number> {
  const next = randomOf(11);
  const times: number[] = [];
  for (let turn = 0; turn < searches; turn++) {
    const query = queryOf(turn, count, next);
    const before = performance.now();
    await register.searchAssets(query);
    times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  return times[Math.ceil(times.length * 0.95) - 1] ?? 0;
}

async function measured(count: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-assets-'));
  const postgres = await provisionPostgres({ dataFolder: folder, log: () => {} });
  const store = await openStore(postgres.url);
  try {
    const importMs = await imported(store.register, csvOf(count));
    await searched(store.register, count);
    return { importMs, p95Ms: await searched(store.register, count) };
  } finally {
    await store.close();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

// Each size has a database of its own.
delete process.env.DATABASE_URL;
const results: Measured[] = [];
for (const size of sizes) results.push(await measured(size));
const [small, large] = results as [Measured, Measured];
const rows: Row[] = [
  {
    what: `${most} assets: import, differences shown first`,
    value: large.importMs / 1000,
    unit: 's',
    limit: 60,
    limitIs: 'at most',
  },
  {
    what: `${most} assets: search, p95`,
    value: large.p95Ms,
    unit: 'ms',
    limit: 50,
    limitIs: 'at most',
  },
  {
    what: 'import at ten times as many assets',
    value: large.importMs / small.importMs,
    unit: 'times',
    limit: 15,
    limitIs: 'at most',
  },
  {
    what: 'search p95 at ten times as many assets',
    value: large.p95Ms / small.p95Ms,
    unit: 'times',
    limit: 10,
    limitIs: 'at most',
  },
];
console.log(
  `${sizes[0]} assets: import ${(small.importMs / 1000).toFixed(1)} s, search p95 ${small.p95Ms.toFixed(1)} ms`,
);
report('assets', rows);
