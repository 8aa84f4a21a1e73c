/** The calendar of changes: for people who are signed in, and as a feed for their calendar programs. */
import { defined } from '../../plan/defined.ts';
import { type CalendarEvent, calendarFile } from '../../presentation/icalendar.ts';
import { type PlannedChange, type PlannedTime, plannedChanges, plannedTimes } from '../planned-changes.ts';
import { notFound, Problem } from '../problem.ts';
import { gives, nothing, problem } from '../schemas/answers.ts';
import { boolean, listOf, moment, object, text, which } from '../schemas/dsl.ts';
import { rolesOf } from '../sign-in/people.ts';
import { type ApiParts, type Routes, who } from './request.ts';

const dayMs = 86_400_000;
const longestMs = 100 * dayMs;
const day = '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$';

const calendar = object({
  timezone: text('IANA zone of the organisation.'),
  times: listOf(
    object(
      {
        calendar: text(),
        name: text(),
        kind: which('window', 'freeze', 'holiday', 'other'),
        from: moment,
        to: moment,
      },
      'When something may happen, or may not.',
    ),
  ),
  changes: listOf(
    object(
      {
        run: text(),
        title: text(),
        'subject?': text(),
        'ticket?': text(),
        kind: text(),
        status: text(),
        owner: text(),
        affects: listOf(text()),
        'risk?': text(),
        'backout?': text('The way back.'),
        'from?': moment,
        'to?': moment,
        'calendar?': text(),
        'frozenBy?': text('The freeze that holds its window back.'),
        'conflicts?': listOf(
          object(
            { 'run?': text('For whoever may see it.'), title: text(), affects: listOf(text()) },
            'At the same time on the same things.',
          ),
        ),
      },
      'A change or a maintenance that has not ended, with when its window opens next.',
    ),
  ),
  feed: boolean('Whether whoever asks has an address for their calendar program.'),
});

const query = {
  type: 'object',
  properties: {
    from: { type: 'string', pattern: day, description: 'The first day; today, unless it is given.' },
    before: { type: 'string', pattern: day, description: 'The day behind the last, at most 100 days later.' },
  },
};

const tags = ['calendar'];

export const calendarRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    api.get(
      '/calendar',
      {
        schema: {
          summary: 'Windows, freezes, changes and maintenance of a time',
          tags,
          querystring: query,
          response: gives(calendar),
        },
      },
      async (request) => {
        const asked = request.query as { from?: string; before?: string };
        const from = asked.from === undefined ? Date.now() - dayMs : Date.parse(asked.from);
        const before = asked.before === undefined ? from + 35 * dayMs : Date.parse(asked.before);
        if (!(before > from && before - from <= longestMs))
          throw new Problem(400, 'Not a time', '`before` must be 1 to 100 days behind `from`.');
        const { id, roles } = who(request);
        return {
          timezone: parts.calendars().timezone,
          // A day more on each side: whoever asks may be in another zone.
          times: plannedTimes(parts, from - dayMs, before + dayMs).map(
            ({ calendar: of, name, kind, from: begins, to }) => ({
              calendar: of,
              name,
              kind,
              from: begins,
              to,
            }),
          ),
          changes: await plannedChanges(parts, roles.length > 0 ? undefined : id),
          feed: await parts.store.calendarFeeds.has(id),
        };
      },
    );
    api.post(
      '/calendar/feed',
      {
        config: { ownOnly: true },
        schema: {
          summary: 'A secret address for your calendar program; the one before ends',
          tags,
          response: gives(object({ path: text('Of this gateway. It is shown this once.') })),
        },
      },
      async (request) => ({
        path: `/api/v1/calendar/feed/${await parts.store.calendarFeeds.begin(who(request).id)}.ics`,
      }),
    );
    api.delete(
      '/calendar/feed',
      {
        config: { ownOnly: true },
        schema: { summary: 'End the address of your calendar program', tags, response: gives(nothing, 204) },
      },
      async (request, reply) => {
        await parts.store.calendarFeeds.end(who(request).id);
        return reply.code(204).send();
      },
    );
  },
};

/** Whoever has the address reads what its person may see: it is as good as a key, and opens this alone. */
export const calendarFeedRoutes: Routes = {
  for: 'anybody',
  add(api, parts) {
    api.get(
      '/calendar/feed/:secret',
      {
        schema: {
          summary: 'What is planned, for a calendar program',
          tags,
          params: {
            type: 'object',
            required: ['secret'],
            properties: { secret: { type: 'string', maxLength: 60 } },
          },
          response: {
            200: { description: 'RFC 5545', content: { 'text/calendar': { schema: { type: 'string' } } } },
            '4xx': problem,
            '5xx': problem,
          },
        },
      },
      async (request, reply) => {
        const { secret } = request.params as { secret: string };
        const person = await parts.store.calendarFeeds.personOf(secret.replace(/\.ics$/, ''));
        if (person === undefined)
          throw notFound('There is no such calendar. Make a new address on the page of the calendar.');
        const file = await feedOf(person, parts);
        return reply
          .type('text/calendar; charset=utf-8')
          .header('cache-control', 'private, no-store')
          .send(file);
      },
    );
  },
};

async function feedOf(person: string, parts: ApiParts): Promise<string> {
  const now = Date.now();
  const roles = rolesOf(person, parts.library().configuration);
  const address = await parts.store.gatewayAddress.find();
  const base = parts.library().configuration.signIn.url ?? address;
  const changes = await plannedChanges(parts, roles.length > 0 ? undefined : person);
  const times = plannedTimes(parts, now - 7 * dayMs, now + longestMs).filter(({ kind }) => kind !== 'other');
  return calendarFile(
    [...times.map(eventOfTime), ...changes.flatMap((change) => eventOfChange(change, base))],
    now,
    'Changes and maintenance',
  );
}

const kindWords: Record<PlannedTime['kind'], string> = {
  window: 'Window',
  freeze: 'Freeze',
  holiday: 'Holiday',
  other: 'Calendar',
};

function eventOfTime({ calendar: name, name: title, kind, from, to }: PlannedTime): CalendarEvent {
  return {
    uid: `${name}.${from}`,
    from,
    until: to,
    title: `${kindWords[kind]}: ${title || name}`,
    free: true,
  };
}

function eventOfChange(change: PlannedChange, base: string | undefined): CalendarEvent[] {
  const { run, title, subject, ticket, from, to, affects, risk } = change;
  if (from === undefined || to === undefined) return [];
  const about = [
    ...(affects.length > 0 ? [`Affects ${affects.join(', ')}.`] : []),
    ...(risk === undefined ? [] : [`Risk: ${risk}.`]),
    ...(change.conflicts ?? []).map(
      (other) => `At the same time: ${other.title}, on ${other.affects.join(', ')}.`,
    ),
  ];
  return [
    {
      uid: `run.${run}`,
      from,
      until: to,
      title: [subject ? `${title}: ${subject}` : title, ticket].filter(Boolean).join(', '),
      description: about.join('\n'),
      ...defined({ url: base === undefined ? undefined : `${base.replace(/\/+$/, '')}/runs/${run}` }),
      free: true,
    },
  ];
}
