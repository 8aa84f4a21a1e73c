/** Every stand-in that speaks HTTP; a new one is one line here. */

import { firewall } from './firewall/stand-in.ts';
import { login } from './graph/sign-in.ts';
import { graph } from './graph/stand-in.ts';
import { jira } from './jira/stand-in.ts';
import { slack } from './slack/stand-in.ts';
import type { Shared, StandIn } from './stand-in.ts';
import { teams } from './teams/stand-in.ts';

export function standIns(shared: Shared): StandIn[] {
  return [graph(shared), login(shared), jira(shared), firewall(shared), slack(shared), teams(shared)];
}
