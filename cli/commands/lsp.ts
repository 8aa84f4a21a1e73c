/** The language server, for editors. */
import { serve } from '../../language-server/server.ts';
import { calendarFileReader } from '../../organisation/calendar-disk.ts';
import { knownActions, packagedConnectors, projectConnectors, readProject } from '../project.ts';

export async function lsp(): Promise<void> {
  serve({
    read: () => readProject([], undefined),
    catalogue: knownActions(),
    connectorSettings: { ...packagedConnectors(), ...projectConnectors().settings },
    // The editor says which folder is current only once it is there.
    calendarFile: (file) => calendarFileReader('countersign.yaml')(file),
    now: Date.now,
  });
  // It serves until the editor ends it.
  await new Promise(() => {});
}
