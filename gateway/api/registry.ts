/** Which routes the API has: written by scripts/registries.mjs, and not by hand. */
import { agendaRoutes } from './agenda.ts';
import { assetRoutes } from './assets.ts';
import { auditRoutes } from './audit.ts';
import { calendarFeedRoutes, calendarRoutes } from './calendar.ts';
import { commandRoutes } from './commands.ts';
import { delegationRoutes } from './delegations.ts';
import { deliveryRoutes } from './deliveries.ts';
import { gateRoutes } from './gate.ts';
import { inboxRoutes } from './inbox.ts';
import { eventRoutes } from './live.ts';
import { messageRoutes } from './messages.ts';
import { noteRoutes } from './notes.ts';
import { outsideEventRoutes } from './outside-events.ts';
import { overviewRoutes } from './overview.ts';
import { peopleRoutes } from './people.ts';
import { questionRoutes } from './questions.ts';
import { refusalRoutes } from './refusals.ts';
import { registerRoutes } from './register.ts';
import { reportRoutes } from './reports.ts';
import type { Routes } from './request.ts';
import { runExportRoutes } from './run-export.ts';
import { runbookRoutes } from './runbooks.ts';
import { runRoutes } from './runs.ts';
import { personRoutes, signInRoutes } from './sign-in.ts';
import { stepFormRoutes } from './step-form.ts';
import { ticketFileRoutes } from './ticket-files.ts';
import { viewRoutes } from './views.ts';

export const registry: Routes[] = [
  agendaRoutes,
  assetRoutes,
  auditRoutes,
  calendarFeedRoutes,
  calendarRoutes,
  commandRoutes,
  delegationRoutes,
  deliveryRoutes,
  gateRoutes,
  inboxRoutes,
  eventRoutes,
  messageRoutes,
  noteRoutes,
  outsideEventRoutes,
  overviewRoutes,
  peopleRoutes,
  questionRoutes,
  refusalRoutes,
  registerRoutes,
  reportRoutes,
  runExportRoutes,
  runbookRoutes,
  runRoutes,
  personRoutes,
  signInRoutes,
  stepFormRoutes,
  ticketFileRoutes,
  viewRoutes,
];
