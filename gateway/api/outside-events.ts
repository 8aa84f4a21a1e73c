/** Events over the API: what a signed-in person or program says has happened. */
import type { FastifyInstance } from 'fastify';
import type { JsonObject } from '../../plan/plan.ts';
import { Problem } from '../problem.ts';
import { gives, kept, keptEvents } from '../schemas/answers.ts';
import { eventBody, limitQuery } from '../schemas/bodies.ts';
import { type ApiParts, who } from './request.ts';
import { idempotencyKeyOf } from './update-id.ts';

interface EventBody {
  name: string;
  key: string;
  data?: JsonObject;
}

export function outsideEventRoutes(api: FastifyInstance, { events }: ApiParts): void {
  api.post(
    '/events',
    {
      schema: {
        summary: 'Say that something has happened',
        tags: ['events'],
        body: eventBody,
        response: gives(kept, 202),
      },
    },
    async (request, reply) => {
      const { name, key, data = {} } = request.body as EventBody;
      const { id } = await events.keep({
        name,
        key,
        data,
        source: who(request).id,
        sourceKey: idempotencyKeyOf(request),
      });
      return reply.code(202).send({ id });
    },
  );
  api.get(
    '/events',
    {
      schema: {
        summary: 'What has happened, and which run was told',
        tags: ['events'],
        querystring: limitQuery,
        response: gives(keptEvents),
      },
    },
    async (request) => {
      const { id, roles } = who(request);
      if (roles.length === 0)
        throw new Problem(
          403,
          'Not allowed',
          `${id} may not see what has happened in all runs: for that, somebody must have a role.`,
        );
      return { events: await events.list((request.query as { limit: number }).limit) };
    },
  );
}
