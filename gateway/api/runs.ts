/** Runs: start one, list them, look at one. */
import type { FastifyInstance } from 'fastify';
import type { JsonObject } from '../../plan/plan.ts';
import type { RunFilter, RunRow } from '../../store/runs.ts';
import { isAddressedTo } from '../../workflows/addressed-to.ts';
import type { Principal, RunStatus, RunView, Ticket } from '../../workflows/messages.ts';
import { Problem } from '../problem.ts';
import { gives, journal, run, runs, started } from '../schemas/answers.ts';
import { afterQuery, listQuery, runId, startBody } from '../schemas/bodies.ts';
import { outlineOf, titlesOf } from './outline.ts';
import { type ApiParts, planNamed, readableRun, who } from './request.ts';
import { mayStart } from './runbooks.ts';
import { openedFor } from './sealed.ts';

export function runRoutes(api: FastifyInstance, parts: ApiParts): void {
  const { store } = parts;
  const tags = ['runs'];

  api.post(
    '/runs',
    {
      schema: {
        summary: 'Start a run',
        tags,
        body: startBody,
        response: { ...gives(started), ...gives(started, 201) },
      },
    },
    async (request, reply) => {
      const { runId: id, how } = await startByHand(request.body as StartBody, who(request), parts);
      return reply.code(how === 'started' ? 201 : 200).send({ id, started: how === 'started' });
    },
  );
  api.get(
    '/runs',
    {
      schema: {
        summary: 'Runs, the newest first',
        tags,
        querystring: listQuery,
        response: gives(runs),
      },
    },
    async (request) => ({
      runs: await store.runs.list(filterOf(request.query as ListQuery, who(request))),
    }),
  );
  api.get(
    '/runs/:id',
    { schema: { summary: 'One run as it stands', tags, params: runId, response: gives(run) } },
    async (request) => shownRun(await readableRun(request, store), who(request), parts),
  );
  api.get(
    '/runs/:id/journal',
    {
      schema: {
        summary: 'All that happened in a run',
        tags,
        params: runId,
        querystring: afterQuery,
        response: gives(journal),
      },
    },
    async (request) => {
      const row = await readableRun(request, store);
      const { after } = request.query as { after: number };
      return { status: row.status, entries: await store.runs.journal(row.id, after) };
    },
  );
}

async function shownRun(row: RunRow, principal: Principal, { store, runs, seal }: ApiParts) {
  const view = await viewOf(row, runs);
  const plan = row.planHash ? await store.runs.plan(row.planHash) : undefined;
  return {
    ...row,
    titles: plan ? titlesOf(plan) : {},
    outline: plan ? outlineOf(plan) : [],
    mayOperate: !row.endedAt && isAddressedTo(row.owner, principal),
    ...(view ? shownView({ ...view, inputs: openedFor(principal, view.inputs, plan, seal) }, row) : {}),
  };
}

/** Of a run that has ended, only what went in and what came out: the rest stands in its journal. */
function shownView(view: RunView, { endedAt }: RunRow) {
  const { inputs, outputs } = view;
  return { inputs, ...(outputs ? { outputs } : {}), ...(endedAt ? {} : { live: view }) };
}

/** The run's own view; while Temporal or the worker is away, or Temporal has forgotten the run, the index must do. */
async function viewOf(row: RunRow, runs: ApiParts['runs']): Promise<RunView | undefined> {
  try {
    return await runs.view(row.workflowId, row.id);
  } catch {
    return undefined;
  }
}

interface StartBody {
  runbook: string;
  inputs?: JsonObject;
  ticket?: { system: string; key: string; url?: string; summary?: string };
}

async function startByHand(body: StartBody, requester: Principal, parts: ApiParts) {
  const plan = planNamed(body.runbook, parts);
  const trigger = plan.triggers.find((each) => each.type === 'manual');
  if (!trigger) {
    throw new Problem(
      403,
      'Not started by hand',
      `${plan.runbook} has no \`manual\` trigger, so only its tickets start it.`,
    );
  }
  if (!mayStart(plan, requester)) {
    throw new Problem(
      403,
      'Not allowed',
      `${requester.id} may not start ${plan.runbook}. Those who may: ${trigger.by.join(', ')}.`,
    );
  }
  const ticket: Ticket | undefined = body.ticket && {
    system: body.ticket.system,
    key: body.ticket.key,
    id: body.ticket.key,
    url: body.ticket.url ?? '',
    summary: body.ticket.summary ?? '',
  };
  const started = await parts.starter.start({
    plan,
    inputs: body.inputs ?? {},
    requester,
    ...(ticket ? { ticket } : {}),
    cause: { type: 'manual' },
  });
  if (started.how !== 'another cause') return started;
  throw new Problem(
    409,
    'Already running',
    `A run for the same is live already: ${started.runId}. Look at it with \`countersign show ${started.runId}\`.`,
  );
}

interface ListQuery {
  status?: string;
  waitingFor?: string;
  runbook?: string;
  limit?: number;
  afterStartedAt?: string;
  afterId?: string;
}

function filterOf(query: ListQuery, principal: Principal): RunFilter {
  const { status, waitingFor, runbook, limit, afterStartedAt, afterId } = query;
  return {
    ...(status ? { status: status.split(',') as RunStatus[] } : {}),
    ...(waitingFor === 'me' ? { waitingFor: { person: principal.id, roles: principal.roles } } : {}),
    ...(runbook ? { runbook } : {}),
    ...(principal.roles.length === 0 ? { concerning: principal.id } : {}),
    ...(limit ? { limit } : {}),
    ...(afterStartedAt && afterId ? { after: { startedAt: afterStartedAt, id: afterId } } : {}),
  };
}
