/** What a stand-in that speaks HTTP tells `start.ts`, which hosts all of them on one server. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Effects } from './effects.ts';
import type { Faults } from './faults.ts';
import type { Directory } from './graph/directory.ts';

/** What all stand-ins share. */
export interface Shared {
  effects: Effects;
  faults: Faults;
  /** The people and groups of the invented company. */
  directory: Directory;
  /** Of the server, once it listens. */
  url: () => string;
}

export interface StandIn {
  /** Its name in effects, faults and the log of requests. */
  system: string;
  /** Requests whose path begins so are its own: logged, delayed, struck by faults. */
  prefix: string;
  /** The part of those paths that stands before the service's own, for its contract. */
  base?: string;
  routes(app: FastifyInstance): void;
  /** What people do in the system's own pages, for the demo and the tests: routes below `/_sandbox/SYSTEM/`. */
  people?(app: FastifyInstance): void;
  /** For `GET /_sandbox/state`. */
  state?(): Record<string, unknown>;
  /** Forgets everything, after the effects have been reset. */
  reset?(): void;
  /** The `connectors:` part of a configuration that points here. */
  connectors?(url: string): Record<string, Record<string, unknown>>;
  /** Secrets that runbooks hand over themselves, by the environment variables in which the repository's configuration looks for them. */
  environment?: Record<string, string>;
  /** Of a request at a path that it plays: that it does not play this one. */
  isUnknown?(request: FastifyRequest): boolean;
  /** Of a request: that it is about something of its own, so that its word holds, also that there is none. */
  isOwn?(request: FastifyRequest): boolean;
  /** Of an answer of success: that it says there is no such thing. */
  lacks?(answer: string): boolean;
  /** Of a declared one beside it: how it takes what the other does not know. */
  beside?: Beside;
  /** An error in the system's own form, when a fault asks for a status. */
  errorBody(status: number, request: FastifyRequest, reply: FastifyReply): unknown;
}

/** How a declared stand-in is met at the addresses of another. */
export interface Beside {
  /** The connector at whose addresses its requests come in. */
  connector: string;
  /** Its settings, with `${{ url }}` for its own address. */
  settings: Record<string, unknown>;
  /** Undefined when it has no such route either. `made`: only of lists, and of these what was made since the start. */
  play(request: FastifyRequest, path: string, url: string, only?: 'made'): BesideAnswer | undefined;
}

export interface BesideAnswer {
  status: number;
  answer: unknown;
  headers: Record<string, string>;
}

/** Whose request it is. */
export function ownOf(standIns: readonly StandIn[], url: string): StandIn | undefined {
  return standIns.find(({ prefix }) => url.startsWith(prefix));
}

/** What services say on a bad day. */
export function badDayWords(status: number): string {
  if (status === 401) return 'Access token has expired or is not yet valid.';
  if (status === 429) return 'Too many requests. Try again later.';
  return 'The service is unavailable.';
}
