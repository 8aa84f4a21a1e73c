import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** The same request sent twice (a retry after a lost answer) counts once, if it says so with an Idempotency-Key. */
export function updateIdOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  return typeof key === 'string' && key.length <= 200 ? key : randomUUID();
}
