/** What people who work on a run write for each other. Whoever may see the run reads them, and may add one. */
import { Problem } from '../problem.ts';
import { gives, nothing } from '../schemas/answers.ts';
import { runId } from '../schemas/bodies.ts';
import { listOf, moment, object, text } from '../schemas/dsl.ts';
import { type Routes, readableRun, who } from './request.ts';

/** Of one run. */
const mostNotes = 500;

const notes = object({ notes: listOf(object({ at: moment, person: text(), text: text() })) });

const body = {
  type: 'object',
  required: ['text'],
  additionalProperties: false,
  properties: { text: { type: 'string', minLength: 1, maxLength: 4000, pattern: '\\S' } },
};

export const noteRoutes: Routes = {
  for: 'signed in',
  add(api, { store }) {
    const tags = ['operating'];
    api.get(
      '/runs/:id/notes',
      {
        schema: {
          summary: 'Notes on a run, the oldest first; they are no part of its evidence',
          tags,
          params: runId,
          response: gives(notes),
        },
      },
      async (request) => ({ notes: await store.runNotes.of((await readableRun(request, store)).id) }),
    );
    api.post(
      '/runs/:id/notes',
      {
        schema: { summary: 'Add a note to a run', tags, params: runId, body, response: gives(nothing, 204) },
      },
      async (request, reply) => {
        const { id } = await readableRun(request, store);
        const { text: written } = request.body as { text: string };
        if (await store.runNotes.add(id, who(request).id, written.trim(), mostNotes))
          return reply.code(204).send();
        throw new Problem(409, 'Too many', `This run has ${mostNotes} notes, as many as one may have.`);
      },
    );
  },
};
