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
import type { CompiledConnectors, ConnectorSource } from '../../compiler/connectors/compile-connectors.ts';
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
type Seen = readonly [file: string, hash: string | null, stamp: string | null];

/** A connector as it was: its folder as it is shown, the other connectors whose actions it names, and its files. */
type Of = readonly [name: string, folder: string, needs: readonly string[], seen: readonly Seen[]];

/** What stands in the first line of an entry, with the checksums of what is behind it and of the actions, which have a file of their own. */
type Head = readonly [build: string, checksum: string, ofActions: string, of: readonly Of[]];

export interface Kept {
  /** Those that are as they were. */
  connectors: DeclaredConnector[];
  /** The others, to be compiled beside them. */
  changed: DiskSource[];
}

/**
 * A file that has changed so shortly before it was looked at is known by its text alone: within one tick of the clock of a disk it could change
 * once more, and would look the same.
 */
const tooFreshMs = 2_500;

/** Each connector by itself, and without a diagnostic only: what has one is compiled each time, so that it is told each time. */
export class KeptConnectors {
  private readonly cache: CompileCache;
  private readonly path: string;
  private readonly sources: readonly DiskSource[];
  /** By connector, what was opened of it besides its own files. */
  private readonly opened = new Map<string, Map<string, Seen>>();
  /** By text: several connectors may be held to one document, and a large one takes long. */
  private readonly hashes = new Map<string, string>();
  /** Of each file, from before anything was read: what changes since has another one. */
  private readonly stamps = new Map<string, string | null>();
  private readonly beganMs = Date.now();
  /** Of those that were taken as they were. */
  private taken: readonly Of[] = [];

  /** `folder` has the connectors: one entry for each such folder, so that the cache does not grow with every change. */
  constructor(cache: CompileCache, folder: string, sources: readonly DiskSource[]) {
    this.cache = cache;
    this.path = join(cache.folder, `${sha256(resolve(folder)).slice(0, 32)}.json`);
    this.sources = sources;
  }

  /** Undefined where there is nothing. Where the actions turn out to be damaged, `again` compiles. */
  read(again: () => readonly DeclaredConnector[]): Kept | undefined {
    try {
      const entry = readFileSync(this.path);
      const end = entry.indexOf('\n');
      const [build, checksum, ofActions, of] = JSON.parse(entry.toString('latin1', 0, end)) as Head;
      const kept = entry.subarray(end + 1);
      if (build !== sha256(this.cache.build) || checksum !== sha256(kept)) return undefined;
      this.taken = this.asTheyWere(of);
      // A new copy of the repository has the same texts in other files: the next time they need not be read.
      const isWhole = this.taken.length === of.length && of.length === this.sources.length;
      if (isWhole && this.taken.some((each, index) => each !== of[index]))
        this.put(this.path, headed([build, checksum, ofActions, this.taken], kept));
      const names = new Set(this.taken.map(([name]) => name));
      return {
        connectors: this.connectorsIn(kept, ofActions, again).filter(({ name }) => names.has(name)),
        changed: this.sources.filter(({ name }) => !names.has(name)),
      };
    } catch {
      // Absent, damaged, or of another form: compiling gives the same and takes longer.
      return undefined;
    }
  }

  /** Sources as they are to be compiled: notes what is opened of them. */
  noted(sources: readonly DiskSource[] = this.sources): ConnectorSource[] {
    for (const source of sources) for (const { file } of source.files) this.stampOf(source, file);
    return sources.map((source) => {
      const opened = new Map<string, Seen>();
      this.opened.set(source.name, opened);
      return {
        ...source,
        read: (file: string) => {
          const stamp = this.stampOf(source, file);
          const text = source.read(file);
          opened.set(file, [file, this.hashOf(text), stamp]);
          return text;
        },
      };
    });
  }

  /** Those of `kept` that were taken, and those compiled since. */
  write(connectors: readonly DeclaredConnector[], needs: CompiledConnectors['needs']): void {
    const actions = asciiOf(connectors.map(asideOf));
    const text = asciiOf(connectors.map(firstOf));
    const of = connectors.flatMap(({ name }) => each(this.ofOne(name, needs)));
    // The key of an entry is the folder's name, which is the connector's unless that was told as a mistake.
    if (of.length < connectors.length) return;
    this.put(this.actionsPath, actions);
    const head: Head = [sha256(this.cache.build), sha256(text), sha256(actions), of];
    this.put(this.path, headed(head, text));
  }

  private ofOne(name: string, needs: CompiledConnectors['needs']): Of | undefined {
    const opened = this.opened.get(name);
    const source = this.sourceOf(name);
    if (!opened || !source) return this.taken.find(([taken]) => taken === name);
    const own = source.files.map(
      ({ file, text }): Seen => [file, this.hashOf(text), this.stampOf(source, file)],
    );
    return [name, source.folder, needs.get(name) ?? [], [...own, ...opened.values()]];
  }

  /** Without those of which a file is another, and without those that name an action of one of these. */
  private asTheyWere(of: readonly Of[]): Of[] {
    let same = of.flatMap((one) => each(this.asItWas(one)));
    for (;;) {
      const names = new Set(same.map(([name]) => name));
      const left = same.filter(([, , needs]) => needs.every((other) => names.has(other)));
      if (left.length === same.length) return left;
      same = left;
    }
  }

  /** The very same where nothing about it is another. */
  private asItWas(of: Of): Of | undefined {
    const [name, folder, needs, seen] = of;
    const source = this.sourceOf(name);
    if (source?.folder !== folder) return undefined;
    const files = new Set(seen.map(([file]) => file));
    if (!source.files.every(({ file }) => files.has(file))) return undefined;
    const now: Seen[] = [];
    for (const each of seen) {
      const found = this.fileAsItWas(source, each);
      if (!found) return undefined;
      now.push(found);
    }
    return now.every((file, index) => file === seen[index]) ? of : [name, folder, needs, now];
  }

  /** Whoever checks runbooks needs no actions, and whoever runs them does. */
  private connectorsIn(
    text: Buffer,
    ofActions: string,
    again: () => readonly DeclaredConnector[],
  ): DeclaredConnector[] {
    let known: ReadonlyMap<string, Aside> | undefined;
    const asideOfOne = (name: string) => {
      known ??= new Map((this.keptAside(ofActions) ?? again().map(asideOf)).map((each) => [each.name, each]));
      return known.get(name);
    };
    const first = JSON.parse(text.toString('latin1')) as Omit<DeclaredConnector, 'actions'>[];
    return first.map((each) => ({
      ...each,
      descriptions: each.descriptions.map((description, nth) =>
        description.declared
          ? {
              ...description,
              declared: lazily(description.declared, () => asideOfOne(each.name)?.pages[nth]),
            }
          : description,
      ),
      get actions() {
        return asideOfOne(each.name)?.actions ?? [];
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

  private fileAsItWas(source: DiskSource, seen: Seen): Seen | undefined {
    const [file, hash, stamp] = seen;
    const now = this.stampOf(source, file);
    if (stamp !== null && now === stamp) return seen;
    if (this.hashOf(textIn(source, file)) !== hash) return undefined;
    return now === stamp ? seen : [file, hash, now];
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

function each(of: Of | undefined): Of[] {
  return of ? [of] : [];
}

function textIn(source: DiskSource, file: string): string | undefined {
  const own = source.files.find((each) => each.file === file);
  return own ? own.text : source.read(file);
}

/** What nobody needs who only checks runbooks. */
interface Aside {
  name: string;
  actions: DeclaredConnector['actions'];
  /** Of each description, what its page says. */
  pages: (Page | null)[];
}

type Page = Pick<DeclaredDescription, 'requests' | 'permissions' | 'contract'>;

function asideOf({ name, actions, descriptions }: DeclaredConnector): Aside {
  return { name, actions, pages: descriptions.map(({ declared }) => declared ?? null) };
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
