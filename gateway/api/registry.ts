/** Which routes the API has: written by scripts/registries.mjs, and not by hand. */
import { auditRoutes } from './audit.ts';
import { commandRoutes } from './commands.ts';
import { deliveryRoutes } from './deliveries.ts';
import { gateRoutes } from './gate.ts';
import { inboxRoutes } from './inbox.ts';
import { eventRoutes } from './live.ts';
import { outsideEventRoutes } from './outside-events.ts';
import { peopleRoutes } from './people.ts';
import { refusalRoutes } from './refusals.ts';
import { reportRoutes } from './reports.ts';
import type { Routes } from './request.ts';
import { runbookRoutes } from './runbooks.ts';
import { runRoutes } from './runs.ts';
import { personRoutes, signInRoutes } from './sign-in.ts';

export const registry: Routes[] = [
  auditRoutes,
  commandRoutes,
  deliveryRoutes,
  gateRoutes,
  inboxRoutes,
  eventRoutes,
  outsideEventRoutes,
  peopleRoutes,
  refusalRoutes,
  reportRoutes,
  runbookRoutes,
  runRoutes,
  personRoutes,
  signInRoutes,
];
