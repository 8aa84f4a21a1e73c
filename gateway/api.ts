/** The REST API under /api/v1: what the command line, the console and other programs use. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { descriptions } from '../activities/index.ts';
import type { Seal } from '../activities/kit/seal.ts';
import { catalogueOf } from '../compiler/catalogue.ts';
import type { JsonObject, Plan } from '../compiler/plan.ts';
import type { RunFilter, RunRow } from '../store/runs.ts';
import type { Store } from '../store/store.ts';
import { checkedAmendment, checkedCompletion } from '../worker/command-checks.ts';
import {
  type Principal,
  type RunStatus,
  type RunView,
  type Ticket,
  updates,
  type VoteReceipt,
} from '../workflows/messages.ts';
import { notFound, Problem } from './problem.ts';
import type { Library } from './runbooks.ts';
import * as schemas from './schemas.ts';
import type { SignIn } from './sign-in/local.ts';
import type { RunStarter } from './start-run.ts';
import type { RunService } from './temporal.ts';

export interface ApiParts {
  library: () => Library;
  store: Store;
  runs: RunService;
  starter: RunStarter;
  signIn: SignIn;
  /** Seals what people hand in and nobody else may read. */
  seal: Seal;
}

interface RunParams {
  id: string;
  step: string;
}

export function apiRoutes(api: FastifyInstance, parts: ApiParts): void {
  const { store, runs, signIn } = parts;
  const who = (request: FastifyRequest): Principal => signIn.principal(request.headers);
  api.addHook('onRequest', async (request) => {
    if (!request.url.endsWith('/openapi.json')) who(request);
  });

  api.get('/me', { schema: { summary: 'Who is signed in', tags: ['people'] } }, async (request) =>
    who(request),
  );

  api.get('/runbooks', { schema: { summary: 'Every runbook', tags: ['runbooks'] } }, async () => ({
    runbooks: [...parts.library().plans.values()].map(summaryOf),
  }));
  api.get(
    '/runbooks/:name',
    { schema: { summary: 'One runbook, with its inputs', tags: ['runbooks'] } },
    async (request) => {
      const plan = planNamed((request.params as { name: string }).name, parts);
      return { ...summaryOf(plan), inputs: plan.inputs, needsTicket: plan.needsTicket ?? false };
    },
  );

  api.post(
    '/runs',
    { schema: { summary: 'Start a run', tags: ['runs'], body: schemas.startBody } },
    async (request, reply) => {
      const started = await startByHand(request.body as StartBody, who(request), parts);
      return reply
        .code(started.how === 'started' ? 201 : 200)
        .send({ id: started.runId, started: started.how === 'started' });
    },
  );
  api.get(
    '/runs',
    { schema: { summary: 'Runs, the newest first', tags: ['runs'], querystring: listQuery } },
    async (request) => {
      const rows = await store.runs.list(filterOf(request.query as ListQuery, who(request)));
      return { runs: rows };
    },
  );
  api.get(
    '/runs/:id',
    { schema: { summary: 'One run as it stands', tags: ['runs'], params: schemas.runId } },
    async (request) => {
      const row = await runOf(request, store);
      const view = row.endedAt ? undefined : await liveView(row, runs);
      const plan = row.planHash ? await store.runs.plan(row.planHash) : undefined;
      return { ...row, titles: plan ? titlesOf(plan) : {}, ...(view ? { live: view } : {}) };
    },
  );
  api.get(
    '/runs/:id/journal',
    { schema: { summary: 'All that happened in a run', tags: ['runs'], params: schemas.runId } },
    async (request) => {
      const row = await runOf(request, store);
      const { after } = request.query as { after?: string };
      return { status: row.status, entries: await store.runs.journal(row.id, Number(after ?? 0) || 0) };
    },
  );
  api.get(
    '/runs/:id/steps/:step/gate',
    {
      schema: {
        summary: 'What is to be signed, and its hash',
        tags: ['signing'],
        params: schemas.runAndStep,
      },
    },
    async (request) => {
      const row = await runOf(request, store);
      const { step } = request.params as RunParams;
      const view = await runs.view(row.workflowId, row.id);
      const gate = view.gates.find((open) => open.step === step);
      if (gate) return gate;
      const open = view.gates.map((each) => each.step).join(', ') || 'none';
      throw notFound(`No approval "${step}" is open in run ${row.id}. Open now: ${open}.`);
    },
  );
  api.post(
    '/runs/:id/steps/:step/vote',
    {
      schema: {
        summary: 'Approve or reject',
        tags: ['signing'],
        params: schemas.runAndStep,
        body: schemas.voteBody,
      },
    },
    async (request) => {
      const row = await runOf(request, store);
      const body = {
        ...(request.body as JsonObject),
        step: (request.params as RunParams).step,
        principal: who(request),
      };
      return runs.update<VoteReceipt>(row.workflowId, row.id, updates.vote, body, updateIdOf(request));
    },
  );
  commandRoutes(api, parts, who);
}

/** What operators may tell a run. Whether they may is the run's own decision. */
function commandRoutes(
  api: FastifyInstance,
  parts: ApiParts,
  who: (request: FastifyRequest) => Principal,
): void {
  const { store, runs } = parts;
  const route = (path: string, update: string, summary: string, params: object, body: object) =>
    api.post(path, { schema: { summary, tags: ['operating'], params, body } }, async (request) => {
      const row = await runOf(request, store);
      const { step } = request.params as Partial<RunParams>;
      const given = (request.body ?? {}) as JsonObject;
      const command = {
        ...given,
        ...(await handedIn(update, given, step ?? '', row, parts)),
        ...(step ? { step } : {}),
        principal: who(request),
      };
      await runs.update(row.workflowId, row.id, update, command, updateIdOf(request));
      return { id: row.id, done: update };
    });
  const { runId, runAndStep, commandBody } = schemas;
  route(
    '/runs/:id/steps/:step/retry',
    updates.retry,
    'Try a parked step again',
    runAndStep,
    schemas.retryBody,
  );
  route('/runs/:id/steps/:step/skip', updates.skip, 'Go on without a parked step', runAndStep, commandBody);
  route(
    '/runs/:id/steps/:step/complete',
    updates.complete,
    'Report a task or a parked step as done',
    runAndStep,
    schemas.completeBody,
  );
  route(
    '/runs/:id/steps/:step/reassign',
    updates.reassign,
    'Ask others to sign',
    runAndStep,
    schemas.reassignBody,
  );
  route('/runs/:id/abort', updates.abort, 'End a run and take its steps back', runId, commandBody);
  route('/runs/:id/pause', updates.pause, 'Hold a run before its next step', runId, commandBody);
  route('/runs/:id/resume', updates.resume, 'Let a paused run go on', runId, commandBody);
  route('/runs/:id/amend', updates.amend, 'Change inputs of a live run', runId, schemas.amendBody);
}

/** Output and inputs that people give are held to their form here; those that do not fit never reach the run. */
async function handedIn(
  update: string,
  given: JsonObject,
  step: string,
  row: RunRow,
  { runs, store, seal }: ApiParts,
): Promise<JsonObject> {
  if (update === updates.complete) {
    const view = await runs.view(row.workflowId, row.id);
    const output = given.output as JsonObject;
    const { value, problems } = checkedCompletion(view, step, output, catalogue, seal);
    if (problems.length > 0)
      throw new Problem(422, 'The output does not fit', `What "${step}" gives: ${problems.join(' ')}`);
    return { output: value };
  }
  if (update !== updates.amend || !row.planHash) return {};
  const plan = await store.runs.plan(row.planHash);
  if (!plan) return {};
  const { value, problems } = checkedAmendment(plan, given.inputs as JsonObject, seal);
  if (problems.length > 0)
    throw new Problem(422, 'The inputs do not fit', `${plan.title}: ${problems.join(' ')}`);
  return { inputs: value };
}

const catalogue = catalogueOf(descriptions());

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
  const may = trigger.by.some((by) =>
    by.startsWith('role:') ? requester.roles.includes(by.slice(5)) : by.toLowerCase() === requester.id,
  );
  if (!may) {
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
  if (started.how === 'started') return started;
  throw new Problem(
    409,
    'Already running',
    `A run for the same is live already: ${started.runId}. Look at it with \`countersign show ${started.runId}\`.`,
  );
}

function planNamed(name: string, parts: ApiParts): Plan {
  const { plans } = parts.library();
  const plan = plans.get(name);
  if (plan) return plan;
  throw notFound(
    `There is no runbook "${name}". There are: ${[...plans.keys()].sort().join(', ') || 'none'}.`,
  );
}

function summaryOf(plan: Plan) {
  const { runbook, title, kind, owner, description, hash } = plan;
  return { runbook, title, kind, owner, ...(description ? { description } : {}), hash };
}

/** Step id -> title, of every step wherever it stands. */
function titlesOf(plan: Plan): Record<string, string> {
  const titles: Record<string, string> = {};
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
    } else if (typeof value === 'object' && value !== null) {
      const { id, kind, title, ...rest } = value as { id?: unknown; kind?: unknown; title?: unknown };
      if (typeof id === 'string' && typeof kind === 'string')
        titles[id] = typeof title === 'string' ? title : id;
      for (const item of Object.values(rest)) visit(item);
    }
  };
  visit(plan.steps);
  visit(plan.finally);
  return titles;
}

async function runOf(request: FastifyRequest, store: Store): Promise<RunRow> {
  const { id } = request.params as RunParams;
  const row = await store.runs.find(id);
  if (row === 'ambiguous')
    throw new Problem(409, 'Ambiguous', `Several runs begin with "${id}". Give more of the id.`);
  if (row) return row;
  throw notFound(`There is no run "${id}". See the runs with \`countersign runs\`.`);
}

/** The run's own view; while Temporal or the worker is away, the index must do. */
async function liveView(row: RunRow, runs: RunService): Promise<RunView | undefined> {
  try {
    return await runs.view(row.workflowId, row.id);
  } catch {
    return undefined;
  }
}

interface ListQuery {
  status?: string;
  waitingFor?: string;
  limit?: number;
  afterStartedAt?: string;
  afterId?: string;
}

const listQuery = {
  type: 'object',
  properties: {
    status: { type: 'string', description: 'One or more, separated by commas.' },
    waitingFor: { type: 'string', enum: ['me'], description: 'Only runs that wait for whoever asks.' },
    limit: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
    afterStartedAt: { type: 'string', description: 'With `afterId`, the last run of the page before.' },
    afterId: { type: 'string' },
  },
};

function filterOf(query: ListQuery, principal: Principal): RunFilter {
  const { status, waitingFor, limit, afterStartedAt, afterId } = query;
  return {
    ...(status ? { status: status.split(',') as RunStatus[] } : {}),
    ...(waitingFor === 'me' ? { waitingFor: { person: principal.id, roles: principal.roles } } : {}),
    ...(limit ? { limit } : {}),
    ...(afterStartedAt && afterId ? { after: { startedAt: afterStartedAt, id: afterId } } : {}),
  };
}

/** The same request sent twice (a retry after a lost answer) counts once, if it says so with an Idempotency-Key. */
function updateIdOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  return typeof key === 'string' && key.length <= 200 ? key : randomUUID();
}
