/** Everything about one person, over all runs: what they asked for, were asked, signed, changed and did. */
import { defined } from '../../plan/defined.ts';
import { journalSentence, saidIn } from '../../presentation/journal-sentences.ts';
import { withoutSealed } from '../../presentation/sealed.ts';
import { titleAt, titlesOf } from '../../presentation/step-titles.ts';
import type { Doing } from '../../store/doings.ts';
import { isAddressedTo } from '../../workflows/addressed-to.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import { Problem } from '../problem.ts';
import { gives, ticket } from '../schemas/answers.ts';
import { boolean, listOf, moment, object, text } from '../schemas/dsl.ts';
import { type ApiParts, type Routes, who } from './request.ts';

const day = '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])(T[0-9:.]+(Z|[+-]\\d\\d:\\d\\d))?$';
const mostDoings = 1_000;

const doings = object({
  person: text('E-mail address.'),
  doings: listOf(
    object({
      run: text(),
      title: text('Of the run.'),
      'subject?': text('What the run is about.'),
      'ticket?': ticket,
      at: moment,
      kind: text(),
      'step?': text(),
      text: text('What happened, as a sentence.'),
      'said?': text('What somebody wrote, in their own words.'),
    }),
  ),
  more: boolean('Whether there is more: ask from the last moment on.'),
});

export const peopleRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    api.get(
      '/people/:person/doings',
      {
        schema: {
          summary: 'What one person did and was asked, over all runs, the oldest first',
          tags: ['audit'],
          params: {
            type: 'object',
            required: ['person'],
            properties: { person: { type: 'string', minLength: 1, description: 'E-mail address.' } },
          },
          querystring: {
            type: 'object',
            properties: {
              from: {
                type: 'string',
                pattern: day,
                description: 'Only what happened then or later: a day, or RFC 3339.',
              },
              before: { type: 'string', pattern: day, description: 'Only what happened before then.' },
            },
          },
          response: gives(doings),
        },
      },
      async (request) => {
        const person = (request.params as { person: string }).person.toLowerCase();
        const asker = who(request);
        // As with runs: without a role people see what concerns themselves.
        if (asker.roles.length === 0 && !isAddressedTo(person, asker))
          throw new Problem(
            403,
            'Not allowed',
            `${asker.id} may see what concerns themselves, and not ${person}.`,
          );
        const { from, before } = request.query as { from?: string; before?: string };
        const found = await parts.store.doings.of(person, {
          ...defined({ from, before }),
          limit: mostDoings + 1,
        });
        return {
          person,
          doings: await told(found.slice(0, mostDoings), parts),
          more: found.length > mostDoings,
        };
      },
    );
  },
};

async function told(found: readonly Doing[], { store }: ApiParts) {
  const hashes = [...new Set(found.flatMap(({ run }) => run.planHash ?? []))];
  const titles = new Map(
    await Promise.all(
      hashes.map(async (hash) => {
        const plan = await store.runs.plan(hash);
        return [hash, plan ? titlesOf(plan) : {}] as const;
      }),
    ),
  );
  return found.map(({ run, entry: kept }) => {
    const entry = withoutSealed(kept) as JournalEntry;
    const named = titles.get(run.planHash ?? '') ?? {};
    const { at, kind, step } = entry;
    return {
      run: run.id,
      title: run.title,
      ...defined({ subject: run.subject, ticket: run.ticket, step, said: saidIn(entry) }),
      at,
      kind,
      text: journalSentence(entry, step ? `“${titleAt(step, named)}”` : '', named),
    };
  });
}
