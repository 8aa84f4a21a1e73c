/** Going through an expression's syntax tree. */
import type { ASTNode } from '@marcbachmann/cel-js';

export function childrenOf(node: ASTNode): ASTNode[] {
  const found: ASTNode[] = [];
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(visit);
    else if (typeof part === 'object' && part !== null && 'op' in part && 'start' in part)
      found.push(part as ASTNode);
  };
  visit(node.args);
  return found;
}
