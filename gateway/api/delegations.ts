/** Who stands in for whom by their own word: for one role and from one day to another, on record, and ended at any time. */
import { type Delegation, nameable } from '../../organisation/delegations.ts';
import { localDay } from '../../organisation/local-time.ts';
import type { Roles } from '../../organisation/people.ts';
import { readOnlyRoleNamed } from '../../organisation/read-only.ts';
import { defined } from '../../plan/defined.ts';
import type { KeptDelegation } from '../../store/delegations.ts';
import type { Principal } from '../../workflows/messages.ts';
import { notFound, Problem } from '../problem.ts';
import { gives, nothing } from '../schemas/answers.ts';
import { boolean, date, listOf, moment, object, text } from '../schemas/dsl.ts';
import { type ApiParts, onlyLooks, type Routes, who } from './request.ts';
import { updateIdOf } from './update-id.ts';

/** Of one naming. */
const longestDays = 366;
/** Of one person, that are not over. */
const mostStanding = 50;

const delegation = object({
  id: { type: 'integer', description: 'Number of its record.' },
  person: text('Whose signatures they are.'),
  delegate: text('Who signs for them.'),
  role: text(),
  from: text('First day.'),
  to: text('Last day.'),
  madeAt: moment,
  mayEnd: boolean('Yours, or you stand in.'),
  'ended?': object({ at: moment, by: text() }, 'Taken back before its last day.'),
});

const delegations = object({
  delegations: listOf(delegation),
  roles: listOf(
    object(
      { role: text(), mayName: listOf(text()) },
      'A role of yours, and whom you may name to stand in for you in it.',
    ),
  ),
  today: { ...date, format: 'date', description: 'In the organisation’s time zone.' },
  'problem?': text('Why no naming is believed: the record of them does not hold.'),
});

const day = { type: 'string', format: 'date', pattern: '^\\d{4}-\\d{2}-\\d{2}$' };

const body = {
  type: 'object',
  required: ['role', 'delegate', 'from', 'to'],
  additionalProperties: false,
  properties: {
    role: { type: 'string', minLength: 1, maxLength: 200, description: 'Name of the role, without `role:`.' },
    delegate: { type: 'string', format: 'email', maxLength: 320 },
    from: { ...day, description: 'First day.' },
    to: { ...day, description: 'Last day.' },
  },
};

const delegationId = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 } },
};

export const delegationRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    const tags = ['signing'];
    api.get(
      '/delegations',
      {
        schema: {
          summary: 'Who stands in for whom in your roles, by their own word, and whom you may name',
          tags,
          response: gives(delegations),
        },
      },
      async (request) => seenBy(who(request), parts),
    );
    api.post(
      '/delegations',
      {
        schema: {
          summary: 'Name somebody who signs for you, in one role and for a time',
          tags,
          body,
          response: gives(nothing, 204),
        },
      },
      async (request, reply) => {
        const given = request.body as Omit<Delegation, 'id' | 'person'>;
        await make(
          who(request),
          { ...given, delegate: given.delegate.toLowerCase() },
          updateIdOf(request),
          parts,
        );
        return reply.code(204).send();
      },
    );
    api.post(
      '/delegations/:id/end',
      {
        schema: {
          summary: 'Take it back, or no longer stand in',
          tags,
          params: delegationId,
          response: gives(nothing, 204),
        },
      },
      async (request, reply) => {
        const { id } = request.params as { id: number };
        await end(who(request), id, updateIdOf(request), parts);
        return reply.code(204).send();
      },
    );
  },
};

async function seenBy({ id: person, roles: own }: Principal, parts: ApiParts) {
  const { delegations: all, problem } = await parts.store.delegations.read();
  const roles = parts.roles();
  return {
    delegations: all
      .filter((each) => each.person === person || each.delegate === person || own.includes(each.role))
      .slice(-mostShown)
      .map((each) => ({
        ...each,
        mayEnd: !each.ended && [each.person, each.delegate].includes(person),
      })),
    roles: own
      .filter((role) => Object.hasOwn(roles, role))
      .map((role) => ({ role, mayName: nameable(person, role, roles) })),
    today: today(parts),
    ...defined({ problem }),
  };
}

/** The newest. */
const mostShown = 200;

async function make(
  { id: person, name, roles: own }: Principal,
  given: Omit<Delegation, 'id' | 'person'>,
  request: string,
  parts: ApiParts,
): Promise<void> {
  const { role, delegate, from, to } = given;
  const roles = parts.roles();
  if (!own.includes(role) || !Object.hasOwn(roles, role))
    throw new Problem(
      403,
      'Not allowed',
      `You are not in role:${role}, so nobody can sign there instead of you.`,
    );
  const mayName = nameable(person, role, roles);
  if (!mayName.includes(delegate))
    throw new Problem(422, 'Not allowed', whyNot(delegate, { person, role, mayName, roles }));
  checkDays(from, to, today(parts));
  let problem: Problem | undefined;
  await parts.store.delegations.make(
    { ...given, person, request, message: (id) => madeMessage({ ...given, id, person }, name) },
    (known) => {
      problem = clashOf({ ...given, person }, known, today(parts));
      return problem !== undefined;
    },
  );
  if (problem) throw problem;
}

function whyNot(
  delegate: string,
  { person, role, mayName, roles }: { person: string; role: string; mayName: string[]; roles: Roles },
): string {
  if (delegate === person) return 'Nobody stands in for themselves.';
  const canName = `You can name: ${mayName.join(', ') || 'nobody'}.`;
  const looker = readOnlyRoleNamed(delegate, roles);
  if (looker !== undefined) return `${onlyLooks(delegate, looker)} ${canName}`;
  return `${delegate} may not stand in for members of role:${role}: they are not in it, and \`standIns\` of the role in countersign.yaml does not name them. ${canName}`;
}

function checkDays(from: string, to: string, now: string): void {
  const refuse = (why: string) => new Problem(422, 'Not valid', why);
  if (to < from) throw refuse(`It would end on ${to}, before it begins on ${from}.`);
  if (to < now) throw refuse(`Its last day, ${to}, is over: today is ${now}.`);
  if (from < now)
    throw refuse(`It would begin on ${from}, and today is ${now}: nobody stands in for what was.`);
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (days > longestDays)
    throw refuse(
      `It would last ${days} days. Name somebody for at most ${longestDays}, or have the role changed.`,
    );
}

/** With what stands already: one stand-in a day, and nobody for each other. */
function clashOf(
  { person, delegate, role, from, to }: Omit<Delegation, 'id'>,
  known: readonly KeptDelegation[],
  now: string,
): Problem | undefined {
  const standing = known.filter((each) => !each.ended && each.to >= now);
  const own = standing.filter((each) => each.person === person);
  const overlaps = (each: Delegation) => each.role === role && each.from <= to && from <= each.to;
  const before = own.find(overlaps);
  if (before)
    return new Problem(
      409,
      'Named already',
      `${before.delegate} signs for you in role:${role} from ${before.from} to ${before.to}. Take that back first, or choose other days.`,
    );
  const back = standing.find(
    (each) => each.person === delegate && each.delegate === person && overlaps(each),
  );
  if (back)
    return new Problem(
      409,
      'For each other',
      `You sign for ${delegate} in role:${role} from ${back.from} to ${back.to}, so they cannot sign for you then.`,
    );
  if (own.length < mostStanding) return undefined;
  return new Problem(
    409,
    'Too many',
    `You have ${mostStanding} stand-ins that are not over, as many as one may have.`,
  );
}

function madeMessage({ id, person, delegate, role, from, to }: Delegation, name: string | undefined) {
  return {
    id: `delegation.${id}`,
    to: [delegate],
    subject: `You stand in for ${name ?? person} from ${from} to ${to}`,
    text: [
      `${name ?? person} named you to sign for role:${role} instead of them, from ${from} to ${to}.`,
      '',
      'What they are asked for in that role from then on you are asked for, unless you asked for it yourself or had a hand in it. Your vote is told as given for them.',
      '',
      `If you cannot: countersign delegate end ${id}`,
    ].join('\n'),
    about: {
      page: 'delegations' as const,
      id: String(id),
      commands: [`If you cannot: countersign delegate end ${id}`],
    },
  };
}

async function end({ id: by }: Principal, id: number, request: string, parts: ApiParts): Promise<void> {
  const { delegations: all } = await parts.store.delegations.read();
  const found = all.find((each) => each.id === id && [each.person, each.delegate].includes(by));
  if (!found) throw notFound(`You neither named a stand-in under number ${id}, nor were named by it.`);
  if (found.to < today(parts))
    throw new Problem(409, 'Over', `It was over on ${found.to}: what was signed in that time stays signed.`);
  const { person, delegate, role, from, to } = found;
  const other = by === person ? delegate : person;
  const command = 'Look at it: countersign delegate';
  await parts.store.delegations.end(
    { id, by, request },
    {
      id: `delegation.${id}.ended`,
      to: [other],
      subject: `${delegate} no longer stands in for ${person}`,
      text: [
        `${by} took back that ${delegate} signs for ${person} in role:${role}, from ${from} to ${to}. What was signed until now stays signed.`,
        '',
        command,
      ].join('\n'),
      about: { page: 'delegations', id: String(id), commands: [command] },
    },
  );
}

function today({ calendars }: ApiParts): string {
  return localDay(Date.now(), calendars().timezone);
}
