/** The syntax tree of an expression that has been checked. Light enough for the workflow's bundle. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { parseAst } from './environment.ts';

/** The same few expressions stand all over a runbook. */
const known = new Map<string, ASTNode | undefined>();
const mostKnown = 5_000;

/** Undefined when it cannot be read, which the compiler reports where it is written. */
export function astOf(source: string): ASTNode | undefined {
  if (known.has(source)) return known.get(source);
  const node = parsed(source);
  if (known.size >= mostKnown) known.clear();
  known.set(source, node);
  return node;
}

function parsed(source: string): ASTNode | undefined {
  try {
    return parseAst(source);
  } catch {
    return undefined;
  }
}
