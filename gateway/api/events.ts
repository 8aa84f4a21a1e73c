/** Events over the API: what a signed-in person or program says has happened. */
import type { FastifyInstance } from 'fastify';
import type { JsonObject } from '../../compiler/plan.ts';
import { eventKept, events, gives } from '../schemas/answers.ts';
import { eventBody, limitQuery } from '../schemas/bodies.ts';
import { type ApiParts, who } from './parts.ts';
import { updateIdOf } from './update-id.ts';

interface EventBody {
  name: string;
  key: string;
  data?: JsonObject;
}

export function eventRoutes(api: FastifyInstance, parts: ApiParts): void {
  const tags = ['events'];

  api.post(
    '/events',
    {
      schema: {
        summary: 'Say that something has happened',
        tags,
        body: eventBody,
        response: gives(eventKept, 202),
      },
    },
    async (request, reply) => {
      const { name, key, data = {} } = request.body as EventBody;
      const source = who(request).id;
      const kept = await parts.events.keep({ name, key, data, source, sourceKey: updateIdOf(request) });
      return reply.code(202).send({ id: kept.id });
    },
  );
  api.get(
    '/events',
    {
      schema: {
        summary: 'What has happened, and which run was told',
        tags,
        querystring: limitQuery,
        response: gives(events),
      },
    },
    async (request) => {
      const { limit } = request.query as { limit: number };
      return { events: await parts.events.list(limit) };
    },
  );
}
