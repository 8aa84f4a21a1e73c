/** What the Graph routes read of a request. */
import type { FastifyRequest } from 'fastify';
import type { Directory } from './directory.ts';
import { badRequest, unreadableBody } from './errors.ts';
import type { Query } from './query.ts';

/** Needed by every group of routes. */
export interface GraphContext {
  directory: Directory;
  /** Of the service, with its version. */
  url: () => string;
}

export function idOf(request: FastifyRequest, name = 'id'): string {
  return (request.params as Record<string, string>)[name] ?? '';
}

export function queryOf(request: FastifyRequest): Query {
  return request.query as Query;
}

export function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const { body } = request;
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw unreadableBody();
}

/** The id in the `@odata.id` by which a request refers to another object. */
export function referenceOf(request: FastifyRequest): string {
  const address = String(bodyOf(request)['@odata.id'] ?? '');
  const id = /^https?:\/\/.+\/(?:directoryObjects|users)\/([^/]+)$/.exec(address)?.[1];
  if (id) return decodeURIComponent(id);
  throw badRequest('Invalid URL format specified in @odata.bind or @odata.id.');
}
