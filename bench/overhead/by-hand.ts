/** What a careful engineer would write by hand for the same twenty steps: the yardstick of `bench overhead`. */
import { proxyActivities } from '@temporalio/workflow';
import type { CallContext, JsonObject } from '../../plan/plan.ts';

type Call = (input: JsonObject, context: CallContext) => Promise<{ id: string }>;

const activities = proxyActivities<Record<string, Call>>({
  startToCloseTimeout: '2m',
  heartbeatTimeout: '2s',
  retry: { maximumAttempts: 6, initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** `reads` of the steps only look something up; the others write. */
export async function byHand(
  inputs: { givenName: string; familyName: string },
  reads: number,
): Promise<{ last: string }> {
  const user = `${inputs.givenName}.${inputs.familyName}@example.com`;
  let previous = 'none';
  for (let step = 1; step <= 20; step += 1) {
    const name = step <= reads ? 'bench.read' : 'bench.write';
    const call = activities[name];
    if (!call) throw new Error(`no activity ${name}`);
    const context = { run: 'by-hand', runbook: 'bench', step: `step${step}` };
    const output = await call({ user, previous, note: `Step ${step} for ${inputs.givenName}` }, context);
    previous = output.id;
  }
  return { last: previous };
}
