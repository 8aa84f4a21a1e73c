/** Reads connectors from disk: a folder each, in `connectors/` of a runbook repository, or in the product's own. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { ConnectorSource } from '../../compiler/connectors/compile-connectors.ts';
import { isInside, repositoryOf } from '../../organisation/inside-folder.ts';

/** Another place where a contract may be, such as that of documents which are not ours to ship. */
export type ElsewhereFile = (file: string) => string | undefined;

/** `folder` holds connectors. Paths are shown relative to where the process works. */
export function connectorSources(folder: string, elsewhere?: ElsewhereFile): ConnectorSource[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'connector.yaml')))
    .map(({ name }) => sourceOf(join(folder, name), name, elsewhere))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function sourceOf(folder: string, name: string, elsewhere?: ElsewhereFile): ConnectorSource {
  const shown = relative(process.cwd(), resolve(folder)) || folder;
  const repository = repositoryOf(join(folder, 'connector.yaml'));
  const folderIsInside = isInside(repository, folder);
  const files = readdirSync(folder, { withFileTypes: true })
    .filter(
      ({ name: file }) =>
        file === 'connector.yaml' || file === 'tickets.yaml' || file.endsWith('.action.yaml'),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => {
      const path = join(folder, entry.name);
      // What is a file itself is where its folder is: following every path of a large repository takes longer than reading it.
      const text =
        folderIsInside && entry.isFile() ? readFileSync(path, 'utf8') : readInside(repository, path);
      return { path: join(shown, entry.name), text };
    });
  return {
    name,
    folder: shown,
    files,
    read: (file) => {
      const path = join(folder, file);
      if (existsSync(path)) return readInside(repository, path);
      if (elsewhere) return elsewhere(file);
      throw new Error(`there is no file ${join(shown, file)}`);
    },
  };
}

function readInside(repository: string, path: string): string {
  // What a link leads to outside would be shown line by line, wherever the check runs.
  if (!isInside(repository, path)) throw new Error(`${path} is a link that leads out of the repository`);
  return readFileSync(path, 'utf8');
}
