/** Every stand-in that speaks HTTP; a new one is one line here. */

import { assets } from './assets/stand-in.ts';
import { login } from './graph/sign-in.ts';
import { graph } from './graph/stand-in.ts';
import { jira } from './jira/stand-in.ts';
import type { Shared, StandIn } from './stand-in.ts';
import { supplier } from './supplier/stand-in.ts';

export function standIns(shared: Shared): StandIn[] {
  return [graph(shared), login(shared), jira(shared), assets(shared), supplier(shared)];
}
