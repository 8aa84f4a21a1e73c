/** Whoever proposed a change, and the run's owner, hear that it fell: what was signed stays. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { Json } from '../../plan/plan.ts';
import { engineActivities, type ProposalFellInput } from '../engine-activities.ts';
import type { RunStart } from '../messages.ts';
import type { Port } from '../port.ts';
import type { Proposal } from '../proposals.ts';
import { defaultRetry, defaultTimeoutMs } from '../steps/action.ts';
import { titlesNamed } from './titles.ts';

export async function tellFallen(
  { id, by, gates, afterwards, request }: Proposal,
  reason: string,
  { start, runName, port }: { start: RunStart; runName: string; port: Port },
): Promise<void> {
  const input: ProposalFellInput = defined({
    id,
    by,
    owner: start.plan.owner,
    runbookTitle: runName,
    changes: request.changes,
    reason,
    inForce: afterwards ? (true as const) : undefined,
    titles: unlessEmpty(titlesNamed(request.changes, start.plan)),
  });
  await port.call(engineActivities.proposalFell, input as unknown as Json, {
    step: gates[0]?.gate.step ?? '',
    item: `~${id}`,
    summary: 'Tell what was not signed',
    timeoutMs: defaultTimeoutMs,
    retry: defaultRetry,
  });
}
