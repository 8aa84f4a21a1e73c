/** What the readers of one action share: the connector around it, the names that the order has reached, and where things stand. */
import type { DeclaredScript, Pages, QueryLanguage } from '../../plan/declared.ts';
import type { JsonSchema, Template } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import { typeOfSchema } from '../expressions/from-schema.ts';
import { dyn, int, objectType, string, type Type } from '../expressions/types.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { Reading } from '../scope/reading.ts';
import { ScopeAt } from '../scope/scope-at.ts';
import type { Node } from '../source/tree.ts';
import {
  type ReadExpression,
  readCondition,
  readExpression,
  readTemplate,
  type ValueSlot,
} from '../values/template.ts';
import type { Contract } from './contract.ts';
import { type NamedTypes, readField } from './field-types.ts';
import type { ScriptsOf } from './read-program.ts';

export type Names = ReadonlyMap<string, Type>;

/** What a connector gives to the reading of its actions. */
export interface Around {
  types: NamedTypes;
  contract: Contract | undefined;
  /** Parameters that are written in a query language. */
  languages: Readonly<Record<string, QueryLanguage>>;
  /** How lists come in pages that say nothing else. */
  pages: Pages | undefined;
  /** Where it is reached by scripts. */
  scripts: ScriptsOf | undefined;
  /** Headers that all its requests have, in small letters. */
  headers?: readonly string[];
}

/** What an action's readers find on the way, and share. */
interface Found {
  lines: Record<string, number>;
  scripts: Record<string, DeclaredScript>;
}

const scriptAnswer: Type = {
  kind: 'object',
  fields: new Map([
    ['exit', { type: int }],
    ['error', { type: string, optional: true }],
    ['message', { type: string, optional: true }],
    ['body', { type: dyn, optional: true }],
  ]),
};

export class ActionReading {
  readonly session: CompileSession;
  readonly around: Around;
  /** What the order has reached; each root is added where it becomes known. */
  readonly names: Map<string, Type>;
  /** The line of each expression, for messages at run time. */
  readonly lines: Record<string, number>;
  /** The scripts that the action runs. */
  readonly scripts: Record<string, DeclaredScript>;

  constructor(
    session: CompileSession,
    around: Around,
    names: Names,
    found: Found = { lines: {}, scripts: {} },
  ) {
    this.session = session;
    session.shared.stepless = true;
    this.around = around;
    this.names = new Map(names);
    this.lines = found.lines;
    this.scripts = found.scripts;
  }

  get types(): NamedTypes {
    return this.around.types;
  }

  get contract(): Contract | undefined {
    return this.around.contract;
  }

  get languages(): Around['languages'] {
    return this.around.languages;
  }

  get pages(): Pages | undefined {
    return this.around.pages;
  }

  /** The same place, with further names. */
  with(names: Record<string, Type | undefined>): ActionReading {
    const more = new Map(this.names);
    for (const [name, type] of Object.entries(names)) if (type) more.set(name, type);
    return new ActionReading(this.session, this.around, more, this);
  }

  /** Where an answer is at hand. `body` is its type by the contract. */
  withAnswer(body: Type = dyn): ActionReading {
    if (this.around.scripts) return this.with({ answer: scriptAnswer });
    return this.with({
      answer: objectType({ status: int, headers: { kind: 'map', value: string }, body }),
    });
  }

  expression(node: Node | undefined, where: string): ReadExpression | undefined {
    if (!node || this.isCut(node)) return undefined;
    const read = readExpression(node, where, this.reading());
    if (read) this.lines[read.cel] = this.session.lineOf(node);
    return read;
  }

  condition(node: Node | undefined, where: string): string | undefined {
    if (!node || this.isCut(node)) return undefined;
    const read = readCondition(node, where, this.reading());
    if (read) this.lines[read.cel] = this.session.lineOf(node);
    return read?.cel;
  }

  template(node: Node, slot: ValueSlot, schema?: JsonSchema): Template {
    const template = readTemplate(node, schema, slot, this.reading());
    for (const cel of expressionsIn(template)) this.lines[cel] ??= this.session.lineOf(node);
    return template;
  }

  text(node: Node | undefined, where: string): Template | undefined {
    return node && this.template(node, { where }, { type: 'string' });
  }

  /** What `type` says; without it the contract's word, if there is one. */
  typeAt(node: Node | undefined, at: Node, found: Type | undefined, where: string): JsonSchema | undefined {
    if (node) return readField(node, this.types, this.session).schema;
    if (found && isTold(found)) return undefined;
    this.session.report(codes.untyped, at, { where });
    return {};
  }

  /** Said once; what else is wrong on this line follows from it. */
  private isCut(node: Node): boolean {
    if (node.kind !== 'scalar' || node.style !== 'plain' || node.broken || !opensMore(node.raw)) return false;
    this.session.report(codes.cutExpression, node, { text: node.raw });
    return true;
  }

  private reading(): Reading {
    return new Reading(ScopeAt.start(this.session.shared, this.names), this.session);
  }
}

function isTold(type: Type): boolean {
  if (type.kind === 'optional') return isTold(type.of);
  return type.kind !== 'dyn' && type.kind !== 'map';
}

export function typeOf(schema: JsonSchema): Type {
  return typeOfSchema(schema).type;
}

function opensMore(text: string): boolean {
  const plain = text.replace(/"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?/g, '');
  return (plain.match(/[([]/g)?.length ?? 0) > (plain.match(/[)\]]/g)?.length ?? 0);
}

/** Every expression of a template. */
export function expressionsIn(template: Template): string[] {
  if (template === null || typeof template !== 'object') return [];
  if (Array.isArray(template)) return template.flatMap(expressionsIn);
  if (typeof template.$expr === 'string') return [template.$expr];
  return Object.values(template).flatMap(expressionsIn);
}
