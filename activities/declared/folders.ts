/** Reads connectors from disk: a folder each, in `connectors/` of a runbook repository, or in the product's own. */
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { ConnectorSource } from '../../compiler/connectors/compile-connectors.ts';
import { isInside, repositoryOf } from '../../organisation/inside-folder.ts';

/** Where else a contract may be, such as a document which is not ours to ship: its path there. */
export type Elsewhere = (file: string) => string | undefined;

/** A source whose texts are read when somebody asks for them. */
export interface DiskSource extends ConnectorSource {
  files: readonly { file: string; path: string; text: string }[];
  /** Where a file of the folder is. */
  placeOf(file: string): string | undefined;
}

/** `folder` holds connectors. Paths are shown relative to where the process works. */
export function connectorSources(folder: string, elsewhere?: Elsewhere): DiskSource[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'connector.yaml')))
    .map(({ name }) => sourceOf(join(folder, name), name, elsewhere))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function sourceOf(folder: string, name: string, elsewhere?: Elsewhere): DiskSource {
  const shown = relative(process.cwd(), resolve(folder)) || folder;
  const repository = once(() => repositoryOf(join(folder, 'connector.yaml')));
  const folderIsInside = once(() => isInside(repository(), folder));
  const files = readdirSync(folder, { withFileTypes: true })
    .filter(
      ({ name: file }) =>
        file === 'connector.yaml' || file === 'tickets.yaml' || file.endsWith('.action.yaml'),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => {
      const path = `${folder}/${entry.name}`;
      // What is a file itself is where its folder is: following every path of a large repository takes longer than reading it.
      const text = once(() =>
        entry.isFile() && folderIsInside() ? readFileSync(path, 'utf8') : readInside(repository(), path),
      );
      return {
        file: entry.name,
        path: `${shown}/${entry.name}`,
        get text() {
          return text();
        },
      };
    });
  const own = new Set(files.map(({ file }) => file));
  const placeOf = (file: string) => {
    const path = `${folder}/${file}`;
    return own.has(file) || existsSync(path) ? path : elsewhere?.(file);
  };
  return {
    name,
    folder: shown,
    files,
    placeOf,
    read: (file) => {
      const path = join(folder, file);
      if (existsSync(path)) return readInside(repository(), path);
      if (!elsewhere) throw new Error(`there is no file ${join(shown, file)}`);
      const other = elsewhere(file);
      return other !== undefined && existsSync(other) ? readFileSync(other, 'utf8') : undefined;
    },
  };
}

/** What is another as soon as a file is, as far as that is known without reading it: undefined where only its text tells. */
export function stampOf(path: string): { stamp: string; changedMs: number } | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  // Behind a link is another file, which changes by itself.
  if (!stat?.isFile()) return undefined;
  const { dev, ino, size, mtimeMs, ctimeMs } = stat;
  return { stamp: `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`, changedMs: Math.max(mtimeMs, ctimeMs) };
}

function once<T>(compute: () => T): () => T {
  let known: { value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}

function readInside(repository: string, path: string): string {
  // What a link leads to outside would be shown line by line, wherever the check runs.
  if (!isInside(repository, path)) throw new Error(`${path} is a link that leads out of the repository`);
  return readFileSync(path, 'utf8');
}
