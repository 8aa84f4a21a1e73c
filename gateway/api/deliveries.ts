/** Deliveries in the API: what came in, what was read in it, and handling one again. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DeliveryInFull, Outcome } from '../../store/deliveries.ts';
import { ticketSystem } from '../../tickets/systems.ts';
import { parseBody } from '../../tickets/ticket-system.ts';
import { operatesAny } from '../operators.ts';
import { notFound, Problem } from '../problem.ts';
import { deliveries, delivery, gives, replayed } from '../schemas/answers.ts';
import { deliveryId, deliveryQuery } from '../schemas/bodies.ts';
import { type ApiParts, who } from './request.ts';

const tags = ['tickets'];

export function deliveryRoutes(api: FastifyInstance, parts: ApiParts): void {
  const { store, receiver } = parts;

  api.get(
    '/deliveries',
    {
      schema: {
        summary: 'What came in, and what became of it',
        tags,
        querystring: deliveryQuery,
        response: gives(deliveries),
      },
    },
    async (request) => ({
      deliveries: await store.deliveries.list(request.query as { outcome?: Outcome; limit?: number }),
      countedOnly: await store.deliveries.countedOnly(),
    }),
  );

  api.get(
    '/deliveries/:id',
    {
      schema: {
        summary: 'One delivery: its body, and what was read',
        tags,
        params: deliveryId,
        response: gives(delivery),
      },
    },
    async (request) => {
      const found = await deliveryOf(request, parts);
      const body = parseBody(found.body);
      const reading = body && ticketSystem(found.system)?.read(body);
      return { ...found, ...(reading ? { reading } : {}) };
    },
  );

  api.post(
    '/deliveries/:id/replay',
    {
      schema: {
        summary: 'Handle a delivery again',
        tags,
        params: deliveryId,
        response: gives(replayed),
      },
    },
    async (request) => {
      const found = await deliveryOf(request, parts);
      return { id: found.id, ...(await receiver.replay(found, who(request))) };
    },
  );
}

/** Bodies hold what tickets say of people, so they are for those who operate runbooks. */
async function deliveryOf(request: FastifyRequest, parts: ApiParts): Promise<DeliveryInFull> {
  const principal = who(request);
  if (!operatesAny(principal, parts.library().plans.values()))
    throw new Problem(
      403,
      'Not allowed',
      `${principal.id} operates no runbook, and what tickets say is shown to those who do.`,
    );
  const { id } = request.params as { id: string };
  const found = await parts.store.deliveries.find(id);
  if (found === 'ambiguous')
    throw new Problem(409, 'Ambiguous', `Several deliveries begin with "${id}". Give more of the id.`);
  if (found) return found;
  throw notFound(`There is no delivery "${id}". See them with \`countersign deliveries\`.`);
}
