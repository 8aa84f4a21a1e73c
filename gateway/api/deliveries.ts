/** Deliveries in the API: what came in, what was read in it, and handling one again. */
import type { FastifyRequest } from 'fastify';
import { defined } from '../../plan/defined.ts';
import type { DeliveryInFull, Outcome } from '../../store/deliveries.ts';
import { operatesAny } from '../operators.ts';
import { notFound, Problem } from '../problem.ts';
import { gives } from '../schemas/answers.ts';
import { limitQuery } from '../schemas/bodies.ts';
import { boolean, date, listOf, mapOf, object, open, text } from '../schemas/dsl.ts';
import { shownDelivery } from '../shown-delivery.ts';
import { type ApiParts, lookingAs, type Routes, who } from './request.ts';

const outcomes: Outcome[] = [
  'received',
  'started',
  'told',
  'kept',
  'already',
  'not for us',
  'late',
  'rejected',
  'failed',
];

const deliveryQuery = {
  ...limitQuery,
  properties: {
    ...limitQuery.properties,
    outcome: { type: 'string', enum: outcomes, description: 'Only those of which this became.' },
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

const deliveryProperties = {
  id: text(),
  system: text(),
  deliveryKey: text(),
  'transitionKey?': text(),
  receivedAt: date,
  believed: boolean('Whether it was signed, and fresh where the system says when.'),
  outcome: text(),
  'reason?': text(),
  'runId?': text(),
  attempts: { type: 'integer' },
  'emptiedAt?': { ...date, description: 'When what it said was removed, as `retention` says.' },
};

const deliveries = object({
  deliveries: listOf(object(deliveryProperties)),
  countedOnly: mapOf(
    { type: 'integer' },
    'By system: what was not believed in the last day, and not kept either.',
  ),
  unsettled: object(
    { count: { type: 'integer' }, oldestSeconds: { type: 'number' } },
    'Received and answered, and not handled yet: how many, and for how long the oldest of them.',
  ),
});

const delivery = object({
  ...deliveryProperties,
  body: text('As it came, without what a runbook seals.'),
  replays: listOf(object({ at: date, by: text(), outcome: text(), 'reason?': text(), 'runId?': text() })),
  'reading?': open('What was read in it.'),
});

const replayed = object({
  id: text('Of the delivery.'),
  outcome: text(),
  'reason?': text(),
  'run?': text('The run that it started or told.'),
});

const tags = ['tickets'];

export const deliveryRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
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
        unsettled: await store.lag.deliveries(),
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
        if (found.emptiedAt !== undefined) return found;
        const { body, reading } = shownDelivery(found.system, found.body, parts.library().plans.values());
        return { ...found, body, ...defined({ reading }) };
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
  },
};

/** Bodies hold what tickets say of people, so they are for those who operate runbooks. */
async function deliveryOf(request: FastifyRequest, parts: ApiParts): Promise<DeliveryInFull> {
  const principal = who(request);
  if (lookingAs(request) === undefined && !operatesAny(principal, parts.library().plans.values()))
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
  throw notFound(`There is no delivery "${id}".`);
}
