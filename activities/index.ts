/** All connectors, and their actions as data. */
import type { ActionDescription } from '../plan/catalogue.ts';
import type { DeclaredConnector } from '../plan/declared.ts';
import { defined } from '../plan/defined.ts';
import type { JsonSchema } from '../plan/plan.ts';
import { ad } from './ad/index.ts';
import { assets } from './assets/index.ts';
import { connectorOf } from './declared/connector.ts';
import { shippedConnectors } from './declared/shipped.ts';
import { dns } from './dns/index.ts';
import { entra } from './entra/index.ts';
import { exchange } from './exchange/index.ts';
import { http } from './http/index.ts';
import { intune } from './intune/index.ts';
import { jira } from './jira/index.ts';
import { keaConfig } from './kea-config/index.ts';
import { describeAction } from './kit/define-action.ts';
import type { Connector } from './kit/define-connector.ts';
import { mail } from './mail/index.ts';
import { onedrive } from './onedrive/index.ts';
import { procurement } from './procurement/index.ts';
import { register } from './register/index.ts';
import { servicenow } from './servicenow/index.ts';
import { slack } from './slack/index.ts';
import { ssh } from './ssh/index.ts';
import { teams } from './teams/index.ts';

/** Those in TypeScript. */
export const programmed: Connector[] = [
  ad,
  assets,
  dns,
  entra,
  exchange,
  http,
  intune,
  jira,
  keaConfig,
  mail,
  onedrive,
  procurement,
  register,
  servicenow,
  slack,
  ssh,
  teams,
];

/** All that ship, and further ones that are declared. */
export function connectorsWith(declared: readonly DeclaredConnector[]): Connector[] {
  return checked([...programmed, ...[...shippedConnectors(), ...declared].map(connectorOf)]);
}

export const connectors: Connector[] = connectorsWith([]);

/** Every action as the compiler, the editor and the reference page see it, sorted by name. */
export function descriptions(of: readonly Connector[] = connectors): ActionDescription[] {
  return of
    .flatMap((connector) => connector.actions.map(describeAction))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The JSON Schema of each connector's settings, as `countersign validate` and editors check them. */
export function connectorSettings(of: readonly Connector[] = connectors): Record<string, JsonSchema> {
  const schemas: Record<string, JsonSchema> = {};
  for (const { name, settings, settingsFrom } of of) {
    if (settingsFrom === name) continue;
    const { required, ...schema } = JSON.parse(JSON.stringify(settings)) as JsonSchema;
    const known = schemas[name];
    // Declared actions beside others take nothing away from what these are configured with.
    if (known) known.properties = { ...(schema.properties as object), ...(known.properties as object) };
    // What one connector leaves out may come from another.
    else
      schemas[name] = {
        ...schema,
        ...defined(settingsFrom === undefined ? { required } : { 'x-settingsFrom': settingsFrom }),
      };
  }
  return schemas;
}

/** Exported for its test. Refuses what would only be noticed when a run gets there. */
export function checked(all: Connector[]): Connector[] {
  const names = new Set<string>();
  for (const connector of all) {
    for (const { name } of connector.actions) {
      if (!name.startsWith(`${connector.name}.`))
        throw new Error(`The action ${name} does not begin with its connector's name, "${connector.name}.".`);
      if (names.has(name)) throw new Error(`Two actions are called ${name}.`);
      names.add(name);
    }
  }
  for (const action of all.flatMap((connector) => connector.actions))
    if (action.undo && !names.has(action.undo))
      throw new Error(`${action.name} names ${action.undo} to undo it, and there is no such action.`);
  return all;
}
