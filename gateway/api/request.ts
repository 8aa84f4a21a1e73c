/** What the API's routes share: their parts, who is asking, which run and which runbook is meant. */

import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TicketFiles } from '../../activities/ticket-files.ts';
import type { Calendars } from '../../organisation/calendars.ts';
import type { Roles } from '../../organisation/people.ts';
import { readOnlyRoleOf } from '../../organisation/read-only.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Changes } from '../../store/listen.ts';
import type { RunRow } from '../../store/runs.ts';
import type { Store } from '../../store/store.ts';
import type { Seal } from '../../vault/seal.ts';
import type { Principal, RunView } from '../../workflows/messages.ts';
import type { AuditedRuns } from '../audited-runs.ts';
import type { Followed } from '../git/follower.ts';
import type { Receiver } from '../hooks/receive.ts';
import type { Hosts } from '../hosts.ts';
import type { EventDesk } from '../outside-events.ts';
import { notFound, Problem } from '../problem.ts';
import type { Library } from '../runbooks.ts';
import type { BackChannel } from '../sign-in/back-channel.ts';
import type { CodeSignIn } from '../sign-in/codes.ts';
import type { OidcSignIn } from '../sign-in/oidc.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import type { RunStarter } from '../start-run.ts';
import type { Streams } from './streams.ts';

export interface ApiParts {
  library: () => Library;
  /** The branch that the runbooks are taken from, if any. */
  source: () => Followed | undefined;
  calendars: () => Calendars;
  /** As configured, with the members of their groups as last looked up. */
  roles: () => Roles;
  store: Store;
  changes: Changes;
  streams: Streams;
  runs: Pick<AuditedRuns, 'view' | 'update' | 'refused' | 'ping' | 'terminate'>;
  events: Pick<EventDesk, 'keep' | 'list'>;
  receiver: Receiver;
  starter: Pick<RunStarter, 'start'>;
  /** Of tickets of this system; undefined where they are not read. */
  ticketFiles: (system: string) => Promise<TicketFiles | undefined>;
  hosts: Hosts;
  signIn: SignIn;
  codes: CodeSignIn;
  oidc: OidcSignIn;
  backChannel: BackChannel;
  /** Seals what people hand in and nobody else may read. */
  seal: Seal;
}

/** The routes of one file. `registry.ts` is generated of all that files of this folder export. */
export interface Routes {
  /**
   * Whom they answer: anybody; people who are signed in, without sealed values; or these with answers as they are kept,
   * sealed values among them, because digests on record are over exactly that.
   */
  for: 'anybody' | 'signed in' | 'as kept';
  add(api: FastifyInstance, parts: ApiParts): void;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What it changes is whoever asks their own, so that those may who only look: their session, their lists. */
    ownOnly?: true;
  }
}

const principals = new WeakMap<FastifyRequest, Principal>();
/** Of requests of people who only look, by which role. */
const lookers = new WeakMap<FastifyRequest, string>();
const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * From here on nobody is answered who is not signed in, and nothing is changed by those who only look: held here and not in each route,
 * so that none can forget it.
 */
export function requireSignIn(
  api: FastifyInstance,
  { signIn, library }: Pick<ApiParts, 'signIn' | 'library'>,
): void {
  api.addHook('onRequest', async (request) => {
    const principal = await signIn.principal(request);
    principals.set(request, principal);
    const role = readOnlyRoleOf(principal, library().configuration.roles);
    if (role === undefined) return;
    lookers.set(request, role);
    if (reading.has(request.method) || request.routeOptions.config.ownOnly) return;
    throw new Problem(403, 'Only looking', onlyLooks(principal.id, role), {
      type: 'urn:countersign:ReadOnly',
    });
  });
}

export function onlyLooks(person: string, role: string): string {
  return `${person} has the role ${role}, which is read-only: its people see everything and change nothing.`;
}

/** The role because of which whoever asks only looks; undefined for everybody else. */
export function lookingAs(request: FastifyRequest): string | undefined {
  return lookers.get(request);
}

export function who(request: FastifyRequest): Principal {
  const principal = principals.get(request);
  if (principal) return principal;
  throw new Error(`${request.routeOptions.url} is answered without asking who is signed in`);
}

/** The run that a path names, by its id or as much of it as is unique. */
export async function runOf(request: FastifyRequest, store: Store): Promise<RunRow> {
  const { id } = request.params as { id: string };
  const row = await store.runs.find(id);
  if (row === 'ambiguous')
    throw new Problem(409, 'Ambiguous', `Several runs begin with "${id}". Give more of the id.`);
  if (row) return row;
  throw notFound(`There is no run "${id}".`);
}

/**
 * The same, for whoever looks at it. People of the IT department, who have a role, may look at every run; others at those that
 * they asked for, were asked in, or did something in.
 */
export async function readableRun(request: FastifyRequest, store: Store): Promise<RunRow> {
  const row = await runOf(request, store);
  const { id, roles } = who(request);
  if (roles.length > 0 || (await store.runs.concerns(row.id, id))) return row;
  throw new Problem(
    403,
    'Not allowed',
    `${id} may not see this run: without a role, people see the runs that they asked for or were asked in.`,
  );
}

/**
 * The same, for whoever is about to do something in it. What the index has not heard yet the run itself knows: nobody who was asked a
 * moment ago is turned away.
 */
export async function addressedRun(
  request: FastifyRequest,
  { store, runs }: Pick<ApiParts, 'store' | 'runs'>,
): Promise<RunRow> {
  try {
    return await readableRun(request, store);
  } catch (error) {
    const row = await runOf(request, store);
    const view = row.endedAt ? undefined : await runs.view(row.workflowId, row.id).catch(() => undefined);
    const { id } = who(request);
    if (view && (isAskedIn(view, id) || (await isHeardOf(() => store.runs.concerns(row.id, id))))) return row;
    throw error;
  }
}

/** Whoever has answered is asked no more, and sends it again when the answer was lost: the index hears of both within moments. */
async function isHeardOf(heard: () => Promise<boolean>): Promise<boolean> {
  for (let looks = 0; looks < indexLooks; looks++) {
    if (await heard()) return true;
    await pause(indexLookMs);
  }
  return false;
}

const indexLooks = 8;
const indexLookMs = 250;

function isAskedIn({ gates, tasks }: RunView, person: string): boolean {
  return (
    gates.some((gate) => gate.approvers.includes(person) || gate.recorders?.includes(person)) ||
    tasks.some(({ people }) => people.includes(person))
  );
}

export function stepOf(request: FastifyRequest): string {
  return (request.params as { step?: string }).step ?? '';
}

export function planNamed(name: string, { library }: Pick<ApiParts, 'library'>): Plan {
  const { plans } = library();
  const plan = plans.get(name);
  if (plan) return plan;
  throw notFound(
    `There is no runbook "${name}". There are: ${[...plans.keys()].sort().join(', ') || 'none'}.`,
  );
}
