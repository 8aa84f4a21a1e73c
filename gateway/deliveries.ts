/** Deliveries in the API: what came in, what was read in it, and handling one again. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DeliveryInFull, Outcome } from '../store/deliveries.ts';
import { ticketSystem } from '../worker/tickets/systems.ts';
import { parseBody } from '../worker/tickets/ticket-system.ts';
import type { ApiParts } from './api.ts';
import type { Receiver } from './hooks/receive.ts';
import { operatesAny } from './operators.ts';
import { notFound, Problem } from './problem.ts';

interface DeliveryParts extends ApiParts {
  receiver: Receiver;
}

const outcomes: Outcome[] = ['received', 'started', 'told', 'already', 'not for us', 'rejected', 'failed'];

const listQuery = {
  type: 'object',
  properties: {
    outcome: { type: 'string', enum: outcomes, description: 'Only those of which this became.' },
    limit: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
  },
};

const deliveryId = {
  type: 'object',
  required: ['id'],
  properties: {
    id: {
      type: 'string',
      minLength: 4,
      description: 'The delivery’s id, or as much of its beginning as is unique.',
    },
  },
};

export function deliveryRoutes(api: FastifyInstance, parts: DeliveryParts): void {
  const { store, signIn, receiver } = parts;

  api.get(
    '/deliveries',
    {
      schema: {
        summary: 'What came in, and what became of it',
        tags: ['tickets'],
        querystring: listQuery,
      },
    },
    async (request) => ({
      deliveries: await store.deliveries.list(request.query as { outcome?: Outcome; limit?: number }),
      /** By system: what was not believed and not kept either, in the last day. */
      countedOnly: await store.deliveries.countedOnly(),
    }),
  );

  api.get(
    '/deliveries/:id',
    {
      schema: { summary: 'One delivery: its body, and what was read', tags: ['tickets'], params: deliveryId },
    },
    async (request) => {
      const delivery = await deliveryOf(request, parts);
      const body = parseBody(delivery.body);
      const reading = body && ticketSystem(delivery.system)?.read(body);
      return { ...delivery, ...(reading ? { reading } : {}) };
    },
  );

  api.post(
    '/deliveries/:id/replay',
    { schema: { summary: 'Handle a delivery again', tags: ['tickets'], params: deliveryId } },
    async (request) => {
      const delivery = await deliveryOf(request, parts);
      return { id: delivery.id, ...(await receiver.replay(delivery, signIn.principal(request.headers))) };
    },
  );
}

/** Bodies hold what tickets say of people, so they are for those who operate runbooks. */
async function deliveryOf(request: FastifyRequest, parts: DeliveryParts): Promise<DeliveryInFull> {
  const principal = parts.signIn.principal(request.headers);
  if (!operatesAny(principal, parts.library().plans.values()))
    throw new Problem(
      403,
      'Not allowed',
      `${principal.id} operates no runbook, and what tickets say is shown to those who do.`,
    );
  const { id } = request.params as { id: string };
  const delivery = await parts.store.deliveries.find(id);
  if (delivery === 'ambiguous')
    throw new Problem(409, 'Ambiguous', `Several deliveries begin with "${id}". Give more of the id.`);
  if (delivery) return delivery;
  throw notFound(`There is no delivery "${id}". See them with \`countersign deliveries\`.`);
}
