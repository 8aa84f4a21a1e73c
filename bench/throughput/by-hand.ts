/** What a careful engineer would write by hand for `quick-hire`: the same activities, without journal, audit and warrants. */
import {
  condition,
  defineUpdate,
  proxyActivities,
  proxySinks,
  type Sinks,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { CallContext, Json, JsonObject } from '../../plan/plan.ts';

type Call = (input: Json, context: CallContext) => Promise<Record<string, string>>;

export interface Hire {
  key: string;
  givenName: string;
  familyName: string;
  manager: string;
}

export interface ToldSinks extends Sinks {
  told: { event(what: 'gate' | 'end', key: string): void };
}

export const sign = defineUpdate<void, [by: string]>('sign');

const activities = proxyActivities<Record<string, Call>>({
  startToCloseTimeout: '2m',
  heartbeatTimeout: '2s',
  retry: { maximumAttempts: 6, initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

const { told } = proxySinks<ToldSinks>();

export async function quickHire(hire: Hire): Promise<void> {
  const { key, givenName } = hire;
  const run = workflowInfo().runId;
  const call = (step: string, name: string, input: JsonObject) => {
    const activity = activities[name];
    if (!activity) throw new Error(`there is no activity ${name}`);
    return activity(input, { run, runbook: 'quick-hire', step });
  };
  let signedBy: string | undefined;
  let signer: string | undefined;
  setHandler(
    sign,
    (by) => {
      signedBy = by;
    },
    {
      validator: (by) => {
        if (by !== signer) throw new Error(`${by} is not asked`);
      },
    },
  );
  const manager = await call('manager', 'entra.getUser', { user: hire.manager });
  await call('units', 'entra.getLicense', { license: 'SPE_E3' });
  signer = manager.userPrincipalName;
  told.event('gate', key);
  await condition(() => signedBy !== undefined);
  const name = `${givenName}.${hire.familyName}@example.com`;
  const account = await call('account', 'entra.createUser', {
    userPrincipalName: name,
    displayName: `${givenName} ${hire.familyName}`,
    usageLocation: 'DE',
  });
  await call('member', 'entra.addGroupMember', { user: account.id ?? '', group: 'All Staff' });
  await call('comment', 'jira.comment', { issue: key, text: `${givenName} has an account.` });
  await call('tell', 'mail.send', {
    to: [hire.manager],
    subject: `Everything is ready for ${givenName}`,
    text: `The account is ${account.userPrincipalName}.`,
  });
  told.event('end', key);
}
