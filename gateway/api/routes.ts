/** The REST API under /api/v1: what the command line, the console and other programs use. */
import type { FastifyInstance } from 'fastify';
import { auditRoutes } from './audit.ts';
import { commandRoutes } from './commands.ts';
import { deliveryRoutes } from './deliveries.ts';
import { eventRoutes } from './events.ts';
import { gateRoutes } from './gate.ts';
import { inboxRoutes } from './inbox.ts';
import { liveRoutes } from './live.ts';
import { type ApiParts, requireSignIn } from './parts.ts';
import { runbookRoutes } from './runbooks.ts';
import { runRoutes } from './runs.ts';
import { withoutSealed } from './sealed.ts';
import { personRoutes, signInRoutes } from './sign-in.ts';

export function apiRoutes(api: FastifyInstance, parts: ApiParts): void {
  api.register(async (open) => signInRoutes(open, parts));
  api.register(async (signedIn) => {
    requireSignIn(signedIn, parts.signIn);
    // What is audited is hashed as it is kept, with sealed values as their tokens.
    auditRoutes(signedIn, parts);
    signedIn.register(async (shown) => shownRoutes(shown, parts));
  });
}

function shownRoutes(api: FastifyInstance, parts: ApiParts): void {
  // Here and not in each route, so that none can forget it.
  api.addHook('preSerialization', async (_request, _reply, payload) => withoutSealed(payload));
  for (const routes of [
    personRoutes,
    inboxRoutes,
    runRoutes,
    gateRoutes,
    commandRoutes,
    runbookRoutes,
    deliveryRoutes,
    eventRoutes,
    liveRoutes,
  ])
    routes(api, parts);
}
