import type { CallContext, Effect, Json, JsonObject } from '../../plan/plan.ts';
import type { Seal } from '../../vault/seal.ts';
import type { Secrets } from '../../vault/secrets.ts';
import type { Action } from './define-action.ts';
import type { Connector, OwnParts } from './define-connector.ts';
import type { Lists } from './kept-lists.ts';
import type { Leave, WriteGuard } from './leave.ts';
import type { Outbound } from './outbound.ts';
import type { RequestStore } from './own-request.ts';

/** What the kit needs from the process that hosts it. */
export interface Services extends OwnParts {
  secrets: Secrets;
  seal: Seal;
  /**
   * What stands under `connectors: NAME:` in the configuration, with `{ $secret: NAME }` where a credential belongs.
   * Undefined when the connector is not configured; its actions then fail, saying so.
   */
  settings(connector: string): JsonObject | undefined;
  /** Settings under which a connector's system was known before, where the configuration says so under `formerly`. */
  formerly?(connector: string): JsonObject[];
  /** What may be reached whose address comes from a runbook. */
  outbound: Outbound;
  /**
   * Keeps what a step found before its first write, and gives back what was kept under this key first. Rejects when that is not
   * possible now. Without it only attempts that follow each other know of each other.
   */
  firstLook?: (key: string, found: Json) => Promise<Json>;
  /** Keeps what became of a step's own request. Without it only attempts that follow each other know of each other. */
  requests?: RequestStore;
  /** A declared action as it was compiled, by the hash that a run carries. Without it only what is known now can be called. */
  keptAction?: (hash: string) => Promise<{ connector: Connector; action: Action } | undefined>;
  /** Keeps lists that are too large for a history. Without it such an answer is a failure. */
  lists?: Lists;
  /** Decides whether a write may begin. Without it every one may. */
  guard?: WriteGuard;
  /** Told how long a call waited for its connector's limit, in milliseconds. */
  waited?(connector: string, ms: number): void;
  /** Puts an attempt on record. Rejects when that is not possible now. Without it nothing is recorded. */
  record?: (entry: AttemptRecord) => Promise<void>;
  /** The same of a beginning, together with `firstLook`: both or neither. Without it they are kept one after the other. */
  recordWithLook?: (entry: AttemptRecord, look: KeptLook) => Promise<Json>;
}

/** What a step found before its first write, under its key. */
export interface KeptLook {
  key: string;
  found: Json;
}

/** One moment of one attempt of an action. */
export interface AttemptRecord {
  call: CallContext;
  action: string;
  effect: Effect;
  /** From 1, counted anew when a person retries the step. */
  attempt: number;
  event: /** `input` as the run keeps it, sealed where it must be. */
    | ({ type: 'begun'; input?: Json } & Partial<Leave>)
    /** `output` as the run keeps it, sealed where it must be. */
    | { type: 'succeeded'; output: Json; verified?: true; durationMs: number }
    /** In words that hold no secret. */
    | { type: 'failed'; failure: { type: string; message: string; requestId?: string }; durationMs: number }
    | { type: 'cancelled'; durationMs: number };
}
