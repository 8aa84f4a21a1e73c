/** The four procedures, in the order in which the demo plays them. */
import { firewallRule } from './firewall-rule.ts';
import { leaver } from './leaver.ts';
import { newHire } from './new-hire.ts';
import { patchRing } from './patch-ring.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: Scenario[] = [newHire, leaver, firewallRule, patchRing];
