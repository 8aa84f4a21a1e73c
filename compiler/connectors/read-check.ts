/** Reads `check` of a connector: by which of its reads its settings and permissions are found to be right. */
import type { ActionDescription } from '../../plan/catalogue.ts';
import type { DeclaredConnector } from '../../plan/declared.ts';
import type { JsonObject } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import { checkNode } from '../schema/check.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { childOf, jsonOf, type Node, textOf } from '../source/tree.ts';

/** Read when all actions are known. */
export function readCheck(
  root: Node,
  connector: string,
  find: (name: string) => ActionDescription | undefined,
  session: CompileSession,
): DeclaredConnector['check'] {
  const node = childOf(root, 'check');
  const usesNode = childOf(node, 'uses');
  const uses = textOf(usesNode);
  if (!node || !usesNode || uses === undefined) return undefined;
  const target = find(uses);
  const given = childOf(node, 'with');
  const why = whyNot(uses, connector, target) ?? (given ? undefined : whyNothingGiven(target));
  if (why !== undefined || !target) {
    session.report(codes.badCheck, usesNode, { name: uses, why: why ?? 'there is no such action' });
    return undefined;
  }
  if (given)
    checkNode(given, target.input, `what ${uses} is asked`, { reporter: session.reporter, patterns: true });
  return { uses, with: given ? (jsonOf(given) as JsonObject) : {} };
}

function whyNothingGiven(target: ActionDescription | undefined): string | undefined {
  const { required } = target?.input ?? {};
  if (!Array.isArray(required) || required.length === 0) return undefined;
  return `it needs ${required.map((name) => `\`${name}\``).join(' and ')} under \`with\``;
}

function whyNot(uses: string, connector: string, target: ActionDescription | undefined): string | undefined {
  if (!uses.startsWith(`${connector}.`)) return `it is no action of ${connector}`;
  if (!target) return 'there is no such action';
  return target.effect === 'read' ? undefined : 'it changes something';
}
