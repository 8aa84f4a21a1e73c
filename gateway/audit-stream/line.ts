/** An audit record as it leaves: one line of JSON, with neither a sealed value nor a secret in it. */
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { Json } from '../../plan/plan.ts';
import { withoutSealed } from '../../presentation/sealed.ts';
import type { AuditRecord } from '../../store/audit/record.ts';

export const streamFormat = 'countersign.audit/1';

/**
 * `hash` is over the rest as `audit verify` takes it, and over the record before by `previous`. Where something sealed was left out, which
 * `withheld` says, it can be checked here alone.
 */
export function lineOf({ runId, seq, at, kind, step, actor, data, previous, hash }: AuditRecord): string {
  const shown = withoutSealed(data) as Json;
  const isWhole = canonicalJson(shown) === canonicalJson(data);
  return JSON.stringify({
    format: streamFormat,
    id: `${runId}.${seq}`,
    runId,
    seq,
    at,
    kind,
    step,
    actor,
    data: shown,
    previous,
    hash,
    ...(isWhole ? {} : { withheld: true }),
  });
}
