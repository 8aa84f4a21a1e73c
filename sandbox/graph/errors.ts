/** How Microsoft Graph says no (Microsoft Graph error responses and resource types). */
import { randomUUID } from 'node:crypto';
import type { FastifyReply } from 'fastify';

export class GraphError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function badRequest(message: string): GraphError {
  return new GraphError(400, 'Request_BadRequest', message);
}

export function notFound(what: string): GraphError {
  return new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${what}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

export function sendError(reply: FastifyReply, error: GraphError): FastifyReply {
  const requestId = randomUUID();
  return reply
    .code(error.status)
    .header('request-id', requestId)
    .send({
      error: {
        code: error.code,
        message: error.message,
        innerError: {
          date: new Date().toISOString().slice(0, 19),
          'request-id': requestId,
          'client-request-id': requestId,
        },
      },
    });
}
