import type { Static, TObject } from 'typebox';
import type { AssetRegister } from '../../plan/register.ts';
import type { AttemptClient } from './attempt-client.ts';
import type { Action } from './define-action.ts';
import type { Outbound } from './outbound.ts';

export interface CheckContext {
  /** Keeps a text out of every message. */
  conceal(text: string): void;
}

/** What a process has of its own, where it has it. */
export interface OwnParts {
  /** The register of assets in our database. */
  register?: AssetRegister;
}

/** One outside system: how to reach it, and what can be done there. */
export interface ConnectorDefinition<Settings extends TObject, Client extends AttemptClient> {
  /** The part of its actions' names before the dot, and its key under `connectors:` in the configuration. */
  name: string;
  title: string;
  /** What stands under its key in the configuration, with secrets already resolved. */
  settings: Settings;
  /**
   * The connector whose settings count where this one's own are silent, such as credentials that both use. Its own name: it has actions
   * in TypeScript too, and the settings of these.
   */
  settingsFrom?: string;
  /**
   * Settings that may change although it stays the same system: credentials, and how it is called. `hosts.*.privateKey` names one of
   * every host. All others say which system it is, and stand in the clear in records of approvals.
   */
  sameSystem: readonly string[];
  /** `outbound` is for addresses that come from runbooks; those of the settings are the configuration's own choice. */
  connect(settings: Static<Settings>, outbound: Outbound, own: OwnParts): Client;
  actions: Action[];
  /**
   * Reaches the system and reads a little of it, so that `countersign doctor` can say that settings, credentials and permissions are right;
   * changes nothing, and rejects with what is wrong. Where a system has nothing that only reads, the reason in words.
   */
  check?: string | ((client: Client, context: CheckContext) => Promise<unknown>);
  /** The most calls a second that one worker makes, unless the configuration says otherwise. */
  callsPerSecond?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: settings and client are checked and made by the connector itself.
export type Connector = ConnectorDefinition<TObject, any>;

export function defineConnector<Settings extends TObject, Client extends AttemptClient>(
  definition: ConnectorDefinition<Settings, Client>,
): Connector {
  return definition as unknown as Connector;
}
