/** What a worker puts on record: every attempt of an action, and whom the engine asked and told. */

import type { EngineRecord } from '../activities/engine/services.ts';
import type { RefusedCall } from '../activities/kit/bound-call.ts';
import type { AttemptRecord, KeptLook } from '../activities/kit/services.ts';
import { defined } from '../plan/defined.ts';
import type { Json, JsonObject } from '../plan/plan.ts';
import type { Audit } from '../store/audit/audit.ts';
import { type AuditEntry, digestOf, type Signer } from '../store/audit/record.ts';
import { jsonb } from '../store/database.ts';
import type { Warrants } from '../store/warrants/warrants.ts';

type Appending = Pick<Audit, 'append'>;
type Beginning = Pick<Audit, 'append' | 'appendWhere'>;

const engine = 'countersign';

/** For the action kit. Of an output only a digest is kept, by which the journal's can be compared. */
export function attemptRecorder(audit: Beginning, signer: Signer): (entry: AttemptRecord) => Promise<void> {
  return async (record) => {
    const { event } = record;
    const entry = entryOf(record, signer);
    if (event.type === 'begun' && event.unchanged) await audit.appendWhere(entry, event.unchanged);
    else await audit.append(entry);
  };
}

/** The same of a beginning, with what the step found before. */
export function beginningRecorder(
  audit: Pick<Audit, 'appendWhere'>,
  signer: Signer,
): (entry: AttemptRecord, look: KeptLook) => Promise<Json> {
  return async (record, look) => {
    const unchanged = record.event.type === 'begun' ? record.event.unchanged : undefined;
    return (await audit.appendWhere(entryOf(record, signer), unchanged ?? {}, look)) ?? null;
  };
}

function entryOf({ call, action, effect, attempt, event }: AttemptRecord, signer: Signer): AuditEntry {
  return {
    runId: call.run,
    kind: event.type === 'begun' ? 'action.begun' : 'action.ended',
    step: call.step,
    actor: engine,
    data: {
      action,
      effect,
      attempt,
      ...defined({ item: call.item || undefined }),
      ...outcomeOf(event, signer),
    },
  };
}

function outcomeOf(event: AttemptRecord['event'], signer: Signer): JsonObject {
  switch (event.type) {
    case 'begun':
      return defined({
        call: event.call,
        warrants: event.warrants,
        derived: event.derived,
        system: event.system && { ...event.system },
        renamed: event.renamed,
        input: event.input === undefined ? undefined : digestAsKept(event.input, signer),
      });
    case 'succeeded':
      return {
        outcome: event.type,
        ...defined({ verified: event.verified }),
        durationMs: event.durationMs,
        output: digestAsKept(event.output, signer),
      };
    case 'failed':
      return { outcome: event.type, durationMs: event.durationMs, failure: { ...event.failure } };
    case 'cancelled':
      return { outcome: event.type, durationMs: event.durationMs };
  }
}

/** As the journal in the database gives it back. */
function digestAsKept(value: Json, signer: Signer): string {
  return digestOf(signer, JSON.parse(jsonb(value)));
}

/** For the engine's own activities. */
export function engineRecorder(
  audit: Appending,
  warrants: Pick<Warrants, 'asked'>,
): (record: EngineRecord) => Promise<void> {
  return ({ call, kind, step, data, paper }) => {
    const entry: AuditEntry = { runId: call.run, kind, step, actor: engine, data };
    return paper ? warrants.asked(entry, paper) : audit.append(entry);
  };
}

/** Somebody who writes to Temporal may write a lot. */
const refusalsOfOneRun = 10;
const refusalsAnHour = 500;
const hourMs = 3_600_000;

/** Records what was not believed, the first few times of each run: that it was tried is what matters. */
export function refusalRecorder(
  audit: Appending,
  log: (line: string) => void,
): (refused: RefusedCall) => Promise<void> {
  let counts = new Map<string, number>();
  let total = 0;
  let since = Date.now();
  return async ({ run, activity, step, why }) => {
    if (Date.now() - since > hourMs) [counts, total, since] = [new Map(), 0, Date.now()];
    const count = (counts.get(run) ?? 0) + 1;
    counts.set(run, count);
    total += 1;
    if (count > refusalsOfOneRun || total > refusalsAnHour) return;
    const data = {
      what: activity,
      why,
      ...defined({ andMore: count === refusalsOfOneRun ? true : undefined }),
    };
    const entry: AuditEntry = { runId: run, kind: 'call.refused', actor: engine, data, ...defined({ step }) };
    log(`Refused in run ${run}: ${activity}: ${why}`);
    await audit.append(entry).catch((error) => log(`A refusal could not be put on record: ${String(error)}`));
  };
}
