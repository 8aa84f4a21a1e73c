/** The compiler's entry: texts in, plans and diagnostics out. Pure, and never throws. */

import type { Catalogue } from '../plan/catalogue.ts';
import { defined } from '../plan/defined.ts';
import { errorText } from '../plan/error-text.ts';
import { innerSteps } from '../plan/inner-steps.ts';
import type { JsonObject, Plan, Step } from '../plan/plan.ts';
import { besidePath, checkCalendars } from './configuration/calendars.ts';
import {
  type Configuration,
  type ConnectorSettings,
  readConfiguration,
} from './configuration/configuration.ts';
import {
  organisationFile,
  type ReadOrganisation,
  readOrganisation,
} from './configuration/organisation-file.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import * as dataCodes from './diagnostics/registry/data.ts';
import * as flowCodes from './diagnostics/registry/flow.ts';
import * as inputCodes from './diagnostics/registry/inputs.ts';
import * as names from './diagnostics/registry/names.ts';
import * as sourceCodes from './diagnostics/registry/source.ts';
import { byPlace, Reporter } from './diagnostics/reporter.ts';
import { lint, weighed } from './lints/lint.ts';
import { missingSettings } from './lints/missing-settings.ts';
import { type Violation, violationsOf } from './rules/policies.ts';
import { readRunbook } from './runbook/runbook.ts';
import { covers, type ReadTrigger } from './runbook/triggers.ts';
import {
  type CalledRunbook,
  CompileSession,
  type SeenExpression,
  type Surroundings,
} from './scope/compile-session.ts';
import { type Parsed, parseSource } from './source/parse.ts';
import { SourceFile, type SourceRange } from './source/source-file.ts';
import { childOf, entryOf, type MapNode, textOf } from './source/tree.ts';

export interface SourceText {
  /** As diagnostics show it, relative to wherever the caller likes. */
  path: string;
  text: string;
}

export interface CompileOptions {
  files: readonly SourceText[];
  /** `countersign.yaml`. Without it, names of roles, calendars and secrets are taken as they are. */
  configuration?: SourceText | undefined;
  catalogue: Catalogue;
  /** The schemas of the connectors' settings; without them, settings are taken as they are. */
  connectorSettings?: ConnectorSettings | undefined;
  /** Names of the ticket systems that the repository declares itself, beside those that ship. */
  ticketSystems?: readonly string[] | undefined;
  /** The text of an .ics file by its path in the configuration; throws why there is none. Without it none is opened. */
  calendarFile?: ((path: string) => string) | undefined;
  /** The text of a data file by its path beside the configuration; throws why there is none. Without it none is opened. */
  dataFile?: ((path: string, encoding?: 'base64') => string) | undefined;
  /** Milliseconds since 1970, for warnings about nights to come. */
  now?: number | undefined;
  /** Asks the rules of good habit too, with what is known of tests: whether some stand beside the runbook of a path. */
  lint?: { tested?(path: string): boolean } | undefined;
  /** How long one runbook may take; 10 s without it. */
  timeLimitMs?: number;
  /** Told every expression of a runbook, wrong ones too. */
  observe?: (seen: SeenExpression) => void;
}

export interface CompileResult {
  /** Of runbooks without an error, in the order of the files. */
  plans: Plan[];
  /** Absent when none was given or it has errors. */
  configuration?: Configuration;
  /** By file and place. */
  diagnostics: Diagnostic[];
}

interface Unit {
  reporter: Reporter;
  parsed: Parsed;
  name: string | undefined;
  state: 'waiting' | 'reading' | 'done';
  plan?: Plan;
  triggers: ReadTrigger[];
  places: ReadonlyMap<string, SourceRange>;
  nodes: ReadonlyMap<string, MapNode>;
}

export function compile(options: CompileOptions): CompileResult {
  const { configuration, reporter, calendarFiles = [], organisation } = compileConfiguration(options);
  const compilation = new Compilation(options, configuration, organisation?.values);
  compilation.run();
  const reporters = [
    ...(reporter ? [reporter] : []),
    ...calendarFiles,
    ...compilation.units.map((unit) => unit.reporter),
    ...compilation.dataFiles,
  ];
  return {
    plans: compilation.units.map(({ plan }) => plan).filter((plan) => plan !== undefined),
    ...defined({
      configuration:
        configuration && !reporter?.hasErrors && !organisation?.reporter.hasErrors
          ? configuration
          : undefined,
    }),
    diagnostics: weighed(
      onceEach(reporters.flatMap(({ diagnostics }) => [...diagnostics].sort(byPlace))),
      configuration?.rules ?? {},
    ),
  };
}

/** A data file that several runbooks read has each fault once. */
function onceEach(diagnostics: Diagnostic[]): Diagnostic[] {
  const seen = new Map(
    diagnostics.map((each) => [`${each.file} ${each.code} ${each.range.start} ${each.message}`, each]),
  );
  return [...seen.values()];
}

function compileConfiguration(options: CompileOptions): {
  configuration?: Configuration | undefined;
  reporter?: Reporter;
  /** What is wrong in the .ics files that it names. Nothing else depends on them until a calendar is asked. */
  calendarFiles?: Reporter[];
  organisation?: ReadOrganisation | undefined;
} {
  if (!options.configuration) return {};
  let calendarFiles: Reporter[] = [];
  const reporter = new Reporter(new SourceFile(options.configuration.path, options.configuration.text));
  let organisation: ReadOrganisation | undefined;
  const configuration = guarded(reporter, () => {
    const { root, errorLines } = parseSource(
      reporter.file,
      reporter,
      'Begin it with `organisation:` or `roles:`.',
    );
    const read = root && readConfiguration(root, reporter, options);
    if (root?.kind === 'map') calendarFiles = checkCalendars(root, reporter, options);
    dropConsequences(reporter, errorLines);
    organisation = read && organisationBeside(options, read.organisation, reporter);
    return read && { ...read, organisation: organisationOf(read, organisation?.values) };
  });
  const others = organisation ? [...calendarFiles, organisation.reporter] : calendarFiles;
  return { configuration, reporter, calendarFiles: others, organisation };
}

/** What `organisation` is in expressions: its time zone is that of the configuration unless it says one. */
function organisationOf(
  { timezone, organisation }: Configuration,
  inFile: JsonObject | undefined,
): JsonObject {
  const said = { ...organisation, ...inFile };
  return Object.hasOwn(said, 'timezone') ? said : { ...said, ...defined({ timezone }) };
}

/** Undefined where there is none. */
function organisationBeside(
  { dataFile, configuration }: CompileOptions,
  inConfiguration: JsonObject,
  reporter: Reporter,
): ReadOrganisation | undefined {
  let text: string | undefined;
  try {
    text = dataFile?.(organisationFile);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    reporter.report(
      dataCodes.noDataFile,
      { start: 0, end: 0 },
      { file: organisationFile, why: errorText(error) },
    );
  }
  if (text === undefined) return undefined;
  const path = besidePath(configuration?.path ?? '', organisationFile);
  return readOrganisation(new SourceFile(path, text), inConfiguration);
}

const whatARunbookNeeds =
  'A runbook begins with `runbook: NAME` and has `title`, `kind`, `owner` and `steps`.';

class Compilation {
  readonly units: Unit[];
  /** What was found in the data files, each time one was read. */
  readonly dataFiles: Reporter[] = [];
  private readonly options: CompileOptions;
  private readonly configuration: Configuration | undefined;
  private readonly organisation: JsonObject | undefined;
  private readonly byName = new Map<string, Unit>();
  private readonly reading: string[] = [];

  constructor(
    options: CompileOptions,
    configuration: Configuration | undefined,
    organisation: JsonObject | undefined,
  ) {
    this.organisation = organisation;
    this.options = options;
    this.configuration = configuration;
    this.units = options.files.map(({ path, text }) => parseUnit(path, text));
    for (const unit of this.units) this.register(unit);
  }

  run(): void {
    for (const unit of this.units) this.read(unit);
    for (const [index, unit] of this.units.entries()) this.compareTriggers(unit, index);
    this.checkPolicies();
    this.lint();
  }

  /** A rule that weighs as an error is one: the runbook is not accepted. */
  private lint(): void {
    const weights = this.configuration?.rules ?? {};
    const find = (name: string) => this.byName.get(name)?.plan;
    const { connectorSettings } = this.options;
    const missing =
      connectorSettings && this.configuration
        ? missingSettings(connectorSettings, this.configuration.connectors)
        : undefined;
    for (const { plan, parsed, nodes, reporter } of this.options.lint ? this.units : [])
      if (plan && parsed.root?.kind === 'map')
        lint(
          {
            plan,
            root: parsed.root,
            nodes,
            catalogue: this.options.catalogue,
            find,
            missingSettings: missing,
            tested: this.options.lint?.tested?.(reporter.file.path),
            report: (definition, at, params) => reporter.report(definition, at, params),
          },
          weights,
        );
    const failed = this.units.filter(
      ({ plan, reporter }) =>
        plan && weighed(reporter.diagnostics, weights).some(({ severity }) => severity === 'error'),
    );
    for (const unit of failed) this.drop(unit, this.calls());
  }

  /** Each plan with those it calls. One that nothing starts but another runbook is judged where it is called. */
  private checkPolicies(): void {
    const policies = this.configuration?.policies ?? [];
    if (policies.length === 0) return;
    const planOf = (name: string) => this.byName.get(name)?.plan;
    const calls = this.calls();
    const called = new Set([...calls.values()].flat().map(({ runbook }) => runbook));
    const broken = this.units.filter((unit) => {
      if (!unit.plan || (unit.plan.triggers.length === 0 && called.has(unit.plan.runbook))) return false;
      const violations = violationsOf(unit.plan, policies, planOf);
      for (const violation of violations) reportViolation(unit, violation);
      return violations.length > 0;
    });
    for (const unit of broken) this.drop(unit, calls);
  }

  private calls(): Map<string | undefined, { id: string; runbook: string }[]> {
    return new Map(this.units.map(({ name, plan }) => [name, plan ? callsOf(plan.steps, plan.finally) : []]));
  }

  /** What calls a runbook that is not accepted is not accepted either. */
  private drop(unit: Unit, calls: ReadonlyMap<string | undefined, { id: string; runbook: string }[]>): void {
    delete unit.plan;
    for (const caller of this.units) {
      const call = calls.get(caller.name)?.find(({ runbook }) => runbook === unit.name);
      if (!caller.plan || !call || unit.name === undefined) continue;
      const at = caller.places.get(call.id) ?? { start: 0, end: 0 };
      caller.reporter.report(names.brokenRunbook, at, { name: unit.name });
      this.drop(caller, calls);
    }
  }

  private register(unit: Unit): void {
    const { name, reporter, parsed } = unit;
    if (name === undefined) return;
    const first = this.byName.get(name);
    if (!first) {
      this.byName.set(name, unit);
      return;
    }
    const at = childOf(parsed.root, 'runbook') ?? { start: 0, end: 0 };
    reporter.report(names.duplicateRunbook, at, { name, file: first.reporter.file.path });
  }

  private read(unit: Unit): void {
    if (unit.state !== 'waiting') return;
    const { root, errorLines } = unit.parsed;
    unit.state = 'reading';
    if (unit.name !== undefined) this.reading.push(unit.name);
    const found = guarded(
      unit.reporter,
      () => root && readRunbook(root, new CompileSession(unit.reporter, this.surroundings())),
    );
    if (unit.name !== undefined) this.reading.pop();
    unit.state = 'done';
    dropConsequences(unit.reporter, errorLines);
    unit.triggers = found?.triggers ?? [];
    unit.places = found?.places ?? new Map();
    unit.nodes = found?.nodes ?? new Map();
    if (found && !unit.reporter.hasErrors) unit.plan = found.plan;
  }

  private openData(path: string, read: (path: string) => string): Reporter {
    const beside = this.options.configuration?.path ?? '';
    const reporter = new Reporter(new SourceFile(besidePath(beside, path), read(path)));
    this.dataFiles.push(reporter);
    return reporter;
  }

  private surroundings(): Surroundings {
    const { dataFile } = this.options;
    return {
      catalogue: this.options.catalogue,
      ticketSystems: this.options.ticketSystems,
      configuration: this.configuration,
      organisation: this.organisation,
      timeLimitMs: this.options.timeLimitMs,
      now: this.options.now,
      observe: this.options.observe,
      dataFile: dataFile && ((path) => this.openData(path, dataFile)),
      rawFile: dataFile && ((path) => dataFile(path, 'base64')),
      runbooks: { names: () => [...this.byName.keys()], find: (name) => this.find(name) },
    };
  }

  private find(name: string): CalledRunbook {
    const unit = this.byName.get(name);
    if (!unit) return 'unknown';
    if (unit.state === 'reading')
      return { circle: [...this.reading.slice(this.reading.indexOf(name)), name] };
    this.read(unit);
    return unit.plan ? { plan: unit.plan } : 'broken';
  }

  /** Two runbooks that the same tickets start, said of the later file. */
  private compareTriggers(unit: Unit, index: number): void {
    for (const { trigger, node } of unit.triggers) {
      if (trigger.type !== 'ticket') continue;
      for (const other of this.units.slice(0, index)) {
        const same = other.triggers.some(
          ({ trigger: first }) => first.type === 'ticket' && covers(first, trigger) && covers(trigger, first),
        );
        if (!same || other.name === undefined || other.name === unit.name) continue;
        unit.reporter.report(inputCodes.sameTrigger, entryOf(node, 'ticket')?.keyRange ?? node, {
          runbook: other.name,
        });
        break;
      }
    }
  }
}

function parseUnit(path: string, text: string): Unit {
  const reporter = new Reporter(new SourceFile(path, text));
  const nothing: Parsed = { root: undefined, errorLines: new Set() };
  const parsed = guarded(reporter, () => parseSource(reporter.file, reporter, whatARunbookNeeds)) ?? nothing;
  const name = textOf(childOf(parsed.root, 'runbook'));
  return { reporter, parsed, name, state: 'waiting', triggers: [], places: new Map(), nodes: new Map() };
}

function callsOf(...lists: (readonly Step[])[]): { id: string; runbook: string }[] {
  return lists
    .flat()
    .flatMap((step) => (step.kind === 'runbook' ? [step] : callsOf(...innerSteps(step))))
    .map(({ id, runbook }) => ({ id, runbook }));
}

function reportViolation({ reporter, places, parsed }: Unit, { policy, step, problem }: Violation): void {
  // A step of a called runbook is told where it is called.
  const at = places.get(step?.id.split('.')[0] ?? '') ??
    childOf(parsed.root, 'runbook') ?? { start: 0, end: 0 };
  const says =
    problem === undefined
      ? (policy.message ?? policy.description ?? `\`${policy.rule}\` must be true.`)
      : `its rule could not be asked: ${problem}.`;
  const about = step ? `The step \`${step.id}\`` : 'This runbook';
  reporter.report(flowCodes.policyBroken, at, { policy: policy.name, about, says });
}

/** What stands on a line that YAML could not read, and what is missing because of it, follows from that error. */
function dropConsequences(reporter: Reporter, errorLines: ReadonlySet<number>): void {
  if (errorLines.size === 0) return;
  const kept = reporter.diagnostics.filter(
    ({ code, line }) =>
      code.startsWith('CS10') || (!errorLines.has(line) && code !== 'CS1102' && code !== 'CS1605'),
  );
  reporter.diagnostics.splice(0, reporter.diagnostics.length, ...kept);
}

/** Whatever goes wrong in the compiler itself becomes a diagnostic: bad YAML never crashes anything. */
function guarded<T>(reporter: Reporter, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const what = errorText(error);
    reporter.report(sourceCodes.internalProblem, { start: 0, end: 0 }, { what });
    return undefined;
  }
}
