/** The language server, for editors. */

import { connectorSources } from '../../activities/declared/folders.ts';
import { specPath } from '../../activities/declared/repository.ts';
import { serve } from '../../language-server/server.ts';
import { configuredFileReader } from '../../organisation/calendar-disk.ts';
import { packagedActions, packagedConnectors, readProject, testFiles } from '../project.ts';

export async function lsp(): Promise<void> {
  serve({
    read: () => readProject([], undefined),
    tests: () => testFiles([]),
    catalogue: packagedActions(),
    connectors: () => connectorSources('connectors', specPath),
    connectorSettings: packagedConnectors(),
    // The editor says which folder is current only once it is there.
    configuredFile: (file, encoding) => configuredFileReader('countersign.yaml')(file, encoding),
    now: Date.now,
  });
  // It serves until the editor ends it.
  await new Promise(() => {});
}
