/** The runbooks as they stand in the folder: compiled at start and whenever a file changes; each plan kept by its hash. */

import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { keptForms } from '../activities/declared/kept.ts';
import { connectorPaths, repositoryConnectors } from '../activities/declared/repository.ts';
import { shippedConnectors } from '../activities/declared/shipped.ts';
import { descriptions } from '../activities/index.ts';
import { compile } from '../compiler/compile.ts';
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
  folder: string;
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

  constructor(options: Options) {
    this.options = options;
    this.readConfigured = configuredFileReader(options.configuration);
  }

  /** Rejects when there is no valid configuration to start with. */
  async start(): Promise<void> {
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

  private async look(): Promise<void> {
    try {
      if (this.stampWith(await this.timesOf()) !== this.stamp) await this.load();
    } catch (error) {
      this.options.log(`The runbooks could not be read: ${String(error)}`);
    }
  }

  /** A file with errors keeps the last good plan of its runbook, so that a typing error stops nothing that worked. */
  private async load(): Promise<void> {
    const times = await this.timesOf();
    this.openedFiles.clear();
    const files = await this.files();
    const text = await readFile(this.options.configuration, 'utf8');
    const declared = repositoryConnectors(this.options.configuration, catalogueOf(descriptions()));
    const opened = (file: string, encoding?: 'base64') => {
      this.openedFiles.add(configuredFilePath(this.options.configuration, file));
      return this.readConfigured(file, encoding);
    };
    const result = compile({
      files,
      configuration: { path: basename(this.options.configuration), text },
      catalogue: declared.catalogue,
      ticketSystems: declared.ticketSystems,
      calendarFile: opened,
      dataFile: opened,
      now: Date.now(),
    });
    this.stamp = this.stampWith(times);
    for (const { severity, file, line, column, message } of [
      ...declared.diagnostics,
      ...result.diagnostics,
    ]) {
      if (severity === 'error') this.options.log(`${file}:${line}:${column} ${message}`);
    }
    const configuration = result.configuration ?? this.library?.configuration;
    if (!configuration) return;
    const plans = new Map(result.plans.map((plan) => [plan.runbook, plan]));
    for (const [name, plan] of this.library?.plans ?? []) if (!plans.has(name)) plans.set(name, plan);
    const commit = await this.commit();
    const hasErrors = [...declared.diagnostics, ...result.diagnostics].some(
      ({ severity }) => severity === 'error',
    );
    const authors = configuration.separationOfDuties.includes('author')
      ? await this.authors(plans)
      : new Map();
    const { catalogue } = declared;
    useOwnTicketSystems(declared.connectors);
    this.library = {
      plans,
      configuration,
      authors,
      hasErrors,
      catalogue,
      ...defined({ commit: commit || undefined }),
    };
    await this.saveDeclared(plans, declared.connectors);
    await this.savePlans(plans, commit);
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

  private async paths(): Promise<string[]> {
    const entries = await readdir(this.options.folder, { recursive: true });
    const { folder } = this.options;
    return entries
      .filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name))
      .map((name) => join(folder, name))
      .filter((path) => isInside(repositoryOf(path), path))
      .sort();
  }

  private async files(): Promise<{ path: string; text: string }[]> {
    const paths = await this.paths();
    return Promise.all(
      paths.map(async (path) => ({
        path: relative(this.options.folder, path),
        text: await readFile(path, 'utf8'),
      })),
    );
  }

  private async timesOf(): Promise<string[]> {
    const declared = connectorPaths(this.options.configuration);
    const paths = [this.options.configuration, ...(await this.paths()), ...declared];
    return Promise.all(paths.map(async (path) => `${path} ${(await stat(path)).mtimeMs}`));
  }

  /** Differs when a runbook, the configuration or a calendar that it names has changed. */
  private stampWith(times: readonly string[]): string {
    return [...times, ...[...this.openedFiles].map((path) => `${path} ${stampOf(path)}`)].join('\n');
  }

  /** Of each file the newest commit's author. */
  private async authors(plans: Map<string, Plan>): Promise<Map<string, string>> {
    const byFile = new Map<string, string>();
    try {
      const args = ['log', '-n', '5000', '--format=%x00%ae', '--name-only', '--relative', '--', '.'];
      const options = { maxBuffer: 64 * 1024 * 1024 };
      const { stdout } = await promisify(execFile)('git', ['-C', this.options.folder, ...args], options);
      for (const entry of stdout.split('\0')) {
        const [author = '', ...files] = entry.split('\n').filter(Boolean);
        for (const file of files) if (!byFile.has(file)) byFile.set(file, author);
      }
    } catch {
      // Not in git: then nobody is known to have changed it.
    }
    return new Map(
      [...plans.values()].flatMap((plan) => {
        const author = byFile.get(Object.values(plan.positions)[0]?.file ?? '');
        return author ? [[plan.runbook, author] as const] : [];
      }),
    );
  }

  private async commit(): Promise<string | undefined> {
    try {
      const { stdout } = await promisify(execFile)('git', ['-C', this.options.folder, 'rev-parse', 'HEAD']);
      return stdout.trim();
    } catch {
      // Not in git: runs then carry the plan's hash alone.
      return undefined;
    }
  }
}
