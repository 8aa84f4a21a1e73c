/** What a programmed stand-in does not know is played by the declared one of the same system. The two share nothing but the address. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Beside, ownOf, type StandIn } from '../stand-in.ts';
import { filled } from './expressions.ts';

export function playBeside(app: FastifyInstance, standIns: readonly StandIn[], url: () => string): void {
  app.addHook('preHandler', async (request, reply) => {
    const home = ownOf(standIns, request.url);
    if (!home || !(request.is404 || home.isUnknown?.(request))) return;
    for (const { beside } of standIns) {
      const addresses = beside && home.connectors?.(url())[beside.connector];
      if (!addresses) continue;
      for (const { at, path } of placesOf(beside, addresses, request)) {
        const played = beside.play(request, path, `${url()}${at}`);
        // Of a thing that neither has, the other says so in its own words.
        if (!played || (!request.is404 && played.status === 404)) continue;
        const { status, answer, headers } = played;
        return reply
          .code(status)
          .headers(headers)
          .type(typeof answer === 'string' ? 'text/plain' : 'application/json')
          .send(typeof answer === 'string' ? answer : answer === undefined ? '' : JSON.stringify(answer));
      }
    }
  });
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
