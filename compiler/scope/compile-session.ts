/** What the readers of one runbook share: where to report, what the runbook may name, how values are read. */

import { readOnlyRoleNamed } from '../../organisation/read-only.ts';
import type { ActionDescription, Catalogue } from '../../plan/catalogue.ts';
import {
  camelCase,
  idPattern,
  isPerson,
  parseDuration,
  repairDuration,
  reservedNames,
  reservedWords,
  roleOf,
} from '../../plan/lexical.ts';
import type { Role } from '../../plan/organisation.ts';
import type { Duration, JsonObject, Plan, Retry } from '../../plan/plan.ts';
import { type Definition, listOf } from '../diagnostics/diagnostic.ts';
import * as configurationCodes from '../diagnostics/registry/configuration.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import * as registryNames from '../diagnostics/registry/names.ts';
import * as references from '../diagnostics/registry/references.ts';
import * as sourceCodes from '../diagnostics/registry/source.ts';
import type { Extra, Reporter } from '../diagnostics/reporter.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { hasExpression, singleBraced } from '../expressions/interpolation.ts';
import type { Scope } from '../expressions/scope.ts';
import type { SourceRange } from '../source/source-file.ts';
import { describeNode, type MapNode, type Node, type ScalarNode, textOf } from '../source/tree.ts';
import type { SharedScope, StepPosition } from './scope-at.ts';

/** Where somebody is named who does nothing. */
const looksOnly: ReadonlySet<string> = new Set(['`visibleTo`', '`except`']);

/** A runbook that another one calls: its plan, or that it has errors of its own. */
export type CalledRunbook = { plan: Plan } | 'broken' | 'unknown' | { circle: string[] };

/** A runbook with its expressions is checked within this time, or not at all. */
export const defaultTimeLimitMs = 10_000;

/** An expression as it stands in a file, with what can be seen from there: for editors. */
export interface SeenExpression {
  file: string;
  source: string;
  /** From an offset in the source to the offset in the file. */
  offsetOf(inSource: number): number;
  scope: Scope;
  /** Where each step of the runbook stands. */
  places: ReadonlyMap<string, StepPosition>;
}

/** What a configuration names, as far as runbooks may say it. */
export interface ConfiguredNames {
  organisation: JsonObject;
  roles: Record<string, Pick<Role, 'people' | 'entraGroup'>>;
  calendars: Record<string, unknown>;
  secrets: Record<string, unknown>;
  tickets: Record<string, unknown>;
}

/** What is known around one runbook: the actions there are, the other runbooks, the configuration. */
export interface Surroundings {
  observe?: ((seen: SeenExpression) => void) | undefined;
  timeLimitMs?: number | undefined;
  now?: number | undefined;
  catalogue: Catalogue;
  /** Ticket systems that the repository declares itself. */
  ticketSystems?: readonly string[] | undefined;
  /** What organisation.yaml says: what a runbook reads of it is part of its plan. */
  organisation?: JsonObject | undefined;
  /** Without it, such names are taken as they are. */
  configuration?: ConfiguredNames | undefined;
  /** Opens a data file, with a reporter for what is wrong in it; throws why it cannot be opened. */
  dataFile?: ((path: string) => Reporter) | undefined;
  /** The bytes of a file in base64; throws why it cannot be opened. */
  rawFile?: ((path: string) => string) | undefined;
  runbooks: { names(): string[]; find(name: string): CalledRunbook };
}

export class CompileSession {
  readonly reporter: Reporter;
  readonly surroundings: Surroundings;
  readonly shared: SharedScope;
  /** Ids that the compiler gave to steps without one. */
  readonly ids = new Map<MapNode, string>();
  readonly places: Map<string, StepPosition>;
  /** Where each name under `let` is defined. */
  readonly letNodes = new Map<string, Node>();
  /** Lengths of time and retries from `defaults`. */
  defaults: { timeoutMs?: number; retry?: Retry } = {};
  givenUp = false;
  private readonly started = performance.now();

  constructor(reporter: Reporter, surroundings: Surroundings) {
    this.reporter = reporter;
    this.surroundings = surroundings;
    this.places = new Map();
    this.shared = {
      places: this.places,
      lets: new Map(),
      guardWords: new Map(),
      forEachIds: new Set(),
      needed: new Set(),
      usedInputs: new Set(),
      ticketUsed: false,
      earlyEnds: [],
      statefulIds: new Set(),
    };
  }

  /** Whether checking has taken so long that it must be given up. */
  get isLate(): boolean {
    return performance.now() - this.started > (this.surroundings.timeLimitMs ?? defaultTimeLimitMs);
  }

  /** What has not been looked at by now is not looked at any more. */
  giveUp(at: SourceRange): void {
    this.givenUp = true;
    const seconds = (this.surroundings.timeLimitMs ?? defaultTimeLimitMs) / 1000;
    this.report(sourceCodes.tooSlow, at, { seconds });
  }

  report<Params>(definition: Definition<Params>, at: SourceRange, params: Params, extra?: Extra): void {
    this.reporter.report(definition, at, params, extra);
  }

  lineOf(node: SourceRange): number {
    return this.reporter.file.lineColumn(node.start).line;
  }

  /** The action of a name; reports when there is none. */
  action(node: Node | undefined): ActionDescription | undefined {
    const name = textOf(node);
    if (node === undefined || name === undefined || node.broken) return undefined;
    const action = this.surroundings.catalogue.get(name);
    if (action) return action;
    const connector = name.split('.')[0] ?? '';
    const all = [...this.surroundings.catalogue.values()];
    // Who means to read must never be led into a change, nor who takes away into giving, nor the other way round.
    const reads = readingVerb.test(name.split('.')[1] ?? '');
    const names = all.map((known) => known.name);
    const alike = all
      .filter(({ name: known, effect }) => (effect === 'read') === reads && !areOpposite(name, known))
      .map((known) => known.name);
    const ofConnector = names.filter((known) => known.startsWith(`${connector}.`));
    const suggestion =
      nearest(name, alike) ??
      nearest(
        name.split('.')[1] ?? '',
        alike.filter((known) => known.startsWith(`${connector}.`)).map((known) => known.split('.')[1] ?? ''),
      );
    const connectors = [...new Set(names.map((known) => known.split('.')[0] ?? ''))].sort();
    this.report(
      registryNames.unknownAction,
      node,
      { name, connector, ofConnector, connectors },
      { suggestion: suggestion && !suggestion.includes('.') ? `${connector}.${suggestion}` : suggestion },
    );
    return undefined;
  }

  /** A person as literal text: `role:NAME` or an e-mail address. */
  checkPerson(node: Node, where: string): void {
    if (node.broken) return;
    const text = textOf(node);
    if (text === undefined || !isPerson(text)) {
      const suggestion = text && /^[a-z][a-z0-9-]*$/.test(text) ? `role:${text}` : undefined;
      this.report(forms.badPerson, node, { where, value: text ?? describeNode(node) }, { suggestion });
      return;
    }
    const role = roleOf(text);
    const roles = this.surroundings.configuration?.roles;
    const looker = roles && !looksOnly.has(where) ? readOnlyRoleNamed(text, roles) : undefined;
    if (looker !== undefined)
      this.report(configurationCodes.readOnlyAsked, node, { role: looker, person: text, where });
    if (role === undefined || roles === undefined || Object.hasOwn(roles, role)) return;
    const known = Object.keys(roles);
    const near = nearest(role, known);
    this.report(registryNames.unknownRole, node, { role, known }, { suggestion: near && `role:${near}` });
  }

  /** A length of time. `exact` refuses business days where the engine needs milliseconds. */
  duration(node: Node | undefined, where: string, exact = false): Duration | undefined {
    const text = textOf(node);
    // What is no text at all has been reported with the step's other values.
    if (!node || node.broken || text === undefined) return undefined;
    if (text.includes('${{')) {
      this.report(forms.fixedLength, node, { where });
      return undefined;
    }
    const found = parseDuration(text);
    if (found && (!exact || 'ms' in found)) return found;
    if (found) this.report(forms.businessDaysHere, node, { where });
    else {
      const suggestion = repairDuration(text, where);
      this.report(forms.badDuration, node, { where, value: text, exact }, { suggestion });
    }
    return undefined;
  }

  /** A name that expressions will use. `root` when it stands for itself, and not behind `steps.` or `inputs.`. */
  checkId(node: SourceRange, id: string, what: string, root: boolean): boolean {
    if (!idPattern.test(id)) {
      const suggestion = camelCase(id);
      this.report(
        references.badId,
        node,
        { id, what },
        { suggestion: idPattern.test(suggestion) ? suggestion : undefined },
      );
      return false;
    }
    if ((root ? reservedNames : reservedWords).has(id)) {
      this.report(references.reservedId, node, { id, what });
      return false;
    }
    return true;
  }

  /** Text that nothing computes: an expression in it would be shown as it stands. */
  plainText(node: Node | undefined, where: string): string | undefined {
    const text = textOf(node);
    if (node && text !== undefined && (hasExpression(text) || singleBraced(text)))
      this.report(forms.expressionHere, node, { where });
    if (node?.kind === 'scalar') this.checkWhole(node);
    return text;
  }

  /** Text that goes on behind ` #` is cut there, and YAML says nothing. Comments have a space behind the #. */
  checkWhole(node: ScalarNode): void {
    if (node.style !== 'plain') return;
    const { file } = this.reporter;
    const rest = file.text.slice(node.end, file.lineEnd(file.lineColumn(node.end).line));
    const found = /^[ \t]+(#[^\s#].*?)\s*$/.exec(rest)?.[1];
    if (found === undefined) return;
    const cut = withoutClosers(found);
    const end = node.end + rest.indexOf(found) + cut.length;
    const whole = JSON.stringify(file.text.slice(node.start, end));
    this.report(sourceCodes.cutByComment, { start: node.start, end }, { rest: cut }, { suggestion: whole });
  }

  /** A name of something in the configuration; without one there is nothing to compare with. */
  checkConfigured(node: Node, name: string, kind: string, known: Record<string, unknown> | undefined): void {
    if (!this.surroundings.configuration || node.broken || Object.hasOwn(known ?? {}, name)) return;
    const names = Object.keys(known ?? {});
    this.report(
      registryNames.unknownConfigured,
      node,
      { kind, name, known: listOf(names) },
      { suggestion: nearest(name, names) },
    );
  }
}

const readingVerb = /^(get|list|find|read|look|check|search|show|is|has|count|query|fetch|describe|view)/i;

const takingVerb =
  /^(remov|delet|disabl|revok|clear|cancel|unassign|unshar|uninstall|retir|wip|eras|clos|take|drop)/i;
const givingVerb = /^(add|creat|enabl|assign|grant|restor|shar|install|open|giv|plac|order|new)/i;

function areOpposite(one: string, other: string): boolean {
  const [first = '', second = ''] = [one, other].map((name) => name.split('.')[1]);
  return (
    (takingVerb.test(first) && givingVerb.test(second)) || (givingVerb.test(first) && takingVerb.test(second))
  );
}

/** The brackets of a flow map or list that close what was opened before the comment are no part of the text. */
function withoutClosers(cut: string): string {
  let open = 0;
  for (const [at, character] of [...cut].entries()) {
    if ('{['.includes(character)) open += 1;
    if ('}]'.includes(character) && --open < 0) return [...cut].slice(0, at).join('').trimEnd();
  }
  return cut;
}
