/** What was refused: came through Temporal without our seal, or was called and not signed. For operators and auditors. */
import { defined } from '../../plan/defined.ts';
import { Problem } from '../problem.ts';
import { gives } from '../schemas/answers.ts';
import { boolean, date, listOf, object, text } from '../schemas/dsl.ts';
import { type Routes, who } from './request.ts';

const refusals = object({
  refusals: listOf(
    object({
      run: text('Of whichever run it was said to be; one without a title is not ours.'),
      record: { type: 'integer', description: 'Number of its record.' },
      at: date,
      what: text('The action, or what was sent to the run.'),
      'step?': text(),
      why: text(),
      'andMore?': boolean('Further ones of this run are not on record.'),
      'title?': text('Of the run.'),
      'runbook?': text(),
    }),
  ),
  more: boolean('Whether there are earlier ones: ask for those before the last moment.'),
});

const query = {
  type: 'object',
  properties: {
    run: { type: 'string', minLength: 1, description: 'Only of this run.' },
    before: { type: 'string', format: 'date-time', description: 'Only earlier ones.' },
    limit: { type: 'integer', minimum: 1, maximum: 500, default: 100 },
  },
};

export const refusalRoutes: Routes = {
  for: 'signed in',
  add(api, { store }) {
    api.get(
      '/refusals',
      {
        schema: {
          summary: 'What was refused, since it was not sealed by this installation or nobody signed it',
          tags: ['audit'],
          querystring: query,
          response: gives(refusals),
        },
      },
      async (request) => {
        const { id, roles } = who(request);
        const { run, before, limit } = request.query as { run?: string; before?: string; limit: number };
        // As with runs: without a role people see what concerns themselves.
        if (roles.length === 0 && !(run && (await store.runs.concerns(run, id))))
          throw new Problem(403, 'Not allowed', `${id} has no role, and may not see what was refused.`);
        const found = await store.refusals.list({ ...defined({ run, before }), limit: limit + 1 });
        return { refusals: found.slice(0, limit), more: found.length > limit };
      },
    );
  },
};
