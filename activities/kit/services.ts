import type { JsonObject } from '../../compiler/plan.ts';
import type { Outbound } from './outbound.ts';
import type { Seal } from './seal.ts';
import type { Secrets } from './secrets.ts';

/** What the kit needs from the process that hosts it. */
export interface Services {
  secrets: Secrets;
  seal: Seal;
  /**
   * What stands under `connectors: NAME:` in the configuration, with `{ $secret: NAME }` where a credential belongs.
   * Undefined when the connector is not configured; its actions then fail, saying so.
   */
  settings(connector: string): JsonObject | undefined;
  /** What may be reached whose address comes from a runbook. */
  outbound: Outbound;
}
