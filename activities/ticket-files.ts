/** The files of tickets, by system, with the settings of the connector of that name. */
import type { Static } from 'typebox';
import type { JsonObject } from '../plan/plan.ts';
import { resolveReferences } from '../vault/references.ts';
import { connectJira, type JiraSettings } from './jira/client.ts';
import { jiraFiles } from './jira/ticket-files.ts';
import type { TicketFiles } from './kit/ticket-files.ts';
import { connectServiceNow, type ServiceNowSettings } from './servicenow/client.ts';
import { serviceNowFiles } from './servicenow/ticket-files.ts';

export type { TicketFile, TicketFiles } from './kit/ticket-files.ts';

const readers: Record<string, (settings: JsonObject, signal: AbortSignal) => TicketFiles> = {
  jira: (settings, signal) =>
    jiraFiles(connectJira(settings as unknown as Static<typeof JiraSettings>).for(signal)),
  servicenow: (settings, signal) =>
    serviceNowFiles(connectServiceNow(settings as unknown as Static<typeof ServiceNowSettings>).for(signal)),
};

const limitMs = 30_000;

/** Undefined where the files of that system's tickets are not read, or no account is configured by which they could be. */
export async function ticketFilesOf(
  system: string,
  settings: Record<string, JsonObject>,
  services: Parameters<typeof resolveReferences>[1],
): Promise<TicketFiles | undefined> {
  const reader = Object.hasOwn(readers, system) ? readers[system] : undefined;
  const given = settings[system];
  if (!reader || !given) return undefined;
  const { value } = await resolveReferences(given, services);
  return reader(value as JsonObject, AbortSignal.timeout(limitMs));
}
