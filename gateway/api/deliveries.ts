/** What ticket systems sent. */
import type { FastifyInstance } from 'fastify';
import { deliveries, gives } from '../schemas/answers.ts';
import { limitQuery } from '../schemas/bodies.ts';
import type { ApiParts } from './parts.ts';

export function deliveryRoutes(api: FastifyInstance, { store }: ApiParts): void {
  api.get(
    '/deliveries',
    {
      schema: {
        summary: 'What came in, and what became of it',
        tags: ['tickets'],
        querystring: limitQuery,
        response: gives(deliveries),
      },
    },
    async (request) => {
      const { limit } = request.query as { limit: number };
      return { deliveries: await store.deliveries.list(limit) };
    },
  );
}
