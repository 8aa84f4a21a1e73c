/** A connector for the tests: its action finds something at its first attempt, and fails as often as it is told. */
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { activityInfo } from '@temporalio/activity';
import { Type } from 'typebox';
import { type Activity, activitiesOf } from '../../activities/kit/activity.ts';
import type { AttemptClient } from '../../activities/kit/attempt-client.ts';
import { type ActionContext, defineAction } from '../../activities/kit/define-action.ts';
import { defineConnector } from '../../activities/kit/define-connector.ts';
import { delay } from '../../activities/kit/delay.ts';
import { RetryableFailure } from '../../activities/kit/failures.ts';
import { Outbound } from '../../activities/kit/outbound.ts';
import { testClient } from '../../activities/kit/testing.ts';
import { Seal } from '../../vault/seal.ts';
import { ConfiguredSecrets } from '../../vault/secrets.ts';

/** Attempts are written to `log`, a JSON line each. */
export function rememberingActivities(log: string): Record<string, Activity> {
  const remember = defineAction({
    name: 'test.remember',
    title: 'Remember',
    description: 'Finds something at its first attempt.',
    effect: 'write',
    source: 'None',
    input: Type.Object({ fails: Type.Integer(), ms: Type.Integer() }),
    output: Type.Object({ found: Type.String() }),
    examples: [],
    run: async ({ fails, ms }, { client, rememberBeforeWrite }: ActionContext<AttemptClient>) => {
      const found = await rememberBeforeWrite(async () => randomUUID());
      const { attempt, workflowExecution } = activityInfo();
      appendFileSync(log, `${JSON.stringify({ run: workflowExecution?.runId, attempt, found })}\n`);
      await delay(ms, client.signal);
      if (attempt <= fails) throw new RetryableFailure(`Attempt ${attempt} fails.`);
      return { found };
    },
  });
  const connector = defineConnector({
    name: 'test',
    title: 'Test',
    settings: Type.Object({}),
    sameSystem: [],
    connect: () => testClient({}),
    actions: [remember],
  });
  const services = {
    secrets: new ConfiguredSecrets({}, {}),
    seal: new Seal({ current: 'k1', keys: { k1: randomBytes(32) } }),
    settings: () => ({}),
    outbound: new Outbound(),
  };
  return activitiesOf([connector], services).test ?? {};
}
