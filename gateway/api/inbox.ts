/** What waits for whoever asks. */

import { gives, ticket } from '../schemas/answers.ts';
import { date, listOf, moment, object, text, which } from '../schemas/dsl.ts';
import { suggested } from '../schemas/question.ts';
import { type Routes, who } from './request.ts';

const inbox = object({
  items: listOf(
    object({
      run: object({
        id: text(),
        title: text(),
        'subject?': text('What the run is about.'),
        runbook: text(),
        kind: text(),
        requester: text(),
        'ticket?': ticket,
        startedAt: date,
      }),
      step: text(),
      title: text(),
      kind: which('gate', 'task', 'parked', 'question'),
      since: moment,
      'deadline?': moment,
      'role?': text(),
      people: listOf(text()),
      'reason?': text('Of a parked step: what went wrong.'),
      'suggested?': listOf(suggested),
    }),
  ),
  total: { type: 'integer', description: 'How many there are; the most urgent are given.' },
});

export const inboxRoutes: Routes = {
  for: 'signed in',
  add(api, { store }) {
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
  },
};
