/** The runbooks as they stand in their place: compiled at start and whenever a file changes; each plan kept by its hash. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { keptForms } from '../activities/declared/kept.ts';
import {
  connectorPaths,
  type RepositoryConnectors,
  repositoryConnectors,
} from '../activities/declared/repository.ts';
import { shippedConnectors } from '../activities/declared/shipped.ts';
import { descriptions } from '../activities/index.ts';
import { type CompileResult, compile } from '../compiler/compile.ts';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import {
  configuredFilePath,
  configuredFileReader,
  type ReadConfigured,
  stampOf,
} from '../organisation/calendar-disk.ts';
import { isInside, repositoryOf } from '../organisation/inside-folder.ts';
import { type Catalogue, catalogueOf } from '../plan/catalogue.ts';
import type { DeclaredConnector } from '../plan/declared.ts';
import { defined } from '../plan/defined.ts';
import type { Plan } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';
import { useOwnTicketSystems } from '../tickets/systems.ts';
import type { Place } from './place.ts';

export interface Library {
  plans: Map<string, Plan>;
  configuration: Configuration;
  commit?: string;
  /** Runbook -> who last changed its file in git, where the configuration asks for that. */
  authors: ReadonlyMap<string, string>;
  /** Some file cannot be used as it is now, so that not every runbook may be here. */
  hasErrors: boolean;
  /** The actions that there are: those that ship, and the repository's own. */
  catalogue: Catalogue;
}

interface Options {
  /** Where they stand at the start. Undefined where nothing is known yet: then there are none. */
  place: () => Promise<Place | undefined>;
  configuration: string;
  store: Store;
  log: (line: string) => void;
  /** Told whenever other runbooks are in use. */
  changed?: () => void;
}

const lookEveryMs = 1_000;

export class Runbooks {
  private readonly options: Options;
  private library: Library | undefined;
  private stamp = '';
  private timer: NodeJS.Timeout | undefined;
  private saved = new Set<string>();
  /** The .ics files that the configuration names. */
  private openedFiles = new Set<string>();
  private readonly readConfigured: ReadConfigured;
  private place: Place | undefined;
  /** What is read is not exchanged for another while it is read. */
  private reading: Promise<unknown> = Promise.resolve();

  constructor(options: Options) {
    this.options = options;
    this.readConfigured = configuredFileReader(options.configuration);
  }

  /** Rejects when there is no valid configuration to start with. */
  async start(): Promise<void> {
    this.place = await this.options.place();
    await this.load();
    if (!this.library)
      throw new Error('The configuration has errors (see above); correct it and start again.');
    this.timer = setInterval(() => void this.look(), lookEveryMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  current(): Library {
    if (!this.library) throw new Error('the runbooks are not loaded yet');
    return this.library;
  }

  /** Uses what stands in another place, unless something is wrong there. Gives all that is. */
  attempt(place: Place): Promise<string[]> {
    return this.inTurn(async () => {
      const compiled = await this.compiled(place);
      if (compiled.errors.length > 0) return compiled.errors;
      this.place = place;
      await this.use(compiled);
      return [];
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.reading.then(work);
    this.reading = done.catch(() => {});
    return done;
  }

  private async look(): Promise<void> {
    try {
      await this.inTurn(async () => {
        if (this.stampWith(await this.timesOf(this.place)) !== this.stamp) await this.load();
      });
    } catch (error) {
      this.options.log(`The runbooks could not be read: ${String(error)}`);
    }
  }

  /** A file with errors keeps the last good plan of its runbook, so that a typing error stops nothing that worked. */
  private async load(): Promise<void> {
    const compiled = await this.compiled(this.place);
    for (const error of compiled.errors) this.options.log(error);
    await this.use(compiled);
  }

  private async compiled(place: Place | undefined): Promise<Compiled> {
    const times = await this.timesOf(place);
    const opened = new Set<string>();
    const path = this.options.configuration;
    const text = await readFile(path, 'utf8');
    const declared = repositoryConnectors(path, catalogueOf(descriptions()));
    const reading = (besides: string, read: ReadConfigured): ReadConfigured => {
      return (file, encoding) => {
        opened.add(configuredFilePath(besides, file));
        return read(file, encoding);
      };
    };
    const dataOf = place && place.beside !== path ? configuredFileReader(place.beside) : this.readConfigured;
    const result = compile({
      files: await filesIn(place),
      configuration: { path: basename(path), text },
      catalogue: declared.catalogue,
      ticketSystems: declared.ticketSystems,
      calendarFile: reading(path, this.readConfigured),
      dataFile: reading(place?.beside ?? path, dataOf),
      now: Date.now(),
    });
    const errors = [...declared.diagnostics, ...result.diagnostics].flatMap(
      ({ severity, file, line, column, message }) =>
        severity === 'error' ? [`${file}:${line}:${column} ${message}`] : [],
    );
    return { place, times, opened, declared, result, errors };
  }

  private async use({ place, times, opened, declared, result, errors }: Compiled): Promise<void> {
    this.openedFiles = opened;
    this.stamp = this.stampWith(times);
    const configuration = result.configuration ?? this.library?.configuration;
    if (!configuration) return;
    const plans = new Map(result.plans.map((plan) => [plan.runbook, plan]));
    if (errors.length > 0)
      for (const [name, plan] of this.library?.plans ?? []) if (!plans.has(name)) plans.set(name, plan);
    const { catalogue } = declared;
    useOwnTicketSystems(declared.connectors);
    this.library = {
      plans,
      configuration,
      authors: configuration.separationOfDuties.includes('author')
        ? await authorsOf(plans, place)
        : new Map(),
      hasErrors: errors.length > 0,
      catalogue,
      ...defined({ commit: place?.commit }),
    };
    await this.saveDeclared(plans, declared.connectors);
    await this.savePlans(plans, place?.commit);
    this.options.changed?.();
  }

  /** What a run is bound to is kept as it was compiled, before any run can begin with it. */
  private async saveDeclared(plans: Map<string, Plan>, own: readonly DeclaredConnector[]): Promise<void> {
    const wanted = new Set([...plans.values()].flatMap(({ declared = {} }) => Object.values(declared)));
    const kept = keptForms([...shippedConnectors(), ...own]).filter(({ hash }) => wanted.has(hash));
    for (const form of kept) {
      if (this.saved.has(form.hash)) continue;
      await this.options.store.declaredActions.keep(form.hash, form.name, form.content);
      this.saved.add(form.hash);
    }
  }

  private async savePlans(plans: Map<string, Plan>, commit: string | undefined): Promise<void> {
    for (const plan of plans.values()) {
      if (this.saved.has(plan.hash)) continue;
      await this.options.store.runs.savePlan(plan, commit);
      this.saved.add(plan.hash);
    }
  }

  private async timesOf(place: Place | undefined): Promise<string[]> {
    const declared = connectorPaths(this.options.configuration);
    const paths = [this.options.configuration, ...(await runbookPaths(place)), ...declared];
    return Promise.all(paths.map(async (path) => `${path} ${(await stat(path)).mtimeMs}`));
  }

  /** Differs when a runbook, the configuration or a calendar that it names has changed. */
  private stampWith(times: readonly string[]): string {
    return [...times, ...[...this.openedFiles].map((path) => `${path} ${stampOf(path)}`)].join('\n');
  }
}

interface Compiled {
  place: Place | undefined;
  times: string[];
  opened: Set<string>;
  declared: RepositoryConnectors;
  result: CompileResult;
  /** `file:line:column message`, each. */
  errors: string[];
}

async function runbookPaths(place: Place | undefined): Promise<string[]> {
  if (!place) return [];
  const { folder } = place;
  const entries = await readdir(folder, { recursive: true });
  return entries
    .filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name))
    .map((name) => join(folder, name))
    .filter((path) => isInside(repositoryOf(path), path))
    .sort();
}

async function filesIn(place: Place | undefined): Promise<{ path: string; text: string }[]> {
  if (!place) return [];
  const paths = await runbookPaths(place);
  return Promise.all(
    paths.map(async (path) => ({ path: relative(place.folder, path), text: await readFile(path, 'utf8') })),
  );
}

/** Runbook -> who last changed its file. */
async function authorsOf(
  plans: ReadonlyMap<string, Plan>,
  place: Place | undefined,
): Promise<Map<string, string>> {
  const byFile = (await place?.authors()) ?? new Map<string, string>();
  return new Map(
    [...plans.values()].flatMap((plan) => {
      const author = byFile.get(fileOf(plan));
      return author ? [[plan.runbook, author] as const] : [];
    }),
  );
}

/** The runbook's file, relative to the folder. */
export function fileOf(plan: Pick<Plan, 'positions'>): string {
  return Object.values(plan.positions)[0]?.file ?? '';
}
