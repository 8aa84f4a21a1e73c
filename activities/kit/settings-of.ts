import type { JsonObject } from '../../plan/plan.ts';
import type { Connector } from './define-connector.ts';
import type { Services } from './services.ts';

/** What a connector is configured with, and where that is silent, what the one has whose settings it uses. */
export function settingsOf(
  { name, settings, settingsFrom }: Pick<Connector, 'name' | 'settings' | 'settingsFrom'>,
  services: Pick<Services, 'settings'>,
): JsonObject | undefined {
  // Declared actions of a connector that has others in TypeScript use what these are configured with.
  const own = settingsFrom === name ? undefined : services.settings(name);
  const others = settingsFrom === undefined ? undefined : services.settings(settingsFrom);
  if (!others) return own;
  const shared = Object.entries(others).filter(([key]) => Object.hasOwn(settings.properties, key));
  return { ...Object.fromEntries(shared), ...own };
}
