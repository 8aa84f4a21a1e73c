/** Which sections a configuration has: written by scripts/registries.mjs, and not by hand. */
import { approvals } from './approvals.ts';
import { auditStream } from './audit-stream.ts';
import { calendars } from './calendars.ts';
import { connectors } from './connectors.ts';
import { git } from './git.ts';
import { holidays } from './holidays.ts';
import { organisation } from './organisation.ts';
import { outbound } from './outbound.ts';
import { policies } from './policies.ts';
import { retention } from './retention.ts';
import { roles } from './roles.ts';
import { rules } from './rules.ts';
import { secrets } from './secrets.ts';
import { separationOfDuties } from './separation-of-duties.ts';
import { signIn } from './sign-in.ts';
import { temporal } from './temporal.ts';
import { tickets } from './tickets.ts';
import { timezone } from './timezone.ts';

export const sections = {
  approvals,
  auditStream,
  calendars,
  connectors,
  git,
  holidays,
  organisation,
  outbound,
  policies,
  retention,
  roles,
  rules,
  secrets,
  separationOfDuties,
  signIn,
  temporal,
  tickets,
  timezone,
};
