/** What the editor has open, over what is on disk, compiled as a whole. Pure but for the reading that it is given. */

import { type CompileResult, compile, type SourceText } from '../compiler/compile.ts';
import type { ConnectorSettings } from '../compiler/configuration/configuration.ts';
import {
  type ConnectorSource,
  compileConnectors,
  settingsOf,
} from '../compiler/connectors/compile-connectors.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { Reporter } from '../compiler/diagnostics/reporter.ts';
import type { SeenExpression } from '../compiler/scope/compile-session.ts';
import { parseSource } from '../compiler/source/parse.ts';
import { SourceFile } from '../compiler/source/source-file.ts';
import type { Node } from '../compiler/source/tree.ts';
import { type Catalogue, catalogueOf } from '../plan/catalogue.ts';

export interface WorkspaceOptions {
  /** The runbooks and the configuration on disk, with paths relative to the workspace. */
  read(): { files: SourceText[]; configuration?: SourceText | undefined };
  catalogue: Catalogue;
  /** The tests on disk, each with the runbook that stands beside it. */
  tests?: () => readonly { source: SourceText; beside?: SourceText | undefined }[];
  /** The connectors of the workspace on disk. */
  connectors?: () => readonly ConnectorSource[];
  connectorSettings?: ConnectorSettings;
  /** The text of an .ics or data file by its path beside the configuration; throws why there is none. */
  configuredFile?: (path: string, encoding?: 'base64') => string;
  now?: () => number;
}

export interface ReadTree {
  root: Node | undefined;
  /** It is no YAML as it stands, or has an expression that breaks it: what is read of it may be less than what is written. */
  broken: boolean;
}

export function readTree(path: string, text: string): ReadTree {
  const reporter = new Reporter(new SourceFile(path, text));
  const { root, errorLines } = parseSource(reporter.file, reporter, '');
  return { root, broken: errorLines.size > 0 || reporter.hasErrors };
}

export const configurationPath = 'countersign.yaml';
/** Files of a connector are no runbooks, nor are the organisation's values, nor tests. */
const noRunbook = /(^|\/)connectors\/|(^|\/)organisation\.ya?ml$|\.test\.ya?ml$/;
/** What makes a file a runbook where none stands on disk yet. */
const saysRunbook = /^(?:\uFEFF)?runbook[ \t]*:/m;
const inRunbooks = /(^|\/)runbooks\//;

export class Workspace {
  private readonly options: WorkspaceOptions;
  private readonly open = new Map<string, string>();
  /** Files that had a problem: calendars among them, which are no documents of ours. */
  private readonly told = new Set<string>();
  private compiled:
    | {
        result: CompileResult;
        expressions: SeenExpression[];
        texts: Map<string, string>;
        catalogue: Catalogue;
        runbooks: string[];
        trees: Map<string, ReadTree>;
      }
    | undefined;

  constructor(options: WorkspaceOptions) {
    this.options = options;
  }

  get catalogue(): Catalogue {
    return this.now().catalogue;
  }

  /** The text of a file as the editor shows it. */
  change(path: string, text: string): void {
    // Every question brings the text along: what has not changed is not compiled again.
    if (this.open.get(path) === text) return;
    this.open.set(path, text);
    this.compiled = undefined;
  }

  /** From here on the file on disk counts. */
  close(path: string): void {
    this.open.delete(path);
    this.compiled = undefined;
  }

  /** Something on disk has changed. */
  refresh(): void {
    this.compiled = undefined;
  }

  text(path: string): string | undefined {
    return this.now().texts.get(path);
  }

  /** The text of a file of ours, a test's too. */
  anyText(path: string): string | undefined {
    return this.text(path) ?? this.tests().find((test) => test.path === path)?.text;
  }

  /** By file; one without any problem has an empty list. */
  diagnostics(): Map<string, Diagnostic[]> {
    const { result, texts } = this.now();
    const byFile = new Map<string, Diagnostic[]>([...texts.keys(), ...this.told].map((path) => [path, []]));
    for (const diagnostic of result.diagnostics) {
      const own = byFile.get(diagnostic.file);
      if (own) own.push(diagnostic);
      else byFile.set(diagnostic.file, [diagnostic]);
      this.told.add(diagnostic.file);
    }
    return byFile;
  }

  /** The expression at an offset of a file, with the offset in its source. */
  expressionAt(path: string, offset: number): { seen: SeenExpression; at: number } | undefined {
    for (const seen of this.now().expressions) {
      if (seen.file !== path || seen.offsetOf(0) > offset) continue;
      if (offset > seen.offsetOf(seen.source.length)) continue;
      let at = 0;
      while (at < seen.source.length && seen.offsetOf(at) < offset) at += 1;
      return { seen, at };
    }
    return undefined;
  }

  /** Every expression of a file, each once. */
  expressionsOf(path: string): SeenExpression[] {
    const found = new Map<number, SeenExpression>();
    for (const seen of this.now().expressions)
      if (seen.file === path && !found.has(seen.offsetOf(0))) found.set(seen.offsetOf(0), seen);
    return [...found.values()];
  }

  /** The files of all runbooks. */
  get runbooks(): readonly string[] {
    return this.now().runbooks;
  }

  /** Whether it is a file of this repository's work, and not that of another program. */
  owns(path: string): boolean {
    return path === configurationPath || noRunbook.test(path) || this.now().runbooks.includes(path);
  }

  /** The tests, as the editor shows them. */
  tests(): { path: string; text: string; beside?: string | undefined }[] {
    return (this.options.tests?.() ?? []).map(({ source, beside }) => ({
      path: source.path,
      text: this.open.get(source.path) ?? source.text,
      beside: beside?.path,
    }));
  }

  /** What stands in a file, as far as it can be read. */
  tree(path: string): ReadTree {
    const { trees } = this.now();
    const known = trees.get(path);
    if (known) return known;
    const read = readTree(path, this.text(path) ?? '');
    trees.set(path, read);
    return read;
  }

  /** The file of a runbook. */
  fileOf(runbook: string): string | undefined {
    const line = new RegExp(`^runbook:\\s*["']?${runbook.replace(/[^\w-]/g, '')}["']?\\s*(#.*)?$`, 'm');
    return [...this.now().texts].find(([, text]) => line.test(text))?.[0];
  }

  /** The connectors as the editor shows them; their actions stand in the place of those that were known by their names. */
  private declared(texts: Map<string, string>, observe: (seen: SeenExpression) => void) {
    const onDisk = this.options.connectors?.() ?? [];
    const sources = onDisk.map((source) => ({
      ...source,
      files: source.files.map(({ path, text }) => ({ path, text: this.open.get(path) ?? text })),
    }));
    for (const { files } of sources) for (const { path, text } of files) texts.set(path, text);
    const own = new Set(sources.map(({ name }) => name));
    const others = [...this.options.catalogue.values()].filter(
      ({ name, declared }) => !declared || !own.has(name.split('.')[0] ?? ''),
    );
    const compiled = compileConnectors({ sources, catalogue: catalogueOf(others), observe });
    const all = compiled.connectors.flatMap(({ descriptions }) => descriptions);
    return { ...compiled, catalogue: catalogueOf([...others, ...all]) };
  }

  private now(): NonNullable<Workspace['compiled']> {
    if (this.compiled) return this.compiled;
    const disk = this.options.read();
    const texts = new Map(
      [...disk.files, ...(disk.configuration ? [disk.configuration] : [])].map(({ path, text }) => [
        path,
        text,
      ]),
    );
    for (const [path, text] of this.open) texts.set(path, text);
    const configuration = texts.get(configurationPath);
    const expressions: SeenExpression[] = [];
    const declared = this.declared(texts, (seen) => expressions.push(seen));
    const { catalogue } = declared;
    const connectorSettings = this.options.connectorSettings && {
      ...this.options.connectorSettings,
      ...settingsOf(declared.connectors),
    };
    const { configuredFile } = this.options;
    const onDisk = new Set(disk.files.map(({ path }) => path));
    // Whatever else an editor has open, such as the file of another program, is none of ours.
    const isRunbook = (path: string, text: string) =>
      path !== configurationPath &&
      !noRunbook.test(path) &&
      (onDisk.has(path) || inRunbooks.test(path) || saysRunbook.test(text));
    const runbooks = [...texts].filter(([path, text]) => isRunbook(path, text));
    const result = compile({
      files: runbooks.map(([path, text]) => ({ path, text })),
      configuration:
        configuration === undefined ? undefined : { path: configurationPath, text: configuration },
      catalogue,
      connectorSettings,
      ticketSystems: declared.connectors.flatMap(({ tickets }) => tickets?.name ?? []),
      calendarFile: this.options.configuredFile,
      dataFile:
        configuredFile &&
        ((path, encoding) => (encoding ? undefined : this.open.get(path)) ?? configuredFile(path, encoding)),
      now: this.options.now?.(),
      // Whether tests stand beside a runbook only the disk knows.
      lint: {},
      observe: (seen) => expressions.push(seen),
    });
    result.diagnostics.unshift(...declared.diagnostics);
    this.compiled = {
      result,
      expressions,
      texts,
      catalogue,
      runbooks: runbooks.map(([path]) => path),
      trees: new Map(),
    };
    return this.compiled;
  }
}
