/** For benches that start runs themselves: starts as a gateway seals them, and a register without a database. */
import { randomBytes } from 'node:crypto';
import type { CallRegister } from '../activities/kit/bound-call.ts';
import type { SealedStart } from '../plan/sealed.ts';
import type { RunStart } from '../workflows/messages.ts';

export function sealedStart(workflow: string, start: RunStart): SealedStart<RunStart> {
  return { $start: { number: randomBytes(12).toString('base64url'), workflow }, start };
}

export function registerInMemory(): CallRegister {
  const executions = new Map<string, string>();
  return {
    executionOf: async (start, execution) => {
      if (!executions.has(start)) executions.set(start, execution);
      return executions.get(start) ?? execution;
    },
    mayBeUnbound: async () => false,
    refused: async ({ activity, why }) => console.error(`refused: ${activity}: ${why}`),
  };
}
