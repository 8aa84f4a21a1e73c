/** What waits for whoever asks. */
import type { FastifyInstance } from 'fastify';
import { gives, inbox } from '../schemas/answers.ts';
import { type ApiParts, who } from './request.ts';

export function inboxRoutes(api: FastifyInstance, { store }: ApiParts): void {
  api.get(
    '/inbox',
    {
      schema: {
        summary: 'What waits for you, the most urgent first',
        tags: ['inbox'],
        response: gives(inbox),
      },
    },
    async (request) => {
      const { id, roles } = who(request);
      return store.inbox.of(id, roles);
    },
  );
}
