/** The REST API under /api/v1: what the command line, the console and other programs use. */

import type { FastifyInstance } from 'fastify';
import { deepest, isTooDeep } from '../../plan/depth.ts';
import { withoutSealed } from '../../presentation/sealed.ts';
import { referenceIn } from '../../vault/references.ts';
import { Problem } from '../problem.ts';
import { registry } from './registry.ts';
import { type ApiParts, type Routes, requireSignIn } from './request.ts';

export function apiRoutes(api: FastifyInstance, parts: ApiParts): void {
  const add = (scope: FastifyInstance, whom: Routes['for']) => {
    for (const routes of registry) if (routes.for === whom) routes.add(scope, parts);
  };
  // Before anything walks through it.
  api.addHook('preValidation', async ({ body }) => {
    if (isTooDeep(body))
      throw new Problem(
        400,
        'Nested too deeply',
        `The body has lists and objects more than ${deepest} deep in one another. Send it flatter.`,
      );
  });
  // A route that takes nothing has no schema that would say so.
  api.addHook('preValidation', async ({ body, routeOptions }) => {
    const [key] = typeof body === 'object' && body !== null ? Object.keys(body) : [];
    if (key === undefined || routeOptions.schema?.body !== undefined) return;
    throw new Problem(
      400,
      'Not understood',
      `The request does not fit: body has the key "${key}", and this takes nothing.`,
    );
  });
  api.register(async (open) => add(open, 'anybody'));
  api.register(async (signedIn) => {
    requireSignIn(signedIn, parts);
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
    add(signedIn, 'signed in');
  });
  api.register(async (signedIn) => {
    requireSignIn(signedIn, parts);
    add(signedIn, 'as kept');
  });
}
