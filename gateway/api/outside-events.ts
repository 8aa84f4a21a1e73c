/** Events over the API: what a signed-in person or program says has happened. */
import type { JsonObject } from '../../plan/plan.ts';
import { Problem } from '../problem.ts';
import { gives } from '../schemas/answers.ts';
import { anyObject, limitQuery } from '../schemas/bodies.ts';
import { date, listOf, object, open, text } from '../schemas/dsl.ts';
import { type Routes, who } from './request.ts';
import { idempotencyKeyOf } from './update-id.ts';

const eventBody = {
  type: 'object',
  required: ['name', 'key'],
  additionalProperties: false,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description: 'What happened, such as order.shipped.',
    },
    key: {
      type: 'string',
      minLength: 1,
      maxLength: 500,
      description: 'To what: the run that waits for this name and this key goes on.',
    },
    data: { ...anyObject, description: 'What the step that waited gives on.' },
  },
};

const kept = object({ id: text('Of the event.') }, 'It is kept, and wakes the run that waits for it.');

const keptEvents = object({
  events: listOf(
    object({
      id: text(),
      name: text(),
      key: text(),
      data: open('What it brings.'),
      source: text('Who sent it.'),
      receivedAt: date,
      'runId?': text('The run it is for.'),
      'deliveredAt?': date,
    }),
  ),
});

interface EventBody {
  name: string;
  key: string;
  data?: JsonObject;
}

export const outsideEventRoutes: Routes = {
  for: 'signed in',
  add(api, { events }) {
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
          roles: who(request).roles.map((role) => `role:${role}`),
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
  },
};
