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
import type { DeclaredDescription } from '../../plan/catalogue.ts';
import type { DeclaredConnector } from '../../plan/declared.ts';
import { type DiskSource, stampOf } from './folders.ts';
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

/** A file as it was: its text's hash, null where it is not at hand, and what tells without reading that it is the same. */
type Seen = readonly [connector: string, file: string, hash: string | null, stamp: string | null];

/** What stands in the first line of an entry, with the checksums of what is behind it and of the actions, which have a file of their own. */
type Head = readonly [key: string, checksum: string, ofActions: string, seen: Seen[]];

/**
 * A file that has changed so shortly before it was looked at is known by its text alone: within one tick of the clock of a disk it could change
 * once more, and would look the same.
 */
const tooFreshMs = 2_500;

/** Without a diagnostic only: what has one is compiled each time, so that it is told each time. */
export class KeptConnectors {
  private readonly cache: CompileCache;
  private readonly path: string;
  private readonly sources: readonly DiskSource[];
  private readonly opened = new Map<string, Seen>();
  /** By text: several connectors may be held to one document, and a large one takes long. */
  private readonly hashes = new Map<string, string>();
  /** Of each file, from before anything was read: what changes since has another one. */
  private readonly stamps = new Map<string, string | null>();
  private readonly beganMs = Date.now();

  /** `folder` has the connectors: one entry for each such folder, so that the cache does not grow with every change. */
  constructor(cache: CompileCache, folder: string, sources: readonly DiskSource[]) {
    this.cache = cache;
    this.path = join(cache.folder, `${sha256(resolve(folder)).slice(0, 32)}.json`);
    this.sources = sources;
  }

  /** Undefined unless everything is as it was. Where the actions turn out to be damaged, `again` compiles. */
  read(again: () => readonly DeclaredConnector[]): DeclaredConnector[] | undefined {
    try {
      const entry = readFileSync(this.path);
      const end = entry.indexOf('\n');
      const [key, checksum, ofActions, seen] = JSON.parse(entry.toString('latin1', 0, end)) as Head;
      const kept = entry.subarray(end + 1);
      if (key !== this.key() || checksum !== sha256(kept)) return undefined;
      const now = seen.map((each) => this.asItWas(each));
      if (!now.every((each) => each !== undefined)) return undefined;
      // A new copy of the repository has the same texts in other files: the next time they need not be read.
      if (now.some((each, index) => each[3] !== seen[index]?.[3]))
        this.put(this.path, headed([key, checksum, ofActions, now], kept));
      return this.connectorsIn(kept, ofActions, again);
    } catch {
      // Absent, damaged, or of another form: compiling gives the same and takes longer.
      return undefined;
    }
  }

  /** The sources as they are to be compiled: notes what is opened of them. */
  noted(): ConnectorSource[] {
    for (const source of this.sources) for (const { file } of source.files) this.stampOf(source, file);
    return this.sources.map((source) => ({
      ...source,
      read: (file: string) => {
        const stamp = this.stampOf(source, file);
        const text = source.read(file);
        this.opened.set(`${source.name}\n${file}`, [source.name, file, this.hashOf(text), stamp]);
        return text;
      },
    }));
  }

  write(connectors: readonly DeclaredConnector[]): void {
    const actions = asciiOf(connectors.map(asideOf));
    const text = asciiOf(connectors.map(firstOf));
    const own = this.sources.flatMap((source) =>
      source.files.map(
        ({ file, text: of }): Seen => [source.name, file, this.hashOf(of), this.stampOf(source, file)],
      ),
    );
    this.put(this.actionsPath, actions);
    const head: Head = [this.key(), sha256(text), sha256(actions), [...own, ...this.opened.values()]];
    this.put(this.path, headed(head, text));
  }

  /** Whoever checks runbooks needs no actions, and whoever runs them does. */
  private connectorsIn(
    text: Buffer,
    ofActions: string,
    again: () => readonly DeclaredConnector[],
  ): DeclaredConnector[] {
    let known: readonly Aside[] | undefined;
    const asideAt = (index: number) => {
      known ??= this.keptAside(ofActions) ?? again().map(asideOf);
      return known[index];
    };
    const first = JSON.parse(text.toString('latin1')) as Omit<DeclaredConnector, 'actions'>[];
    return first.map((each, index) => ({
      ...each,
      descriptions: each.descriptions.map((description, nth) =>
        description.declared
          ? { ...description, declared: lazily(description.declared, () => asideAt(index)?.pages[nth]) }
          : description,
      ),
      get actions() {
        return asideAt(index)?.actions ?? [];
      },
    }));
  }

  private keptAside(checksum: string): Aside[] | undefined {
    try {
      const text = readFileSync(this.actionsPath);
      return sha256(text) === checksum ? JSON.parse(text.toString('latin1')) : undefined;
    } catch {
      return undefined;
    }
  }

  private get actionsPath(): string {
    return this.path.replace(/\.json$/, '.actions.json');
  }

  private put(path: string, text: Buffer): void {
    const draft = `${path}.${randomUUID()}`;
    try {
      mkdirSync(this.cache.folder, { recursive: true, mode: 0o700 });
      try {
        writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
        renameSync(draft, path);
      } finally {
        rmSync(draft, { force: true });
      }
    } catch {
      // A home that cannot be written to costs time, and nothing else.
    }
  }

  /** Of the build, and of which files there are. */
  private key(): string {
    const names = this.sources.map(({ name, folder, files }) => [
      name,
      folder,
      ...files.map(({ path }) => path),
    ]);
    return sha256(JSON.stringify([this.cache.build, names]));
  }

  private asItWas([name, file, hash, stamp]: Seen): Seen | undefined {
    const source = this.sourceOf(name);
    if (!source) return undefined;
    const now = this.stampOf(source, file);
    if (stamp !== null && now === stamp) return [name, file, hash, stamp];
    return this.hashOf(textIn(source, file)) === hash ? [name, file, hash, now] : undefined;
  }

  private stampOf(source: DiskSource, file: string): string | null {
    const id = `${source.name}\n${file}`;
    const known = this.stamps.get(id);
    if (known !== undefined) return known;
    const place = source.placeOf(file);
    const found = place === undefined ? undefined : stampOf(place);
    const isOld = found !== undefined && found.changedMs < this.beganMs - tooFreshMs;
    const stamp = isOld ? found.stamp : null;
    this.stamps.set(id, stamp);
    return stamp;
  }

  private sourceOf(name: string): DiskSource | undefined {
    return this.sources.find((each) => each.name === name);
  }

  private hashOf(text: string | undefined): string | null {
    if (text === undefined) return null;
    const known = this.hashes.get(text) ?? sha256(text);
    this.hashes.set(text, known);
    return known;
  }
}

function textIn(source: DiskSource, file: string): string | undefined {
  const own = source.files.find((each) => each.file === file);
  return own ? own.text : source.read(file);
}

/** What nobody needs who only checks runbooks. */
interface Aside {
  actions: DeclaredConnector['actions'];
  /** Of each description, what its page says. */
  pages: (Page | null)[];
}

type Page = Pick<DeclaredDescription, 'requests' | 'permissions' | 'contract'>;

function asideOf({ actions, descriptions }: DeclaredConnector): Aside {
  return { actions, pages: descriptions.map(({ declared }) => declared ?? null) };
}

function firstOf({ actions: _, descriptions, ...rest }: DeclaredConnector) {
  const short = descriptions.map(({ declared, ...each }) => {
    if (!declared) return each;
    const { requests: _requests, permissions: _permissions, contract: _contract, ...needed } = declared;
    return { ...each, declared: needed };
  });
  return { ...rest, descriptions: short };
}

function lazily(needed: DeclaredDescription, page: () => Page | null | undefined): DeclaredDescription {
  return {
    ...needed,
    get requests() {
      return page()?.requests ?? [];
    },
    get permissions() {
      return page()?.permissions as string;
    },
    get contract() {
      return page()?.contract as string;
    },
  };
}

function headed(head: Head, text: Buffer): Buffer {
  return Buffer.concat([asciiOf(head), Buffer.from('\n'), text]);
}

/** What is of one byte a character takes half as long to read. */
function asciiOf(value: unknown): Buffer {
  const text = JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return Buffer.from(text, 'latin1');
}

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}
