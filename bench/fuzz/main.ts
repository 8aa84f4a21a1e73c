/**
 * Feeds the compiler mutated and generated documents (100,000, or `BENCH_DOCUMENTS`): never a crash, never a hang, always
 * a position inside the file. `BENCH_SEED` begins elsewhere.
 */
import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { report } from '../report.ts';
import type { Message } from './worker.ts';

const documents = Number(process.env.BENCH_DOCUMENTS ?? 100_000);
const firstSeed = Number(process.env.BENCH_SEED ?? 0);
const processes = 2;
/** A hundred documents take much less than a second. */
const hangMs = 60_000;

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..');

interface Found {
  complaints: { seed: number; complaint: string }[];
  slowestMs: number;
  hangs: number;
}

function part(from: number, to: number, found: Found): Promise<void> {
  return new Promise((resolve) => {
    const child = fork(join(here, 'worker.js'), [root, String(from), String(to)]);
    let last = from;
    let over = false;
    const hung = () => {
      found.hangs += 1;
      found.complaints.push({
        seed: last,
        complaint: `no answer within ${hangMs / 1000} s, from this seed on`,
      });
      child.kill('SIGKILL');
    };
    let watch = setTimeout(hung, hangMs);
    child.on('message', (message: Message) => {
      clearTimeout(watch);
      watch = setTimeout(hung, hangMs);
      if ('done' in message) over = true;
      else {
        last = message.seed;
        if ('complaint' in message) found.complaints.push(message);
        else found.slowestMs = Math.max(found.slowestMs, message.ms);
      }
    });
    child.on('exit', (code) => {
      clearTimeout(watch);
      if (!over)
        found.complaints.push({ seed: last, complaint: `the process ended with ${code} after this seed` });
      resolve();
    });
  });
}

const found: Found = { complaints: [], slowestMs: 0, hangs: 0 };
const started = performance.now();
const each = Math.ceil(documents / processes);
await Promise.all(
  Array.from({ length: processes }, (_, index) =>
    part(firstSeed + index * each, firstSeed + Math.min(documents, (index + 1) * each), found),
  ),
);
for (const { seed, complaint } of found.complaints.slice(0, 20)) console.error(`seed ${seed}: ${complaint}`);
console.error(`${documents} documents in ${Math.round((performance.now() - started) / 1000)} s`);
report('fuzz', [
  { what: 'documents', value: documents, unit: 'documents', limit: 100_000, limitIs: 'at least' },
  {
    what: 'crashes, and positions outside the file',
    value: found.complaints.length,
    unit: 'documents',
    limit: 0,
    limitIs: 'at most',
  },
  {
    what: 'slowest document over a second',
    value: Math.round(found.slowestMs),
    unit: 'ms',
    limit: 10_000,
    limitIs: 'at most',
  },
]);
