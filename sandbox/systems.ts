/** Every stand-in that speaks HTTP; a new one is one line here. */

import { login } from './graph/sign-in.ts';
import { graph } from './graph/stand-in.ts';
import { jira } from './jira/stand-in.ts';
import { servicenow } from './servicenow/stand-in.ts';
import type { Shared, StandIn } from './stand-in.ts';

export function standIns(shared: Shared): StandIn[] {
  return [graph(shared), login(shared), jira(shared), servicenow(shared)];
}
