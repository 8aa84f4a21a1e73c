/** The language server, for editors. */
import { serve } from '../../language-server/server.ts';
import { packagedActions, packagedConnectors, readProject } from '../project.ts';

export async function lsp(): Promise<void> {
  serve({
    read: () => readProject([], undefined),
    catalogue: packagedActions(),
    connectorSettings: packagedConnectors(),
  });
  // It serves until the editor ends it.
  await new Promise(() => {});
}
