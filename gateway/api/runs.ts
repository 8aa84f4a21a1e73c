/** Runs: start one, list them, look at one. */
import type { FastifyRequest } from 'fastify';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { titlesOf } from '../../presentation/step-titles.ts';
import type { RunFilter, RunRow } from '../../store/runs.ts';
import { isAddressedTo } from '../../workflows/addressed-to.ts';
import type { Principal, RunStatus, RunView, Ticket } from '../../workflows/messages.ts';
import { Problem } from '../problem.ts';
import { gives, journalEntry, outlineStep, runProperties, runView } from '../schemas/answers.ts';
import { afterQuery, anyObject, runId } from '../schemas/bodies.ts';
import { boolean, listOf, mapOf, object, open, text } from '../schemas/dsl.ts';
import { outlineOf } from './outline.ts';
import { type ApiParts, lookingAs, planNamed, type Routes, readableRun, who } from './request.ts';
import { mayStart } from './runbooks.ts';
import { openedFor } from './sealed.ts';
import { startKeyOf } from './update-id.ts';

const startBody = {
  type: 'object',
  required: ['runbook'],
  additionalProperties: false,
  properties: {
    runbook: { type: 'string', description: 'Name of the runbook.' },
    inputs: { ...anyObject, description: 'By name, as the runbook declares them.' },
    ticket: {
      type: 'object',
      description: 'The ticket it is about, where the runbook works on one.',
      required: ['system', 'key'],
      additionalProperties: false,
      properties: {
        system: { type: 'string' },
        key: { type: 'string' },
        url: { type: 'string' },
        summary: { type: 'string' },
      },
    },
  },
};

const moment = '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])(T[0-9:.]+(Z|[+-]\\d\\d:\\d\\d))?$';

export const listQuery = {
  type: 'object',
  properties: {
    status: { type: 'string', description: 'One or more, separated by commas.' },
    waitingFor: { type: 'string', enum: ['me'], description: 'Only runs that wait for whoever asks.' },
    overdue: {
      type: 'boolean',
      description: 'Only runs with a signature or a task whose time has passed.',
    },
    runbook: { type: 'string', description: 'Only runs of this runbook.' },
    q: {
      type: 'string',
      maxLength: 200,
      description:
        'Words, or beginnings of words, all of which a run must have: in title, subject, ticket, people, id, or inputs that are not sealed.',
    },
    concerning: {
      type: 'string',
      description:
        'Only runs that this person asked for, was asked in, or did something in: an e-mail address.',
    },
    from: {
      type: 'string',
      pattern: moment,
      description: 'Only runs that began then or later: a day, or RFC 3339.',
    },
    before: { type: 'string', pattern: moment, description: 'Only runs that began before then.' },
    limit: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
    afterStartedAt: { type: 'string', description: 'With `afterId`, the last run of the page before.' },
    afterId: { type: 'string' },
  },
};

const runs = object({ runs: listOf(object(runProperties)) });

const run = object({
  ...runProperties,
  titles: mapOf(text(), 'Step id to title.'),
  'live?': runView,
  'inputs?': open('By name; those of a live run, and of one that has ended while Temporal keeps it.'),
  'outputs?': open('By name, once it has ended.'),
  mayOperate: boolean('Whether whoever asks may retry, skip, pause or abort.'),
  mayStart: boolean('Whether whoever asks may start another run of this runbook.'),
  outline: listOf(outlineStep),
});

const journal = object({ status: text(), entries: listOf(journalEntry) });

const started = object({
  id: text('The run.'),
  started: boolean('False when the same request had started it before.'),
});

export const runRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
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
        const body = request.body as StartBody;
        const { runId: id, how } = await startByHand(body, who(request), parts, startKeyOf(request));
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
      async (request) => shownRun(await readableRun(request, store), request, parts),
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
  },
};

async function shownRun(row: RunRow, request: FastifyRequest, { store, runs, seal, library }: ApiParts) {
  const principal = who(request);
  const mayAct = lookingAs(request) === undefined;
  const view = await viewOf(row, runs);
  const plan = row.planHash ? await store.runs.plan(row.planHash) : undefined;
  const now = library().plans.get(row.runbook);
  return {
    ...row,
    titles: plan ? titlesOf(plan) : {},
    outline: plan ? outlineOf(plan, library().catalogue) : [],
    mayOperate: mayAct && !row.endedAt && isAddressedTo(row.owner, principal),
    mayStart: mayAct && now !== undefined && mayStart(now, principal),
    ...(view ? shownView({ ...view, inputs: openedFor(principal, view.inputs, plan, seal) }, row) : {}),
  };
}

/** Of a run that has ended, only what went in and what came out: the rest stands in its journal. */
function shownView(view: RunView, { endedAt }: RunRow) {
  const { inputs, outputs } = view;
  return { inputs, ...defined({ outputs, live: endedAt ? undefined : view }) };
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

async function startByHand(
  body: StartBody,
  requester: Principal,
  parts: ApiParts,
  /** The same for a request that is sent again. */
  key: string | undefined,
) {
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
    ...defined({ ticket }),
    cause: { type: 'manual', ...defined({ key }) },
  });
  if (started.how !== 'another cause') return started;
  throw new Problem(409, 'Already running', `A run for the same is live already: ${started.runId}.`);
}

export interface ListQuery {
  status?: string;
  waitingFor?: string;
  overdue?: boolean;
  runbook?: string;
  q?: string;
  concerning?: string;
  from?: string;
  before?: string;
  limit?: number;
  afterStartedAt?: string;
  afterId?: string;
}

export function filterOf(query: ListQuery, principal: Principal): RunFilter {
  const { status, waitingFor, overdue, runbook, limit, afterStartedAt, afterId } = query;
  return {
    ...defined({
      status: status ? (status.split(',') as RunStatus[]) : undefined,
      waitingFor: waitingFor === 'me' ? { person: principal.id, roles: principal.roles } : undefined,
      overdue: overdue || undefined,
      runbook: runbook || undefined,
      text: query.q?.trim() || undefined,
      // Whoever has no role sees their own alone, also of those that concern somebody else.
      concerning: unlessEmpty([
        ...(principal.roles.length === 0 ? [principal.id] : []),
        ...(query.concerning ? [query.concerning] : []),
      ]),
      began: unlessEmpty(defined({ from: query.from, before: query.before })),
      limit: limit || undefined,
      after: afterStartedAt && afterId ? { startedAt: afterStartedAt, id: afterId } : undefined,
    }),
  };
}
