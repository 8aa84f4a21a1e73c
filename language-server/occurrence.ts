/** One place where a name stands, and how files are walked for them. */
import { innerLists, stepsOf } from '../compiler/runbook/step-numbering.ts';
import { childOf, type Entry, type MapNode, type Node } from '../compiler/source/tree.ts';

export type NamedKind = 'step' | 'input' | 'let' | 'data';

/** A name, and where it stands once. */
export interface Occurrence {
  kind: NamedKind;
  name: string;
  /** The file of the runbook whose name it is. */
  of: string;
  file: string;
  start: number;
  end: number;
  defines: boolean;
}

export function allSteps(root: Node | undefined): MapNode[] {
  const found: MapNode[] = [];
  const visit = (node: Node | undefined): void => {
    for (const step of stepsOf(node)) {
      found.push(step);
      for (const { steps } of innerLists(step)) visit(steps);
    }
  };
  visit(childOf(root, 'steps'));
  visit(childOf(root, 'finally'));
  return found;
}

export function entriesOf(node: Node | undefined): Entry[] {
  return node?.kind === 'map' ? node.entries : [];
}

/** A name without the quotes around it. */
export function bare(
  { start, end }: { start: number; end: number },
  name: string,
): { start: number; end: number } {
  return end - start === name.length + 2 ? { start: start + 1, end: end - 1 } : { start, end };
}
