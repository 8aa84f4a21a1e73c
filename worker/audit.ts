/** What a worker puts on record: every attempt of an action, and whom the engine asked and told. */

import type { EngineRecord } from '../activities/engine/activities.ts';
import type { AttemptRecord } from '../activities/kit/services.ts';
import type { JsonObject } from '../plan/plan.ts';
import type { Audit } from '../store/audit/audit.ts';
import { type AuditEntry, digestOf, type Signer } from '../store/audit/record.ts';
import { jsonb } from '../store/database.ts';

type Appending = Pick<Audit, 'append'>;

const engine = 'countersign';

/** For the action kit. Of an output only a digest is kept, by which the journal's can be compared. */
export function attemptRecorder(audit: Appending, signer: Signer): (entry: AttemptRecord) => Promise<void> {
  return ({ call, action, effect, attempt, event }) =>
    audit.append({
      runId: call.run,
      kind: event.type === 'begun' ? 'action.begun' : 'action.ended',
      step: call.step,
      actor: engine,
      data: {
        action,
        effect,
        attempt,
        ...(call.item ? { item: call.item } : {}),
        ...outcomeOf(event, signer),
      },
    });
}

function outcomeOf(event: AttemptRecord['event'], signer: Signer): JsonObject {
  switch (event.type) {
    case 'begun':
      return {};
    case 'succeeded': {
      // As the journal in the database gives it back.
      const output = JSON.parse(jsonb(event.output));
      return { outcome: event.type, durationMs: event.durationMs, output: digestOf(signer, output) };
    }
    case 'failed':
      return { outcome: event.type, durationMs: event.durationMs, failure: { ...event.failure } };
    case 'cancelled':
      return { outcome: event.type, durationMs: event.durationMs };
  }
}

/** For the engine's own activities. */
export function engineRecorder(audit: Appending): (record: EngineRecord) => Promise<void> {
  return ({ call, kind, step, data }) => {
    const entry: AuditEntry = { runId: call.run, kind, step, actor: engine, data };
    return audit.append(entry);
  };
}
