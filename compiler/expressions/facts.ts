/** What a condition shows: paths that are present when it is true (or false), and its parts in canonical text. */
import { type ASTNode, serialize } from '@marcbachmann/cel-js';

/** `inputs.phone`, `steps.x.output` — for a chain of names and constant keys only. */
export function pathOf(node: ASTNode): string | undefined {
  switch (node.op) {
    case 'id':
      return node.args;
    case '.':
    case '.?': {
      const left = pathOf(node.args[0]);
      return left === undefined ? undefined : `${left}.${node.args[1]}`;
    }
    case '[]':
    case '[?]': {
      const [object, index] = node.args;
      const left = pathOf(object);
      return left === undefined || index.op !== 'value' || typeof index.args !== 'string'
        ? undefined
        : `${left}.${index.args}`;
    }
    default:
      return undefined;
  }
}

/** Paths known to be present when the condition has this outcome, each with all its beginnings. */
export function factsOf(node: ASTNode, outcome = true): string[] {
  switch (node.op) {
    case '&&':
      return outcome ? node.args.flatMap((part) => factsOf(part, true)) : [];
    case '||':
      return outcome ? [] : node.args.flatMap((part) => factsOf(part, false));
    case '!_':
      return factsOf(node.args, !outcome);
    case 'call': {
      const [name, [argument]] = node.args;
      return outcome && name === 'has' && argument ? withBeginnings(pathOf(argument)) : [];
    }
    case 'rcall': {
      const [name, receiver] = node.args;
      return outcome && name === 'hasValue' ? withBeginnings(pathOf(receiver)) : [];
    }
    case '==':
    case '!=':
      return (node.op === '==') === outcome ? statusFacts(node.args[0], node.args[1]) : [];
    default:
      return [];
  }
}

/** `steps.x.status == "succeeded"` shows that x ran and gave its output. */
function statusFacts(left: ASTNode, right: ASTNode): string[] {
  const [path, value] =
    right.op === 'value' ? [pathOf(left), right.args] : [pathOf(right), left.op === 'value' && left.args];
  const match = path && /^(steps\.\w+)\.status$/.exec(path);
  if (!match) return [];
  const step = match[1] ?? '';
  return value === 'succeeded' ? [step, `${step}.output`, `${step}.approvers`] : [];
}

function withBeginnings(path: string | undefined): string[] {
  if (path === undefined) return [];
  const parts = path.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 2).join('.'));
}

/** The conditions that must all hold, each as canonical text: two steps with the same condition share it. */
export function conjunctsOf(node: ASTNode): string[] {
  return node.op === '&&' ? node.args.flatMap(conjunctsOf) : [serialize(node)];
}
