/** The REST API under /api/v1: what the command line, the console and other programs use. */
import type { FastifyInstance } from 'fastify';
import { referenceIn } from '../../vault/references.ts';
import { Problem } from '../problem.ts';
import { auditRoutes } from './audit.ts';
import { commandRoutes } from './commands.ts';
import { deliveryRoutes } from './deliveries.ts';
import { gateRoutes } from './gate.ts';
import { inboxRoutes } from './inbox.ts';
import { eventRoutes } from './live.ts';
import { outsideEventRoutes } from './outside-events.ts';
import { type ApiParts, requireSignIn } from './request.ts';
import { runbookRoutes } from './runbooks.ts';
import { runRoutes } from './runs.ts';
import { withoutSealed } from './sealed.ts';
import { personRoutes, signInRoutes } from './sign-in.ts';

export function apiRoutes(api: FastifyInstance, parts: ApiParts): void {
  api.register(async (open) => signInRoutes(open, parts));
  api.register(async (signedIn) => {
    requireSignIn(signedIn, parts.signIn);
    // Here and not in each route, so that none can forget it.
    signedIn.addHook('preValidation', async ({ body }) => {
      const key = referenceIn(body);
      if (key !== undefined)
        throw new Problem(
          422,
          'A reference from outside',
          `The body has the key "${key}", by which only a runbook may name a secret or a sealed value. Write the value itself.`,
        );
    });
    signedIn.addHook('preSerialization', async (_request, _reply, payload) => withoutSealed(payload));
    for (const routes of [
      personRoutes,
      inboxRoutes,
      runRoutes,
      gateRoutes,
      commandRoutes,
      runbookRoutes,
      deliveryRoutes,
      eventRoutes,
      outsideEventRoutes,
    ])
      routes(signedIn, parts);
  });
  // As it is kept, sealed values among it: the digests on record are over exactly that.
  api.register(async (signedIn) => {
    requireSignIn(signedIn, parts.signIn);
    auditRoutes(signedIn, parts);
  });
}
