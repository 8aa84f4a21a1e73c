/** Lists that somebody looks at again, under a name: kept for each person, seen by nobody else. */
import { Problem } from '../problem.ts';
import { gives, nothing } from '../schemas/answers.ts';
import { listOf, object, text } from '../schemas/dsl.ts';
import { type Routes, who } from './request.ts';

/** Of one person. */
const mostViews = 50;

const views = object({
  views: listOf(object({ name: text(), query: text('Of the list’s address, without `?`.') })),
});

const named = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', minLength: 1, maxLength: 60, pattern: '\\S' } },
};

const body = {
  type: 'object',
  required: ['query'],
  additionalProperties: false,
  properties: {
    query: {
      type: 'string',
      maxLength: 1000,
      pattern: '^[^?#\\s]*$',
      description: 'Of the list’s address, without `?`.',
    },
  },
};

export const viewRoutes: Routes = {
  for: 'signed in',
  add(api, { store }) {
    const tags = ['runs'];
    api.get(
      '/views',
      { schema: { summary: 'Your saved lists of runs', tags, response: gives(views) } },
      async (request) => ({ views: await store.savedViews.of(who(request).id) }),
    );
    api.put(
      '/views/:name',
      {
        config: { ownOnly: true },
        schema: { summary: 'Save a list of runs', tags, params: named, body, response: gives(nothing, 204) },
      },
      async (request, reply) => {
        const { name } = request.params as { name: string };
        const { query } = request.body as { query: string };
        if (await store.savedViews.save(who(request).id, { name: name.trim(), query }, mostViews))
          return reply.code(204).send();
        throw new Problem(
          409,
          'Too many',
          `You have ${mostViews} saved lists, as many as anybody may. Remove one first.`,
        );
      },
    );
    api.delete(
      '/views/:name',
      {
        config: { ownOnly: true },
        schema: { summary: 'Forget a saved list', tags, params: named, response: gives(nothing, 204) },
      },
      async (request, reply) => {
        await store.savedViews.forget(who(request).id, (request.params as { name: string }).name.trim());
        return reply.code(204).send();
      },
    );
  },
};
