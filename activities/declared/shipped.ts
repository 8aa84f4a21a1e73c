/** The connectors that ship as data, as they were compiled when the product was made: nothing is read of YAML or contracts at run time. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeclaredConnector } from '../../plan/declared.ts';

export const compiledFile = 'schemas/declared.json';
/** How their tickets are read stands by itself: every command needs it, and only what runs actions needs the rest. */
export const ticketsFile = 'schemas/ticket-systems.json';

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

/** The text of both files. */
export function shippedFiles(connectors: readonly DeclaredConnector[]): { path: string; text: string }[] {
  const actions = connectors.map(({ tickets: _, ...rest }) => rest);
  const systems = connectors.flatMap(({ tickets }) => tickets ?? []);
  return [
    { path: compiledFile, text: linesOf(actions) },
    { path: ticketsFile, text: linesOf(systems) },
  ];
}

/** One entry a line, so that a change shows as one. */
function linesOf(entries: readonly unknown[]): string {
  return `[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`;
}
