/** Whether a declared connector's settings and permissions are right, by one read of it. */
import type { CompiledAction, DeclaredAction, DeclaredConnector } from '../../plan/declared.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { Connector } from '../kit/define-connector.ts';
import { DeclaredAttempt } from './attempt.ts';
import type { DeclaredClient } from './client.ts';
import { Absence } from './looking.ts';

/** By the read that the connector names, else by one that needs no input. That nothing is found is an answer too. */
export function checkOf(declared: DeclaredConnector): Connector['check'] {
  const found = named(declared) ?? withoutInput(declared);
  if (!found)
    return 'it has no action that reads without being told what; name one under check: in its connector.yaml';
  return async (client: DeclaredClient, { conceal }) => {
    const attempt = new DeclaredAttempt(found.compiled, found.input, {
      client,
      conceal,
      key: 'check',
      attempt: 1,
      run: { id: 'check', runbook: 'check', step: 'check' },
      secretFor: refused,
      rememberBeforeWrite: refused,
      ownRequest: { read: refused, write: refused },
    });
    try {
      await attempt.look();
    } catch (error) {
      if (!(error instanceof Absence)) throw error;
    }
  };
}

interface Found {
  compiled: CompiledAction;
  input: JsonObject;
}

function named({ check, actions, service }: DeclaredConnector): Found | undefined {
  const entry = check && actions.find(({ action }) => action.name === check.uses);
  return check && entry && { compiled: compiledOf(entry, service), input: check.with };
}

function withoutInput({ actions, service }: DeclaredConnector): Found | undefined {
  const entry = actions.find(({ action }) => reads(action) && requiredOf(action).length === 0);
  return entry && { compiled: compiledOf(entry, service), input: {} };
}

function reads({ effect, looks }: DeclaredAction): boolean {
  return effect === 'read' && looks.length > 0;
}

function requiredOf({ input }: DeclaredAction): string[] {
  return Array.isArray(input.required) ? (input.required as string[]) : [];
}

/** Of a list the first page says as much as all of them. */
function compiledOf(
  entry: Omit<CompiledAction, 'service'>,
  service: CompiledAction['service'],
): CompiledAction {
  const looks = entry.action.looks.map((look) => {
    if (!look.list) return look;
    const { pages: _, ...list } = look.list;
    return { ...look, list };
  });
  return { ...entry, service, action: { ...entry.action, looks } };
}

function refused(): never {
  throw new Error('A check changes nothing, and keeps nothing.');
}
