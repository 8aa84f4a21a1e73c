/** Acts faults out over HTTP, in the words of the system that is asked. */
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Fault } from './faults.ts';
import { GraphError, graphErrorBody } from './graph/errors.ts';

/** True when the request has been dealt with and must go no further. */
export async function actOut(
  fault: Fault,
  system: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<boolean> {
  switch (fault.kind) {
    case 'status': {
      const status = fault.status ?? 503;
      if (fault.retryAfter !== undefined) reply.header('retry-after', String(fault.retryAfter));
      await reply.code(status).send(errorBody(system, status, request, reply));
      return true;
    }
    case 'timeout':
      reply.hijack();
      return true;
    case 'reset':
      reply.hijack();
      request.raw.socket.destroy();
      return true;
    case 'delay':
      await wait(fault.delayMs ?? 1_000);
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

function errorBody(system: string, status: number, request: FastifyRequest, reply: FastifyReply): unknown {
  const words = wordsOf(status);
  if (system === 'jira') return { errorMessages: [words], errors: {} };
  if (system === 'login')
    return {
      error: status === 401 ? 'invalid_client' : 'temporarily_unavailable',
      error_description: 'AADSTS90033: A transient error has occurred. Please try again.',
    };
  return graphErrorBody(
    new GraphError(status, graphCodes[status] ?? 'ServiceUnavailable', words),
    request,
    reply,
  );
}

const graphCodes: Record<number, string> = {
  401: 'InvalidAuthenticationToken',
  403: 'Authorization_RequestDenied',
  404: 'Request_ResourceNotFound',
  409: 'Conflict',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  504: 'GatewayTimeout',
};

function wordsOf(status: number): string {
  if (status === 401) return 'Access token has expired or is not yet valid.';
  if (status === 429) return 'Too many requests. Try again later.';
  return 'The service is unavailable.';
}
