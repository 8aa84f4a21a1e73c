/** A check under way, as the parts of the checker see it: what they may ask of it, and where they report. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { Definition } from '../diagnostics/diagnostic.ts';
import type { Extra } from '../diagnostics/reporter.ts';
import type { SourceRange } from '../source/source-file.ts';
import type { Edits } from './edits.ts';
import type { Scope } from './scope.ts';
import type { Type } from './types.ts';

export type Report = <Params>(
  definition: Definition<Params>,
  at: SourceRange,
  params: Params,
  extra?: Extra,
) => void;

export interface Checking {
  readonly source: string;
  readonly scope: Scope;
  readonly report: Report;
  readonly edits: Edits;
  readonly facts: ReadonlySet<string>;
  /** Inside `has` and `default`: what is missing is no mistake there. */
  soft: boolean;
  /** The access that `orValue` and the like ask of: an item that is not in the list is absent there, and no error. */
  asked: ASTNode | undefined;
  /** Names of the items of `map`, `filter` and the like. */
  readonly locals: Map<string, Type>;
  check(node: ASTNode): Type;
  /** Checks a part where one is known to be present because of a condition before it. */
  knowing<T>(facts: Iterable<string>, check: () => T): T;
  /** Checks a part that must be true or false. */
  condition(node: ASTNode): void;
  /** The type of a part that is computed with: neither absent nor sealed. */
  definite(node: ASTNode): Type;
  present(node: ASTNode, type: Type): Type;
  text(node: ASTNode): string;
}
