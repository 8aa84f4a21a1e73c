/**
 * A system in TypeScript and as data is two stand-ins at one address. What the programmed one does not know, or has not got, the declared
 * one plays; and in the lists of the one stands what was made in the other.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Beside, type BesideAnswer, ownOf, type StandIn } from '../stand-in.ts';
import { filled } from './expressions.ts';

export function playBeside(app: FastifyInstance, standIns: readonly StandIn[], url: () => string): void {
  const played = new WeakSet<FastifyRequest>();
  app.addHook('preHandler', async (request, reply) => {
    const home = ownOf(standIns, request.url);
    if (!home || !(request.is404 || home.isUnknown?.(request))) return;
    // Of a thing that neither has, the other says so in its own words.
    const answer = answerBeside(standIns, url(), request, ({ status }) => request.is404 || status !== 404);
    if (!answer) return;
    played.add(request);
    return reply.code(answer.status).headers(answer.headers).type(typeOf(answer)).send(textOf(answer));
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const home = ownOf(standIns, request.url);
    if (!home || played.has(request) || home.isOwn?.(request) || typeof payload !== 'string') return payload;
    if (isMissing(reply, payload, home)) {
      const answer = answerBeside(standIns, url(), request, isBetter(home, reply.statusCode));
      if (!answer) return payload;
      reply.code(answer.status).headers(answer.headers).type(typeOf(answer)).removeHeader('content-length');
      return textOf(answer);
    }
    if (request.method !== 'GET' || reply.statusCode !== 200) return payload;
    const made = answerBeside(standIns, url(), request, () => true, 'made');
    return made ? together(payload, made.answer, reply) : payload;
  });
}

function answerBeside(
  standIns: readonly StandIn[],
  url: string,
  request: FastifyRequest,
  fits: (answer: BesideAnswer) => boolean,
  only?: 'made',
): BesideAnswer | undefined {
  const home = ownOf(standIns, request.url);
  for (const { beside } of standIns) {
    const addresses = beside && home?.connectors?.(url)[beside.connector];
    if (!addresses) continue;
    for (const { at, path } of placesOf(beside, addresses, request)) {
      const answer = beside.play(request, path, `${url}${at}`, only);
      if (answer && fits(answer)) return answer;
    }
  }
  return undefined;
}

/** That what was asked for is not there, or that it cannot be asked for so. */
function isMissing({ statusCode }: FastifyReply, payload: string, home: StandIn): boolean {
  return statusCode === 404 || statusCode === 400 || (statusCode === 200 && home.lacks?.(payload) === true);
}

/** Of what cannot be asked for there, it is also an answer that there is none. */
const isBetter =
  (home: StandIn, than: number) =>
  (answer: BesideAnswer): boolean =>
    (answer.status < 300 || (than === 400 && answer.status === 404)) && home.lacks?.(textOf(answer)) !== true;

const textOf = ({ answer }: BesideAnswer): string =>
  typeof answer === 'string' ? answer : answer === undefined ? '' : JSON.stringify(answer);
const typeOf = ({ answer }: BesideAnswer): string =>
  typeof answer === 'string' ? 'text/plain' : 'application/json';

/** The lists of both, under the same name. */
function together(payload: string, made: unknown, reply: FastifyReply): string {
  const answer = parsed(payload);
  if (!isRecord(answer) || !isRecord(made)) return payload;
  let more = false;
  for (const [name, items] of Object.entries(made)) {
    const theirs = answer[name];
    if (!Array.isArray(items) || !Array.isArray(theirs) || items.length === 0) continue;
    answer[name] = [...theirs, ...items];
    more = true;
  }
  if (!more) return payload;
  reply.removeHeader('content-length');
  return JSON.stringify(answer);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where a request leads in the declared stand-in, by each of the settings that are addresses in both. */
function placesOf(
  { settings }: Beside,
  addresses: Record<string, unknown>,
  request: FastifyRequest,
): { at: string; path: string }[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const theirs = addresses[name];
    if (typeof theirs !== 'string' || typeof value !== 'string' || !value.includes('${{ url }}')) return [];
    const at = pathOf(theirs);
    if (!request.url.startsWith(`${at}/`)) return [];
    const [path = ''] = request.url.slice(at.length).split('?');
    return [{ at, path: pathOf(String(filled(value, { url: 'http://own' }))) + decodeURIComponent(path) }];
  });
}

function pathOf(address: string): string {
  return new URL(address).pathname.replace(/\/$/, '');
}
