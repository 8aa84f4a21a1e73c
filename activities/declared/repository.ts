/** The connectors of a runbook repository, compiled; and the product's own, where it is made. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  type CompiledConnectors,
  compileConnectors,
  settingsOf,
} from '../../compiler/connectors/compile-connectors.ts';
import { sameActionTwice } from '../../compiler/diagnostics/registry/connectors.ts';
import { type Catalogue, catalogueOf } from '../../plan/catalogue.ts';
import type { DeclaredConnector } from '../../plan/declared.ts';
import { defined } from '../../plan/defined.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import { type CompileCache, KeptConnectors } from './compile-cache.ts';
import { connectorSources, type DiskSource, type Elsewhere } from './folders.ts';
import { compiledAt, productFolder } from './shipped.ts';

export interface RepositoryConnectors extends CompiledConnectors {
  /** All actions: those given, and the repository's own. */
  catalogue: Catalogue;
  settings: Record<string, JsonSchema>;
  /** Names of its ticket systems. */
  ticketSystems: string[];
  /** The texts, for diagnostics. */
  texts: { path: string; text: string }[];
}

/**
 * `connectors/` beside a configuration. The product's own are in the catalogue already. With a cache the catalogue must be the one of its build.
 */
export function repositoryConnectors(
  configurationPath: string,
  catalogue: Catalogue,
  cache?: CompileCache,
): RepositoryConnectors {
  const folder = join(dirname(resolve(configurationPath)), 'connectors');
  const sources = isProducts(folder) ? [] : connectorSources(folder);
  const kept = cache && sources.length > 0 ? new KeptConnectors(cache, folder, sources) : undefined;
  const { connectors, faulty, diagnostics, needs } = compiledOrKept(sources, catalogue, kept);
  const own = connectors.flatMap(({ descriptions }) => descriptions);
  return {
    connectors,
    faulty,
    diagnostics,
    needs,
    catalogue: own.length === 0 ? catalogue : catalogueOf([...catalogue.values(), ...own]),
    settings: settingsOf(connectors),
    ticketSystems: connectors.flatMap(({ tickets }) => tickets?.name ?? []),
    texts: sources.flatMap(({ files }) => files),
  };
}

function compiledOrKept(
  sources: DiskSource[],
  catalogue: Catalogue,
  kept: KeptConnectors | undefined,
): CompiledConnectors {
  const known = kept?.read(() => compileConnectors({ sources, catalogue }).connectors);
  if (!kept || !known || known.connectors.length === 0) return compiledWhole(sources, catalogue, kept);
  const { connectors: beside, changed } = known;
  if (changed.length === 0) return { connectors: beside, faulty: [], diagnostics: [], needs: new Map() };
  const compiled = compileConnectors({ sources: kept.noted(changed), catalogue, beside });
  // Which of two is told to have the other's name depends on which was read first.
  if (compiled.diagnostics.some(({ code }) => code === sameActionTwice.code))
    return compiledWhole(sources, catalogue, kept);
  const connectors = [...beside, ...compiled.connectors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const whole = withoutDiagnostics(compiled);
  if (whole.length > 0)
    kept.write(
      connectors.filter((each) => beside.includes(each) || whole.includes(each)),
      compiled.needs,
    );
  return { ...compiled, connectors };
}

function compiledWhole(
  sources: DiskSource[],
  catalogue: Catalogue,
  kept: KeptConnectors | undefined,
): CompiledConnectors {
  // Most repositories have none: then nobody need go through all actions that ship.
  if (sources.length === 0) return { connectors: [], faulty: [], diagnostics: [], needs: new Map() };
  const compiled = compileConnectors({ sources: kept?.noted() ?? sources, catalogue });
  const whole = withoutDiagnostics(compiled);
  if (whole.length > 0) kept?.write(whole, compiled.needs);
  return compiled;
}

/** Those of which there is nothing to say. */
function withoutDiagnostics({ connectors, diagnostics }: CompiledConnectors): DeclaredConnector[] {
  return connectors.filter(({ folder }) => !diagnostics.some(({ file }) => file.startsWith(`${folder}/`)));
}

/** The files of these connectors, to see whether one has changed. */
export function connectorPaths(configurationPath: string): string[] {
  const folder = join(dirname(resolve(configurationPath)), 'connectors');
  if (!existsSync(folder) || isProducts(folder)) return [];
  return (
    readdirSync(folder, { recursive: true, withFileTypes: true })
      // Scripts and contracts too: their text is a part of what is compiled, whatever they are called.
      .filter((entry) => !entry.isDirectory() && !entry.parentPath.split(/[\\/]/).includes('exchanges'))
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
  );
}

function isProducts(folder: string): boolean {
  const products = join(productFolder(), 'connectors');
  return existsSync(folder) && existsSync(products) && realpathSync(folder) === realpathSync(products);
}

/** The connectors of a folder, each by itself. */
export function compiledFolder(
  folder: string,
  catalogue: Catalogue,
  elsewhere?: Elsewhere,
): CompiledConnectors {
  return compileConnectors({ sources: connectorSources(folder, elsewhere), catalogue });
}

/** OpenAPI documents that are not ours to ship. */
export function specFile(file: string): string | undefined {
  const path = specPath(file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

export function specPath(file: string): string {
  return join(specsFolder(), file);
}

function specsFolder(): string {
  return process.env.COUNTERSIGN_SPECS ?? join(productFolder(), '..', 'shared', 'specs');
}

/** What ships, compiled anew. Without its contract a connector stays as it was compiled with it. */
export function compiledForShipping(catalogue: Catalogue): CompiledConnectors {
  const folder = join(productFolder(), 'connectors');
  const earlier = new Map(compiledAt(productFolder()).map((each) => [each.name, each]));
  const missing = new Set<string>();
  const sources = connectorSources(folder).map((source) => ({
    ...source,
    read: (file: string) => {
      const text = existsSync(join(folder, source.name, file)) ? source.read(file) : specFile(file);
      if (text === undefined) missing.add(source.name);
      return text;
    },
  }));
  const { connectors, faulty, diagnostics, needs } = compileConnectors({ sources, catalogue });
  const kept = (each: DeclaredConnector) =>
    // How its tickets are read depends on no contract.
    missing.has(each.name)
      ? { ...(earlier.get(each.name) ?? each), ...defined({ tickets: each.tickets }) }
      : each;
  return { connectors: connectors.map(kept), faulty, diagnostics, needs };
}
