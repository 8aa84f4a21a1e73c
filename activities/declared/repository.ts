/** The connectors of a folder on disk, compiled. */
import { type CompiledConnectors, compileConnectors } from '../../compiler/connectors/compile-connectors.ts';
import type { Catalogue } from '../../plan/catalogue.ts';
import { connectorSources, type ElsewhereFile } from './folders.ts';

export function compiledFolder(
  folder: string,
  catalogue: Catalogue,
  elsewhere?: ElsewhereFile,
): CompiledConnectors {
  return compileConnectors({ sources: connectorSources(folder, elsewhere), catalogue });
}
