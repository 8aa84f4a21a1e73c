/**
 * What the connectors of a repository compiled to, kept for whoever only checks: compiling them is most of `validate`. Bound to every text that it was made
 * of and to the build that made it. It stands in the user’s own cache and not in the repository: an entry that came with a commit would answer
 * instead of the files that were reviewed. The gateway and the worker ask it nothing.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConnectorSource } from '../../compiler/connectors/compile-connectors.ts';
import type { DeclaredConnector } from '../../plan/declared.ts';
import { productFolder } from './shipped.ts';

export interface CompileCache {
  folder: string;
  /** Of the compiler and of the actions that ship. */
  build: string;
}

/** Undefined where nobody knows which build this is, as when it runs from its sources. */
export function userCache(): CompileCache | undefined {
  const product = productFolder();
  const stamp = join(product, 'dist', '.programs.stamp');
  const isBuilt = dirname(fileURLToPath(import.meta.url)).startsWith(join(product, 'dist'));
  if (!isBuilt || !existsSync(stamp)) return undefined;
  const base =
    process.env.COUNTERSIGN_CACHE ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'countersign');
  return { folder: join(base, 'connectors'), build: readFileSync(stamp, 'utf8') };
}

/** A file that was opened besides, with the hash of its text; null where it is not at hand. */
type Opened = readonly [connector: string, file: string, hash: string | null];

/** Without a diagnostic only: what has one is compiled each time, so that it is told each time. */
export class KeptConnectors {
  private readonly cache: CompileCache;
  private readonly path: string;
  private readonly sources: readonly ConnectorSource[];
  private readonly opened = new Map<string, Opened>();
  /** By text: several connectors may be held to one document, and a large one takes long. */
  private readonly hashes = new Map<string, string>();

  /** `folder` has the connectors: one entry for each such folder, so that the cache does not grow with every change. */
  constructor(cache: CompileCache, folder: string, sources: readonly ConnectorSource[]) {
    this.cache = cache;
    this.path = join(cache.folder, `${sha256(resolve(folder)).slice(0, 32)}.json`);
    this.sources = sources;
  }

  /** Undefined unless everything is as it was. */
  read(): DeclaredConnector[] | undefined {
    try {
      const text = readFileSync(this.path, 'utf8');
      const end = text.indexOf('\n');
      const [key, checksum, opened] = JSON.parse(text.slice(0, end)) as [string, string, Opened[]];
      const kept = text.slice(end + 1);
      const isAsItWas = key === this.key() && opened.every((each) => this.isAsItWas(each));
      return isAsItWas && checksum === sha256(kept) ? connectorsIn(kept) : undefined;
    } catch {
      // Absent, damaged, or of another form: compiling gives the same and takes longer.
      return undefined;
    }
  }

  /** The sources as they are to be compiled: notes what is opened of them. */
  noted(): ConnectorSource[] {
    return this.sources.map((source) => ({
      ...source,
      read: (file: string) => {
        const text = source.read(file);
        this.opened.set(`${source.name}\n${file}`, [source.name, file, this.hashOf(text)]);
        return text;
      },
    }));
  }

  write(connectors: readonly DeclaredConnector[]): void {
    const text = textOf(connectors);
    const head = JSON.stringify([this.key(), sha256(text), [...this.opened.values()]]);
    const draft = `${this.path}.${randomUUID()}`;
    try {
      mkdirSync(this.cache.folder, { recursive: true, mode: 0o700 });
      try {
        writeFileSync(draft, `${head}\n${text}`, { mode: 0o600, flag: 'wx' });
        renameSync(draft, this.path);
      } finally {
        rmSync(draft, { force: true });
      }
    } catch {
      // A home that cannot be written to costs time, and nothing else.
    }
  }

  private key(): string {
    const hash = createHash('sha256').update(this.cache.build);
    for (const { name, folder, files } of this.sources) {
      hash.update(`\0${name}\0${folder}`);
      for (const { path, text } of files) hash.update(`\0${path}\0${text.length}\0`).update(text);
    }
    return hash.digest('hex');
  }

  private isAsItWas([name, file, hash]: Opened): boolean {
    const source = this.sources.find((each) => each.name === name);
    return source !== undefined && this.hashOf(source.read(file)) === hash;
  }

  private hashOf(text: string | undefined): string | null {
    if (text === undefined) return null;
    const known = this.hashes.get(text) ?? sha256(text);
    this.hashes.set(text, known);
    return known;
  }
}

/** Two lines: what whoever checks runbooks needs, and the actions themselves, which only whoever runs them does. */
function textOf(connectors: readonly DeclaredConnector[]): string {
  const rest = connectors.map(({ actions: _, ...each }) => each);
  return `${JSON.stringify(rest)}\n${JSON.stringify(connectors.map(({ actions }) => actions))}`;
}

function connectorsIn(text: string): DeclaredConnector[] {
  const end = text.indexOf('\n');
  let actions: DeclaredConnector['actions'][] | undefined;
  return (JSON.parse(text.slice(0, end)) as Omit<DeclaredConnector, 'actions'>[]).map((each, index) => ({
    ...each,
    get actions() {
      actions ??= JSON.parse(text.slice(end + 1)) as DeclaredConnector['actions'][];
      return actions[index] ?? [];
    },
  }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
