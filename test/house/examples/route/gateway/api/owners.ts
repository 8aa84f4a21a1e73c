/** Who owns what. An example of a route: see docs/contributing.md. */
import { gives } from '../schemas/answers.ts';
import { mapOf, text } from '../schemas/dsl.ts';
import type { Routes } from './request.ts';

const owners = mapOf(text('role:NAME or an e-mail address.'), 'Runbook to owner.');

export const ownerRoutes: Routes = {
  for: 'signed in',
  add(api, { library }) {
    api.get(
      '/owners',
      { schema: { summary: 'Who owns which runbook', tags: ['runbooks'], response: gives(owners) } },
      async () =>
        Object.fromEntries([...library().plans.values()].map(({ runbook, owner }) => [runbook, owner])),
    );
  },
};
