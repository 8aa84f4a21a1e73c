/** Events over the API: what a signed-in person or program says has happened. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { JsonObject } from '../compiler/plan.ts';
import type { Principal } from '../workflows/messages.ts';
import type { EventDesk } from './events.ts';
import { eventBody } from './schemas.ts';

interface EventBody {
  name: string;
  key: string;
  data?: JsonObject;
}

export function eventRoutes(
  api: FastifyInstance,
  events: EventDesk,
  who: (request: FastifyRequest) => Principal,
): void {
  api.post(
    '/events',
    { schema: { summary: 'Say that something has happened', tags: ['events'], body: eventBody } },
    async (request, reply) => {
      const { name, key, data = {} } = request.body as EventBody;
      const kept = await events.keep({
        name,
        key,
        data,
        source: who(request).id,
        sourceKey: markOf(request),
      });
      return reply.code(202).send({ id: kept.id });
    },
  );
  api.get(
    '/events',
    { schema: { summary: 'What has happened, and which run was told', tags: ['events'] } },
    async (request) => {
      const { limit } = request.query as { limit?: string };
      return { events: await events.list(Number(limit ?? 50) || 50) };
    },
  );
}

/** The same request sent twice counts once, if it says so with an Idempotency-Key. */
function markOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  return typeof key === 'string' && key.length <= 200 ? key : randomUUID();
}
