/** The runbooks and the configuration that a command works on. Loads no connector: the actions come as data. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { userCache } from '../activities/declared/compile-cache.ts';
import { type RepositoryConnectors, repositoryConnectors } from '../activities/declared/repository.ts';
import { type CompileResult, compile, type SourceText } from '../compiler/compile.ts';
import type { Configuration, ConnectorSettings } from '../compiler/configuration/configuration.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { configuredFileReader, type ReadConfigured } from '../organisation/calendar-disk.ts';
import { isInside, repositoryOf } from '../organisation/inside-folder.ts';
import { type ActionDescription, type Catalogue, catalogueOf } from '../plan/catalogue.ts';
import { defined } from '../plan/defined.ts';
import type { Plan } from '../plan/plan.ts';
import { packageRoot } from '../store/package-root.ts';
import { useOwnTicketSystems } from '../tickets/systems.ts';
import { Exit, exitCodes, usage } from './exit.ts';
import { actionsIn } from './packaged-actions.ts';

export interface Project {
  files: SourceText[];
  /** Runbooks beside them that they call, directly or through others: read, and not judged. */
  called?: SourceText[];
  configuration: SourceText | undefined;
  /** Opens what stands beside the configuration, where that is not on disk. */
  read?: ReadConfigured;
  /** Asks the rules of good habit too. */
  lint?: boolean;
}

export interface CompiledProject extends CompileResult {
  /** The .ics files that the configuration names and the data files of runbooks, as diagnostics show them. */
  openedFiles: SourceText[];
  /** Of the connectors that the repository declares itself. */
  connectorFiles: readonly SourceText[];
}

/** Without paths, the runbooks of this folder. */
export function readProject(paths: string[], configuration: string | undefined): Project {
  return {
    files: (paths.length > 0 ? paths : defaultPaths()).flatMap(runbookFiles),
    configuration: configurationFile(configuration),
  };
}

export function compileProject({
  files,
  called = [],
  configuration,
  read: ofProject,
  lint,
}: Project): CompiledProject {
  const openedFiles: SourceText[] = [];
  const path = configuration?.path ?? '';
  const connectors = projectConnectors(path);
  useOwnTicketSystems(connectors.connectors);
  const read = ofProject ?? configuredFileReader(path || 'countersign.yaml');
  const opened = (file: string, encoding?: 'base64'): string => {
    const text = read(file, encoding);
    if (encoding) return text;
    openedFiles.push({ path: join(dirname(path), file), text });
    return text;
  };
  const result = compile({
    files: [...files, ...called],
    configuration,
    catalogue:
      connectors.faulty.length === 0
        ? connectors.catalogue
        : catalogueOf([...connectors.catalogue.values(), ...connectors.faulty]),
    ticketSystems: connectors.ticketSystems,
    connectorSettings: { ...packagedConnectors(), ...connectors.settings },
    calendarFile: opened,
    dataFile: opened,
    now: Date.now(),
    ...defined({ lint: lint ? { tested: hasTests } : undefined }),
  });
  const unjudged = new Set(called.map((source) => source.path));
  return {
    ...result,
    // An action with an error is a mistake in its own file, and none of every runbook that uses it: such a runbook has no plan either.
    plans: result.plans.filter((plan) => !usesAny(plan, connectors.faulty)),
    diagnostics: [...connectors.diagnostics, ...result.diagnostics.filter(({ file }) => !unjudged.has(file))],
    openedFiles,
    connectorFiles: connectors.texts,
  };
}

function usesAny(plan: Plan, actions: readonly ActionDescription[]): boolean {
  if (actions.length === 0) return false;
  const text = JSON.stringify(plan);
  return actions.some(({ name }) => text.includes(`"uses":${JSON.stringify(name)}`));
}

/** The runbooks that these call and that are not among them: from `runbooks/`, or else from beside them. */
export function calledBy(files: readonly SourceText[]): SourceText[] {
  const found: SourceText[] = [];
  const known = new Set(files.map(({ text }) => runbookNameOf(text)));
  let beside: Map<string | undefined, SourceText> | undefined;
  for (const { text } of wanted(files, found)) {
    for (const [, name = ''] of text.matchAll(
      /^[ \t]+(?:- )?(?:.*[{,]\s*)?runbook:\s*["']?([a-z][a-z0-9-]*)/gm,
    )) {
      if (known.has(name)) continue;
      known.add(name);
      beside ??= new Map(surrounding(files).map((source) => [runbookNameOf(source.text), source]));
      const called = beside.get(name);
      // Then the message names all there are.
      if (!called) return [...beside.values()];
      found.push(called);
    }
  }
  return found;
}

/** The first ones, then those that are found on the way. */
function* wanted(first: readonly SourceText[], found: readonly SourceText[]): Generator<SourceText> {
  yield* first;
  for (let at = 0; at < found.length; at++) yield found[at] as SourceText;
}

function surrounding(files: readonly SourceText[]): SourceText[] {
  const own = new Set(files.map(({ path }) => path));
  const folders = defaultPaths();
  const places = folders.length > 0 ? folders : [...new Set(files.map(({ path }) => dirname(path)))];
  return places.flatMap(runbookFiles).filter(({ path }) => !own.has(path));
}

export function packagedConnectors(): ConnectorSettings {
  return packaged<ConnectorSettings>('connectors.json');
}

/** The actions that ship. */
export function packagedActions(): Catalogue {
  return actionsIn(packagedText('actions.json'));
}

/** The actions that ship, and those that this repository declares itself. */
export function knownActions(configuration = ''): Catalogue {
  return projectConnectors(configuration).catalogue;
}

const declared = new Map<string, RepositoryConnectors>();

/** `connectors/` beside the configuration, or else in this folder: read once a command. */
export function projectConnectors(configuration = ''): RepositoryConnectors {
  const path = resolve(configuration || 'countersign.yaml');
  const known = declared.get(path);
  if (known) return known;
  const found = repositoryConnectors(path, packagedActions(), userCache());
  declared.set(path, found);
  return found;
}

/**
 * The plan of one runbook, by file or by name, with those it may call. Its mistakes are written to standard error as
 * `validate` writes them.
 */
export async function onePlan(
  runbook: string,
  configuration: string | undefined,
): Promise<{ plan: Plan; plans: Plan[]; source: SourceText; configuration: Configuration | undefined }> {
  const isFile = existsSync(runbook);
  const folder = defaultPaths();
  if (!isFile && folder.length === 0)
    throw usage(`There is no file ${runbook}, and no folder runbooks/ with a runbook of this name.`);
  const project = readProject(folder, configuration);
  if (isFile) {
    const [own] = runbookFiles(runbook);
    if (!own) throw usage(`${runbook} is a folder. Name one runbook in it.`);
    if (!project.files.some(({ path }) => path === own.path)) project.files.push(own);
  }
  const {
    plans,
    diagnostics,
    configuration: configured,
    openedFiles,
    connectorFiles,
  } = compileProject(project);
  const path = isFile ? runbookFiles(runbook)[0]?.path : undefined;
  const source = project.files.find((file) =>
    path ? file.path === path : runbookNameOf(file.text) === runbook,
  );
  if (!source) {
    const names = project.files.map(({ text }) => runbookNameOf(text)).filter((name) => name !== undefined);
    throw usage(`There is no file and no runbook "${runbook}". There are: ${names.sort().join(', ')}.`);
  }
  const plan = plans.find((each) => each.runbook === runbookNameOf(source.text));
  if (plan) return { plan, plans, source, configuration: configured };
  const sources = [
    ...project.files,
    ...(project.configuration ? [project.configuration] : []),
    ...openedFiles,
    ...connectorFiles,
  ];
  const about = diagnostics.filter(
    ({ file, severity }) =>
      severity === 'error' &&
      (file === source.path ||
        file === project.configuration?.path ||
        connectorFiles.some(({ path: own }) => own === file)),
  );
  process.stderr.write(await renderDiagnostics(about, sources, process.stderr));
  throw new Exit(exitCodes.problems, `${source.path} cannot be used before this is mended.`);
}

export async function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  files: readonly SourceText[],
  stream: { isTTY?: boolean },
): Promise<string> {
  const { renderText } = await import('../compiler/diagnostics/render-text.ts');
  const sources = new Map(files.map((file) => [file.path, file.text]));
  return renderText([...diagnostics], { sources, colour: stream.isTTY === true && !process.env.NO_COLOR });
}

/** What a runbook's text calls itself. */
export function runbookNameOf(text: string): string | undefined {
  return /^runbook:\s*["']?([^"'\s#]+)/m.exec(text)?.[1];
}

/** A file of tests, and the runbook in the file of the same name. */
export interface Tested {
  source: SourceText;
  beside: SourceText | undefined;
}

/** Those named, or in the folders named; a runbook stands for the tests beside it. Without paths, those in runbooks/. */
export function testFiles(paths: string[]): Tested[] {
  const named = paths.map((path) => {
    if (!existsSync(path)) throw usage(`${path} does not exist.`);
    if (statSync(path).isDirectory() || testName.test(path)) return path;
    const beside = path.replace(/\.(ya?ml)$/, '.test.$1');
    if (existsSync(beside)) return beside;
    throw usage(`${path} has no tests beside it. Write them into ${beside}.`);
  });
  const found = testsAmong(named);
  if (found.length > 0) return found;
  throw usage('There are no tests: no *.test.yaml in runbooks/. Write one beside the runbook it tests.');
}

/** Those in the folders among the paths, and those that are named themselves. */
export function testsAmong(paths: string[]): Tested[] {
  return (paths.length > 0 ? paths : defaultPaths())
    .flatMap((path) =>
      statSync(path).isDirectory()
        ? readdirSync(path, { recursive: true }).map((name) => join(path, String(name)))
        : [path],
    )
    .filter((path) => testName.test(path))
    .sort()
    .map((path) => {
      const runbook = path.replace(testName, '.$1');
      return { source: sourceOf(path), beside: existsSync(runbook) ? sourceOf(runbook) : undefined };
    });
}

const testName = /\.test\.(ya?ml)$/;

function defaultPaths(): string[] {
  return existsSync('runbooks') ? ['runbooks'] : [];
}

export function isRunbookFile(name: string): boolean {
  return /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name);
}

function hasTests(path: string): boolean {
  return existsSync(path.replace(/\.(ya?ml)$/, '.test.$1'));
}

function runbookFiles(path: string): SourceText[] {
  if (!existsSync(path)) throw usage(`${path} does not exist.`);
  if (!statSync(path).isDirectory()) return [sourceOf(path.replace(testName, '.$1'))];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter(isRunbookFile)
    .sort()
    .map(sourceOf);
}

function configurationFile(wanted: string | undefined): SourceText | undefined {
  const path = wanted ?? 'countersign.yaml';
  if (existsSync(path)) return sourceOf(path);
  if (wanted) throw usage(`${wanted} does not exist.`);
  return undefined;
}

function sourceOf(path: string): SourceText {
  // What a link leads to outside would be shown line by line, wherever the check runs.
  if (!isInside(repositoryOf(path), path))
    throw usage(`${path} is a link that leads out of the repository. Put the file itself there.`);
  return { path: relative(process.cwd(), resolve(path)) || path, text: readFileSync(path, 'utf8') };
}

function packaged<T>(name: string): T {
  return JSON.parse(packagedText(name)) as T;
}

function packagedText(name: string): string {
  return readFileSync(join(packageRoot(), 'schemas', name), 'utf8');
}
