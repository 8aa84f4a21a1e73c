/** Names under `let` that need each other in a circle. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { LetEntry } from '../expressions/scope.ts';

/** Each circle once, as the names along it, the first repeated at the end. */
export function findLetCircles(lets: ReadonlyMap<string, LetEntry>): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (name: string, path: string[]): void => {
    const from = path.indexOf(name);
    if (from !== -1) {
      circles.push([...path.slice(from), name]);
      return;
    }
    if (done.has(name)) return;
    const entry = lets.get(name);
    if (entry) for (const used of namesIn(entry.ast)) if (lets.has(used)) visit(used, [...path, name]);
    done.add(name);
  };
  for (const name of lets.keys()) visit(name, []);
  return circles;
}

/** Every plain name in an expression. */
function namesIn(node: ASTNode): Set<string> {
  const names = new Set<string>();
  const walk = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(walk);
    else if (typeof part === 'object' && part !== null && 'op' in part && 'args' in part) {
      if (part.op === 'id') names.add(String(part.args));
      else walk(part.args);
    }
  };
  walk(node);
  return names;
}
