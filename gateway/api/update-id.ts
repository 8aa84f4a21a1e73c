import { createHash, randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { Json } from '../../plan/plan.ts';
import { who } from './request.ts';

/** What the sender calls this request, so that one sent twice (a retry after a lost answer) counts once. */
export function idempotencyKeyOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  return typeof key === 'string' && key.length <= 200 ? key : randomUUID();
}

/**
 * The same for what a run is told, of which Temporal answers a repeated one with the first one's result. Only the same
 * person asking for the same is that: with a key that somebody else used, or used for something else, it is a new one.
 */
export function updateIdOf(request: FastifyRequest): string {
  const about = [who(request).id, request.url, (request.body ?? null) as Json, idempotencyKeyOf(request)];
  return createHash('sha256').update(canonicalJson(about)).digest('base64url');
}

/** Of a start by hand: whoever names their request may send it again after a lost answer, and finds the run that it started. */
export function startKeyOf(request: FastifyRequest): string | undefined {
  return request.headers['idempotency-key'] === undefined ? undefined : `request:${updateIdOf(request)}`;
}
