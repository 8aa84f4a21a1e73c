/** Every stand-in that speaks HTTP; a new one is one line here. */

import { assets } from './assets/stand-in.ts';
import { declaredStandIns } from './declared/stand-in.ts';
import { Mailboxes } from './exchange/mailboxes.ts';
import { exchange } from './exchange/stand-in.ts';
import { firewall } from './firewall/stand-in.ts';
import { login } from './graph/sign-in.ts';
import { graph } from './graph/stand-in.ts';
import { jira } from './jira/stand-in.ts';
import { servicenow } from './servicenow/stand-in.ts';
import { slack } from './slack/stand-in.ts';
import type { Shared, StandIn } from './stand-in.ts';
import { supplier } from './supplier/stand-in.ts';
import { teams } from './teams/stand-in.ts';

/** `declared` is the folder whose connectors have a `stand-in.yaml`. */
export function standIns(shared: Shared, declared: readonly string[]): StandIn[] {
  const mailboxes = new Mailboxes(shared.effects, shared.directory);
  const programmed = [
    graph(shared, mailboxes),
    login(shared),
    exchange(shared, mailboxes),
    jira(shared),
    servicenow(shared),
    supplier(shared),
    assets(shared),
    firewall(shared),
    slack(shared),
    teams(shared),
  ];
  const taken = new Set(
    programmed.flatMap(({ system, connectors }) => [system, ...Object.keys(connectors?.('') ?? {})]),
  );
  return [...programmed, ...declared.flatMap((folder) => declaredStandIns(shared, folder, taken))];
}
