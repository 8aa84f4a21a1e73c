/** The syntax tree of an expression that has been checked. Light enough for the workflow's bundle. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { parseAst } from './environment.ts';

/** Undefined when it cannot be read, which the compiler reports where it is written. */
export function astOf(source: string): ASTNode | undefined {
  try {
    return parseAst(source);
  } catch {
    return undefined;
  }
}
