/** How Microsoft Graph says no (Microsoft Graph error responses and resource types). */
import type { FastifyReply, FastifyRequest } from 'fastify';

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

/** A query that cannot even be read is refused before the directory sees it, with another code. */
export function badQuery(message: string): GraphError {
  return new GraphError(400, 'BadRequest', message);
}

export function notFound(what: string): GraphError {
  return new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${what}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

export function invalidValue(property: string, resource: string): GraphError {
  return badRequest(`Invalid value specified for property '${property}' of resource '${resource}'.`);
}

export function unknownProperty(property: string, resource: string): GraphError {
  return badRequest(`Expected property '${property}' is not present on resource of type '${resource}'`);
}

export function unreadableBody(): GraphError {
  return badQuery(
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
  );
}

/** The request's id is on every answer; a caller may bring an id of its own along. */
export function graphErrorBody(error: GraphError, request: FastifyRequest, reply: FastifyReply): unknown {
  const requestId = String(reply.getHeader('request-id') ?? '');
  return {
    error: {
      code: error.code,
      message: error.message,
      innerError: {
        date: new Date().toISOString().slice(0, 19),
        'request-id': requestId,
        'client-request-id': request.headers['client-request-id'] ?? requestId,
      },
    },
  };
}

export function sendError(error: GraphError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(error.status).send(graphErrorBody(error, request, reply));
}
