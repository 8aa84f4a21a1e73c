/** The agenda of a role that signs, its change advisory board for example, and the minutes of what it decided. */
import type { FastifyRequest } from 'fastify';
import { agendaBlocks, minutesBlocks } from '../../presentation/agenda.ts';
import { toHtml } from '../../presentation/html.ts';
import { agendaOf, minutesOf } from '../agenda.ts';
import { notFound, Problem } from '../problem.ts';
import { gives, problem } from '../schemas/answers.ts';
import { boolean, listOf, moment, object, open, text, which } from '../schemas/dsl.ts';
import { question } from '../schemas/question.ts';
import { type ApiParts, type Routes, who } from './request.ts';

const dayMs = 86_400_000;
const longestDays = 366;
const day = '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$';

const about = {
  run: text(),
  step: text(),
  title: text('Of the signature.'),
  runTitle: text(),
  'subject?': text(),
  'ticket?': text('Its key.'),
  requester: text(),
  since: moment,
  needed: { type: 'integer', description: 'How many must approve.' },
  votes: listOf(open('Who voted what, when, and with which comment.')),
  questions: listOf(question),
};

const more = boolean('Whether there is more than is read at once: not all of it is here.');

const agenda = object({
  role: text(),
  more,
  roles: listOf(text('Every role there is.')),
  items: listOf(
    object({
      ...about,
      'deadline?': moment,
      'risk?': text(),
      affects: listOf(text()),
      'backout?': text('The way back.'),
      'from?': moment,
      'to?': moment,
      'calendar?': text(),
      'frozenBy?': text('The freeze that holds its window back.'),
      conflicts: listOf(
        object({ 'run?': text('For whoever may see it.'), title: text(), affects: listOf(text()) }),
      ),
      would: listOf(text('What would be done.')),
      shown: open('What those who sign are shown.'),
      asked: listOf(text()),
    }),
  ),
});

const minutes = object({
  role: text(),
  from: moment,
  to: moment,
  more,
  decisions: listOf(
    object({
      ...about,
      'became?': which('approved', 'rejected', 'void', 'fell', 'withdrawn', 'ended'),
      'at?': moment,
      'reason?': text(),
    }),
  ),
});

const ofRole = {
  type: 'object',
  properties: {
    role: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description: 'With or without `role:`; one of your own, unless it is given.',
    },
  },
};

const ofPeriod = {
  ...ofRole,
  properties: {
    ...ofRole.properties,
    from: { type: 'string', pattern: day, description: 'The first day; a week ago, unless it is given.' },
    to: { type: 'string', pattern: day, description: 'The last day; today, unless it is given.' },
  },
};

const page = {
  200: {
    description: 'One page that needs nothing else.',
    content: { 'text/html': { schema: { type: 'string' } } },
  },
  '4xx': problem,
  '5xx': problem,
};

export const agendaRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    const tags = ['signing'];
    api.get(
      '/agenda',
      {
        schema: {
          summary: 'What a role is to decide, the nearest deadline first',
          tags,
          querystring: ofRole,
          response: gives(agenda),
        },
      },
      async (request) => {
        const role = roleOf(request, parts);
        return {
          role,
          roles: Object.keys(parts.library().configuration.roles),
          ...(await agendaOf(role, parts, limitedTo(request))),
        };
      },
    );
    api.get(
      '/agenda.html',
      {
        schema: { summary: 'The same to print, a page each', tags, querystring: ofRole, response: page },
      },
      async (request, reply) => {
        const role = roleOf(request, parts);
        const { items, more } = await agendaOf(role, parts, limitedTo(request));
        const blocks = agendaBlocks(items, {
          role,
          more,
          timezone: parts.calendars().timezone,
        });
        return reply.type('text/html; charset=utf-8').send(toHtml(`Agenda of ${role} · Countersign`, blocks));
      },
    );
    api.get(
      '/minutes',
      {
        schema: {
          summary: 'What a role decided in a time: who voted what, and what is still open',
          tags,
          querystring: ofPeriod,
          response: gives(minutes),
        },
      },
      async (request) => {
        const [role, period] = [roleOf(request, parts), periodOf(request)];
        return { role, ...period, ...(await minutesOf(role, period, parts, limitedTo(request))) };
      },
    );
    api.get(
      '/minutes.html',
      { schema: { summary: 'The same to print', tags, querystring: ofPeriod, response: page } },
      async (request, reply) => {
        const [role, period] = [roleOf(request, parts), periodOf(request)];
        const { decisions, more } = await minutesOf(role, period, parts, limitedTo(request));
        const blocks = minutesBlocks(decisions, {
          role,
          more,
          ...period,
          timezone: parts.calendars().timezone,
        });
        return reply
          .type('text/html; charset=utf-8')
          .send(toHtml(`Minutes of ${role} · Countersign`, blocks));
      },
    );
  },
};

/** Without a role, people see the runs that concern them. */
function limitedTo(request: FastifyRequest): string | undefined {
  const { id, roles } = who(request);
  return roles.length > 0 ? undefined : id;
}

function roleOf(request: FastifyRequest, { library }: Pick<ApiParts, 'library'>): string {
  const { roles } = library().configuration;
  const names = Object.keys(roles);
  const asked = (request.query as { role?: string }).role?.replace(/^role:/, '');
  const role = asked ?? who(request).roles.find((each) => Object.hasOwn(roles, each)) ?? names[0];
  if (role !== undefined && Object.hasOwn(roles, role)) return role;
  throw notFound(`There is no role "${role ?? ''}". There are: ${names.join(', ') || 'none'}.`);
}

/** Days of UTC; the last one is in it. */
function periodOf(request: FastifyRequest): { from: number; to: number } {
  const asked = request.query as { from?: string; to?: string };
  const to = asked.to === undefined ? Date.now() : Date.parse(asked.to) + dayMs;
  const from = asked.from === undefined ? to - 7 * dayMs : Date.parse(asked.from);
  if (from < to && to - from <= longestDays * dayMs) return { from, to };
  throw new Problem(
    400,
    'Not a time',
    `\`to\` must not be before \`from\`, and at most ${longestDays} days behind it.`,
  );
}
