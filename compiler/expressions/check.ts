/**
 * Checks one expression against what can be seen from where it stands, and gives its type.
 *
 * The checker walks the syntax tree of the CEL library itself, since it must say more than CEL's own type check does:
 * which step may have been skipped and why, what is sealed, which spelling was meant. Where a value may be absent it
 * writes CEL's optional access (`.?`) into the expression that goes into the plan, so that the author need not.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import * as expressions from '../diagnostics/registry/expressions.ts';
import * as references from '../diagnostics/registry/references.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { SourceRange } from '../source/source-file.ts';
import { accessField, isStepReference, stepReference } from './access.ts';
import { callFunction, callMethod } from './calls.ts';
import type { Checking, Report } from './checking.ts';
import { Edits } from './edits.ts';
import { factsOf } from './facts.ts';
import { compareTypes, computeType } from './operators.ts';
import type { LetEntry, Scope } from './scope.ts';
import { bool, double, dyn, int, listType, nameOf, type Type, unify } from './types.ts';

export class Checker implements Checking {
  readonly source: string;
  readonly scope: Scope;
  readonly report: Report;
  readonly edits = new Edits();
  facts: ReadonlySet<string>;
  /** Inside `has` and `default`: what is missing is no mistake there. */
  soft = false;
  /** The access that `orValue` and the like ask of: an item that is not in the list is absent there, and no error. */
  asked: ASTNode | undefined;
  /** Names of the items of `map`, `filter` and the like. */
  readonly locals = new Map<string, Type>();
  private readonly expanding: string[];
  /** How much may still be written out; shared with the checkers of the names inside. */
  private readonly budget: { characters: number };

  constructor(
    source: string,
    scope: Scope,
    report: Report,
    expanding: string[] = [],
    budget = { characters: maxExpanded },
  ) {
    this.source = source;
    this.scope = scope;
    this.report = report;
    this.facts = scope.facts;
    this.expanding = expanding;
    this.budget = budget;
  }

  check(node: ASTNode): Type {
    switch (node.op) {
      case 'value':
        return this.checkLiteral(node, node.args);
      case 'id':
        return this.checkName(node, node.args);
      case '.':
      case '.?':
      case '[]':
      case '[?]':
        return isStepReference(node, this) ? stepReference(node, this) : accessField(node, this);
      case 'call':
        return callFunction(node, node.args[0], node.args[1], this);
      case 'rcall':
        return callMethod(node, node.args[0], node.args[1], node.args[2], this);
      case 'list':
        return listType(
          node.args.map((item) => this.check(item)).reduce((a, b) => unify(a, b) ?? dyn, { kind: 'never' }),
        );
      case 'map':
        return this.checkMap(node.args);
      case '?:':
        return this.checkChoice(node, node.args[0], node.args[1], node.args[2]);
      case '&&':
      case '||':
        this.condition(node.args[0]);
        this.knowing(factsOf(node.args[0], node.op === '&&'), () => this.condition(node.args[1]));
        return bool;
      case '!_':
        this.condition(node.args);
        return bool;
      case '-_':
        // The smallest whole number is written with a number that by itself is too large.
        if (node.args.op === 'value' && node.args.args === 2n ** 63n) return int;
        return computeType(node, '-', [node.args], this);
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
      case 'in':
        return compareTypes(node, node.op, node.args[0], node.args[1], this);
      default:
        return computeType(node, node.op, node.args, this);
    }
  }

  /** Checks a part where one is known to be present because of a condition before it. */
  knowing<T>(facts: Iterable<string>, check: () => T): T {
    const before = this.facts;
    this.facts = new Set([...before, ...facts]);
    try {
      return check();
    } finally {
      this.facts = before;
    }
  }

  /** Checks a part that must be true or false. */
  condition(node: ASTNode): void {
    const type = this.definite(node);
    if (type.kind === 'bool' || type.kind === 'dyn') return;
    this.report(expressions.notTrueOrFalse, node.range, { text: this.text(node), is: nameOf(type) });
  }

  /** The type of a part that is computed with: neither absent nor sealed. */
  definite(node: ASTNode): Type {
    return this.present(node, this.check(node));
  }

  present(node: ASTNode, type: Type): Type {
    if (type.kind === 'optional') {
      this.report(expressions.mayBeAbsent, node.range, {
        text: this.text(node),
        why: type.why,
        fallback: fallbackFor(type.of),
      });
      return this.present(node, type.of);
    }
    if (type.kind !== 'sealed') return type;
    this.report(expressions.sealedUsed, node.range, { text: this.text(node) });
    return dyn;
  }

  text(node: ASTNode): string {
    return this.source.slice(node.start, node.end);
  }

  private checkLiteral(node: ASTNode, value: unknown): Type {
    if (typeof value === 'string') return { kind: 'string', values: [value] };
    if (typeof value === 'bigint' && value === BigInt.asIntN(64, value)) return int;
    if (typeof value === 'boolean') return bool;
    if (value === null) return { kind: 'null' };
    const isNumber = typeof value === 'number';
    if (isNumber && Number.isFinite(value)) return double;
    const why =
      isNumber || typeof value === 'bigint'
        ? 'the number is too large. Whole numbers have 64 bits.'
        : ArrayBuffer.isView(value)
          ? 'there are no bytes in runbooks. Use text.'
          : 'there are no numbers without a sign. Leave out the `u`.';
    this.report(expressions.valueUnlike, node.range, { text: this.text(node), why });
    return dyn;
  }

  private checkName(node: ASTNode, name: string): Type {
    const local = this.locals.get(name);
    if (local) return local;
    const entry = this.scope.lets.get(name);
    if (entry) return this.expand(node, name);
    if (name === 'ticket') this.scope.useTicket();
    const type = this.scope.names.get(name);
    if (type) return type;
    if (name === 'steps' && !this.scope.stepless) {
      this.report(references.stepsAlone, node.range, {});
      return dyn;
    }
    if (name === 'secrets') {
      this.report(expressions.secretHere, node.range, { name: 'NAME' });
      return dyn;
    }
    const steps = this.scope.stepless ? [] : ['steps'];
    const known = [...this.locals.keys(), ...this.scope.names.keys(), ...steps, ...this.scope.lets.keys()];
    this.report(expressions.unknownName, node.range, { name, known }, { suggestion: nearest(name, known) });
    return dyn;
  }

  /** A name from `let` is written out, so that it means what it means where it is used. */
  private expand(node: ASTNode, name: string): Type {
    const entry = this.scope.lets.get(name);
    // What cannot be read, and a circle, have been reported where they are defined.
    if (!entry || entry.broken || this.expanding.includes(name)) return dyn;
    this.budget.characters -= entry.source.length + 2;
    if (this.budget.characters < 0) {
      this.report(expressions.tooLong, node.range, {});
      return dyn;
    }
    let atDefinition: ReadonlySet<string> | undefined;
    const inner = new Checker(
      entry.source,
      this.scope,
      (definition, at, params, extra) => {
        // Everything else is wrong wherever it is used, and is said once, where the name is defined.
        if (!dependsOnPlace.has(definition.code)) return;
        if (definition.code === expressions.mayBeAbsent.code) {
          // What is absent wherever it is used is said once too.
          atDefinition ??= this.problemsOf(entry, name);
          if (atDefinition.has(problemKey(definition.code, at))) return;
        }
        this.report(definition, node.range, params, extra);
      },
      [...this.expanding, name],
      this.budget,
    );
    inner.facts = this.facts;
    const type = inner.check(entry.ast);
    this.edits.replace(node.range, `(${inner.edits.apply(entry.source)})`);
    return type;
  }

  /** What is wrong with a name under `let` by itself. */
  private problemsOf(entry: LetEntry, name: string): ReadonlySet<string> {
    const problems = new Set<string>();
    const scope = this.scope.atLets;
    if (!scope || scope === this.scope) return problems;
    const report: Report = ({ code }, at) => problems.add(problemKey(code, at));
    new Checker(entry.source, scope, report, [...this.expanding, name], { ...this.budget }).check(entry.ast);
    return problems;
  }

  private checkMap(entries: [ASTNode, ASTNode][]): Type {
    const fields = new Map<string, { type: Type }>();
    for (const [key, value] of entries) {
      const type = this.present(value, this.check(value));
      if (key.op === 'value' && typeof key.args === 'string') fields.set(key.args, { type });
      else this.report(expressions.keyWithoutQuotes, key.range, { key: this.text(key) });
    }
    return { kind: 'object', fields };
  }

  private checkChoice(node: ASTNode, condition: ASTNode, yes: ASTNode, no: ASTNode): Type {
    this.condition(condition);
    const left = this.knowing(factsOf(condition, true), () => this.check(yes));
    const right = this.knowing(factsOf(condition, false), () => this.check(no));
    const both = unify(left, right);
    if (both) return both;
    if (left.kind === 'optional') this.present(yes, left);
    else if (right.kind === 'optional') this.present(no, right);
    else this.report(expressions.differentBranches, node.range, { left: nameOf(left), right: nameOf(right) });
    return dyn;
  }
}

function problemKey(code: string, at: SourceRange): string {
  return `${code} ${at.start} ${at.end}`;
}

export const maxExpanded = 20_000;
const dependsOnPlace = new Set([
  expressions.mayBeAbsent.code,
  expressions.tooLong.code,
  references.laterStep.code,
  references.ownStep.code,
  references.otherBranch.code,
  references.innerStep.code,
  references.elseStep.code,
]);

/** What an author would most likely put in place of an absent value. */
export function fallbackFor(type: Type): string {
  switch (type.kind) {
    case 'string':
      return '""';
    case 'int':
    case 'number':
    case 'double':
      return '0';
    case 'bool':
      return 'false';
    case 'list':
      return '[]';
    case 'map':
    case 'object':
    case 'dyn':
    case 'null':
    case 'never':
    case 'optional':
    case 'sealed':
    case 'any':
      return '…';
  }
}
