/** The connectors that ship as data, as they were compiled when the product was made: nothing is read of YAML or contracts at run time. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeclaredConnector } from '../../plan/declared.ts';

export const compiledFile = 'schemas/declared.json';

let known: readonly DeclaredConnector[] | undefined;

export function shippedConnectors(): readonly DeclaredConnector[] {
  known ??= compiledAt(productFolder());
  return known;
}

/** Where the product's own `connectors/` and `schemas/` stand. */
export function productFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json'))) return folder;
  return '.';
}

export function compiledAt(folder: string): DeclaredConnector[] {
  const path = join(folder, compiledFile);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as DeclaredConnector[]) : [];
}
