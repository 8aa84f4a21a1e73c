/** Reads how a connector runs its scripts, and gives it the settings for that. */
import type { DeclaredProgram } from '../../plan/declared.ts';
import { defined } from '../../plan/defined.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import { sshHostProperties, sshHostRequired } from '../../plan/ssh-settings.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { childOf, type Node, textOf } from '../source/tree.ts';

/** What an action needs to know of its connector's scripts. */
export interface ScriptsOf {
  program: DeclaredProgram;
  /** The text of a file of the connector's folder; throws why there is none, gives undefined where it is not at hand. */
  read(file: string): string | undefined;
}

const usualLimitMs = 120_000;

export function readProgram(root: Node, session: CompileSession): DeclaredProgram | undefined {
  const by = (['powershell', 'command'] as const).find((name) => childOf(root, name));
  if (!by) return undefined;
  const node = childOf(root, by);
  const limitNode = childOf(node, 'limit');
  const limit = limitNode && session.duration(limitNode, '`limit`', true);
  return {
    by,
    program:
      by === 'powershell' ? [textOf(childOf(node, 'program')) ?? 'pwsh'] : texts(childOf(node, 'program')),
    modules: texts(childOf(node, 'modules')),
    limitMs: limit && 'ms' in limit ? limit.ms : usualLimitMs,
    ...defined({ over: textOf(childOf(node, 'over')) === 'ssh' ? ('ssh' as const) : undefined }),
  };
}

function texts(node: Node | undefined): string[] {
  return node?.kind === 'list' ? node.items.flatMap((item) => textOf(item) ?? []) : [];
}

/** What may run is for the configuration to say: a repository of runbooks alone runs nothing on a host. */
export const allowSchema: JsonSchema = {
  type: 'object',
  description:
    'The scripts of this connector that may run: its name, and the hash of its text and of the program that runs it (`sha256:…`), or several. `countersign connector scripts NAME` prints them.',
  additionalProperties: {
    anyOf: [
      { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
      { type: 'array', items: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' } },
    ],
  },
};

export const sshRequired: readonly string[] = sshHostRequired;

export const sshSettings: Record<string, JsonSchema> = sshHostProperties(
  'Name or address of the host that the scripts run on.',
);
