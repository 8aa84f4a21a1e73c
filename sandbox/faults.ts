/** Faults on demand: what services do on a bad day, for a number of requests or with a probability. */
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface Fault {
  system?: 'graph' | 'jira' | 'smtp' | 'login';
  method?: string;
  /** Regular expression over the path. */
  path?: string;
  /** How many requests it meets; without it, all. */
  times?: number;
  /** Share of the requests it meets, from 0 to 1. */
  probability?: number;
  /**
   * `status`: answers with `status` and `retryAfter` seconds. `timeout`: never answers. `reset`: closes the connection
   * without doing anything. `delay`: answers after `delayMs`. `lostAnswer`: does it, then closes the connection without
   * an answer. `notFoundAfterCreate`: a user answers 404 for `delayMs` after being created.
   */
  kind: 'status' | 'timeout' | 'reset' | 'delay' | 'lostAnswer' | 'notFoundAfterCreate';
  status?: number;
  retryAfter?: number;
  delayMs?: number;
}

export class Faults {
  private faults: Fault[] = [];

  add(fault: Fault): void {
    this.faults.push({ ...fault });
  }

  clear(): void {
    this.faults = [];
  }

  list(): Fault[] {
    return this.faults;
  }

  /** The first fault that meets this request, counted down. */
  meet(system: string, method: string, path: string): Fault | undefined {
    const fault = this.faults.find(
      (candidate) =>
        candidate.kind !== 'notFoundAfterCreate' &&
        (!candidate.system || candidate.system === system) &&
        (!candidate.method || candidate.method === method) &&
        (!candidate.path || new RegExp(candidate.path).test(path)) &&
        (candidate.times === undefined || candidate.times > 0) &&
        (candidate.probability === undefined || Math.random() < candidate.probability),
    );
    if (fault?.times !== undefined) fault.times -= 1;
    return fault;
  }

  /** How long a user just created is not found, in milliseconds. */
  hiddenAfterCreateMs(): number {
    return this.faults.find((fault) => fault.kind === 'notFoundAfterCreate')?.delayMs ?? 0;
  }
}

/** Acts a fault out. True when the request has been dealt with and must go no further. */
export async function actOut(fault: Fault, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  switch (fault.kind) {
    case 'status':
      if (fault.retryAfter !== undefined) reply.header('retry-after', String(fault.retryAfter));
      await reply.code(fault.status ?? 503).send(errorBody(request, fault.status ?? 503));
      return true;
    case 'timeout':
      reply.hijack();
      return true;
    case 'reset':
      reply.hijack();
      request.raw.socket.destroy();
      return true;
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs ?? 1_000));
      return false;
    case 'lostAnswer':
      // The handler does its work; what it answers never gets out.
      reply.raw.write = () => true;
      reply.raw.end = () => {
        request.raw.socket.destroy();
        return reply.raw;
      };
      return false;
    default:
      return false;
  }
}

/** In the words of the system that is asked, as its clients expect them. */
function errorBody(request: FastifyRequest, status: number): unknown {
  const message = status === 429 ? 'Too many requests. Try again later.' : 'The service is unavailable.';
  if (request.url.startsWith('/rest/')) return { errorMessages: [message], errors: {} };
  return { error: { code: status === 429 ? 'TooManyRequests' : 'ServiceUnavailable', message } };
}
