/** Which connectors the runbooks use and the configuration says nothing of: told once each, and not at every step. */
import type { ConnectorSettings } from '../configuration/section.ts';

export interface MissingSettings {
  /** Under which name they are to be added. */
  connector: string;
  settings: string[];
}

/** Undefined for a connector that is configured, that needs no setting, or that was told of already. */
export function missingSettings(
  schemas: ConnectorSettings,
  configured: Readonly<Record<string, unknown>>,
): (connector: string) => MissingSettings | undefined {
  const told = new Set<string>();
  return (name) => {
    if (!Object.hasOwn(schemas, name)) return undefined;
    const from = schemas[name]?.['x-settingsFrom'];
    const connector = typeof from === 'string' ? from : name;
    const required = schemas[connector]?.required;
    const isConfigured = Object.hasOwn(configured, name) || Object.hasOwn(configured, connector);
    if (isConfigured || told.has(connector) || !Array.isArray(required) || required.length === 0)
      return undefined;
    told.add(connector);
    return { connector, settings: required.map(String) };
  };
}
