/** What an auditor gets: a run's records, the check of them with this installation's keys, and all of it as one file. */

import { setTimeout as pause } from 'node:timers/promises';
import { defined } from '../../plan/defined.ts';
import type { AuditFile } from '../../store/audit/file.ts';
import { type Verdict, verify } from '../../store/audit/verify.ts';
import type { RunRow } from '../../store/runs.ts';
import type { Store } from '../../store/store.ts';
import type { Seal } from '../../vault/seal.ts';
import { notFound } from '../problem.ts';
import { gives } from '../schemas/answers.ts';
import { runId } from '../schemas/bodies.ts';
import { listOf, object, open, text } from '../schemas/dsl.ts';
import { type Routes, readableRun } from './request.ts';

const auditRecord = open(
  'One record: its number, moment, kind, step, actor and data, bound to the one before.',
);

const auditRecords = object({
  run: text(),
  records: listOf(auditRecord),
  'next?': { type: 'integer', description: 'Number to go on after.' },
});

const verdict = open('Whether the records are whole and agree with the journal, and what does not.');

const auditFile = open('Records, journal, plan and head of one run.');

const tags = ['audit'];
const largestPage = 1_000;

const pageQuery = {
  type: 'object',
  properties: {
    after: {
      type: 'integer',
      minimum: 0,
      default: 0,
      description: 'Number of the last record of the page before.',
    },
    limit: { type: 'integer', minimum: 1, maximum: largestPage, default: largestPage },
  },
};

export const auditRoutes: Routes = {
  for: 'as kept',
  add(api, { store, seal }) {
    api.get(
      '/runs/:id/audit',
      {
        schema: {
          summary: 'What was put on record of a run',
          tags,
          params: runId,
          querystring: pageQuery,
          response: gives(auditRecords),
        },
      },
      async (request) => {
        const { id } = await readableRun(request, store);
        const { after, limit } = request.query as { after: number; limit: number };
        const records = await store.audit.records(id, after, limit);
        const last = records.at(-1);
        return {
          run: id,
          records,
          ...defined({ next: last && records.length === limit ? last.seq : undefined }),
        };
      },
    );
    api.get(
      '/runs/:id/audit/verify',
      {
        schema: {
          summary: 'Whether a run’s records are whole, and agree with its journal',
          tags,
          params: runId,
          response: gives(verdict),
        },
      },
      async (request) => verdictOf(await readableRun(request, store), { store, seal }),
    );
    api.get(
      '/runs/:id/audit/export',
      {
        schema: {
          summary: 'Records, journal and plan of a run, to be kept or checked elsewhere',
          tags,
          params: runId,
          response: gives(auditFile),
        },
      },
      async (request) => fileOf(await readableRun(request, store), store),
    );
  },
};

/** What a live run was just told comes into its journal a moment later, and is asked for where it was lost. */
const awaitedMs = 4_000;
const againMs = 250;

async function verdictOf(row: RunRow, { store, seal }: { store: Store; seal: Seal }): Promise<Verdict> {
  const end = Date.now() + awaitedMs;
  for (let asked = false; ; ) {
    const verdict = verify(await fileOf(row, store), seal);
    const { findings } = verdict;
    if (Date.now() > end || findings.length === 0 || findings.some(({ awaited }) => !awaited)) return verdict;
    if (!asked) await store.comparisons.ask(row.id);
    asked = true;
    await pause(againMs);
  }
}

async function fileOf({ id }: RunRow, store: Store): Promise<AuditFile> {
  const file = await store.audit.file(id);
  if (file) return file;
  throw notFound(`There is no run "${id}" any more.`);
}
