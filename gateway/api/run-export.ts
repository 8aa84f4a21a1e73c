/** The runs of a list as a table for spreadsheets: one line a run, with nothing in it that is sealed. */
import { Readable } from 'node:stream';
import type { JsonObject } from '../../plan/plan.ts';
import { csvText } from '../../plan/tables.ts';
import type { RunFilter, RunRow } from '../../store/runs.ts';
import { problem } from '../schemas/answers.ts';
import { type ApiParts, type Routes, who } from './request.ts';
import { filterOf, type ListQuery, listQuery } from './runs.ts';

/** More than a spreadsheet is good for; an export of all there is belongs to the database. */
const mostLines = 50_000;
const pageSize = 500;

const columns = [
  'run',
  'runbook',
  'title',
  'subject',
  'ticket',
  'status',
  'reason',
  'askedBy',
  'owner',
  'started',
  'ended',
  'hours',
  'waitsFor',
];

const { limit: _, afterStartedAt: __, afterId: ___, ...filters } = listQuery.properties;

export const runExportRoutes: Routes = {
  for: 'signed in',
  add(api, { store }) {
    api.get(
      '/runs.csv',
      {
        schema: {
          summary: 'Runs as CSV, the newest first, by the filters of the list',
          tags: ['runs', 'audit'],
          querystring: { type: 'object', properties: filters },
          response: {
            200: {
              description: `RFC 4180, in UTF-8; at most ${mostLines} lines.`,
              content: { 'text/csv': { schema: { type: 'string' } } },
            },
            '4xx': problem,
            '5xx': problem,
          },
        },
      },
      async (request, reply) => {
        const filter = filterOf(request.query as ListQuery, who(request));
        // The first page is read before anything is answered, so that what cannot be read is an error and no half table.
        const first = await store.runs.list({ ...filter, limit: pageSize });
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', 'attachment; filename="runs.csv"')
          .send(Readable.from(linesOf(store, filter, first)));
      },
    );
  },
};

async function* linesOf(
  store: ApiParts['store'],
  filter: RunFilter,
  first: readonly RunRow[],
): AsyncGenerator<string> {
  // Spreadsheets take a file without this mark for one in an alphabet of their own.
  yield `\uFEFF${csvText([], columns)}`;
  let page = first;
  for (let lines = 0; page.length > 0 && lines < mostLines; lines += page.length) {
    yield csvText(page.map(lineOf), columns).replace(/^[^\n]*\n/, '');
    const after = page.at(-1);
    if (page.length < pageSize || !after) return;
    page = await store.runs.list({ ...filter, limit: pageSize, after });
  }
}

function lineOf(run: RunRow): JsonObject {
  const { startedAt, endedAt } = run;
  const hours = endedAt ? (Date.parse(endedAt) - Date.parse(startedAt)) / 3_600_000 : undefined;
  const waits = run.waitingOn.map(({ title, people, role }) =>
    [title, ...people, ...(role ? [`role:${role}`] : [])].join(' '),
  );
  return {
    run: run.id,
    runbook: run.runbook,
    title: run.title,
    subject: run.subject ?? '',
    ticket: run.ticket?.key ?? '',
    status: run.status,
    reason: run.reason ?? '',
    askedBy: run.requester,
    owner: run.owner,
    started: startedAt,
    ended: endedAt ?? '',
    hours: hours === undefined ? '' : Math.round(hours * 100) / 100,
    waitsFor: endedAt ? '' : waits.join('; '),
  };
}
