/** What ticket systems sent. */
import type { FastifyInstance } from 'fastify';
import { deliveries, gives } from '../schemas/answers.ts';
import type { ApiParts } from './parts.ts';

const query = {
  type: 'object',
  properties: { limit: { type: 'integer', minimum: 1, maximum: 500, default: 50 } },
};

export function deliveryRoutes(api: FastifyInstance, { store }: ApiParts): void {
  api.get(
    '/deliveries',
    {
      schema: {
        summary: 'What came in, and what became of it',
        tags: ['tickets'],
        querystring: query,
        response: gives(deliveries),
      },
    },
    async (request) => {
      const { limit } = request.query as { limit: number };
      return { deliveries: await store.deliveries.list(limit) };
    },
  );
}
