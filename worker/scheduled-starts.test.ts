import { describe, expect, it } from '@jest/globals';
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { composeStart } from '../activities/engine/run-start.ts';
import type { Notice } from '../activities/engine/services.ts';
import { planOf } from '../compiler/testing.ts';
import type { SealedStart } from '../plan/sealed.ts';
import { Seal } from '../vault/seal.ts';
import { ENGINE_VERSION, type RunStart } from '../workflows/messages.ts';
import { scheduledStarts } from './scheduled-starts.ts';

const plan = planOf(`runbook: rotate
title: Rotate the keys
owner: role:it-coordinators
on:
  - schedule: { cron: 0 8 * * MON, timezone: Europe/Berlin }
    inputs: { scope: all }
inputs:
  scope: { type: string }
unique: \${{ inputs.scope }}
steps:
  - { id: look, uses: entra.getUser, with: { user: "\${{ inputs.scope }}" } }`);

const seal = new Seal({ current: 'k', keys: { k: Buffer.alloc(32, 3) } });
const order = {
  schedule: {
    id: 'countersign/rotate/1',
    runbook: 'rotate',
    planHash: plan.hash,
    trigger: 0,
    commit: 'c0ffee',
  },
  fired: 'rotate-scheduled-2026-03-02T07:00:00Z',
};

/** A Temporal with one live run an id, that remembers what it was given. */
function worldOf() {
  const live = new Map<string, { runId: string; cause: string }>();
  const begun: SealedStart<RunStart>[] = [];
  const told: Notice[] = [];
  const configuration = {
    organisation: { domain: 'old.example.com' },
    separationOfDuties: [] as ('author' | 'operator')[],
    roles: { 'it-coordinators': { people: ['kim@example.com'] } },
  };
  const client = {
    workflow: {
      start: async (
        _: string,
        options: { workflowId: string; args: [SealedStart<RunStart>]; memo: { cause: string } },
      ) => {
        const { workflowId, args, memo } = options;
        if (live.has(workflowId))
          throw new WorkflowExecutionAlreadyStartedError('live', workflowId, 'rotate');
        begun.push(args[0]);
        live.set(workflowId, { runId: `run-${begun.length}`, cause: memo.cause });
        return { firstExecutionRunId: `run-${begun.length}` };
      },
      getHandle: (workflowId: string) => ({
        describe: async () => {
          const run = live.get(workflowId);
          if (!run) throw new WorkflowNotFoundError('none', workflowId, undefined);
          return { memo: { cause: run.cause }, raw: { workflowExecutionInfo: { firstRunId: run.runId } } };
        },
      }),
    },
  } as unknown as Client;
  const listed: string[] = [];
  const fire = scheduledStarts({
    client,
    taskQueue: 'q',
    store: {
      runs: { plan: async () => plan, add: async ({ id }) => void listed.push(id) },
      starts: { executionOf: async (_, execution) => execution },
    },
    seal,
    configuration: () => configuration,
    tell: async (notice) => void told.push(notice),
  });
  return { live, begun, told, listed, configuration, fire };
}

describe('A schedule that fires', () => {
  it('starts a run by the engine, the organisation and the separation of duties of that moment', async () => {
    const { begun, listed, configuration, fire } = worldOf();
    configuration.organisation = { domain: 'new.example.com' };
    configuration.separationOfDuties.push('operator');
    expect(await fire(order)).toEqual({ run: 'run-1' });
    expect(begun[0]?.start).toMatchObject({
      engine: ENGINE_VERSION,
      inputs: { scope: 'all' },
      organisation: { domain: 'new.example.com' },
      separate: ['operator'],
      commit: 'c0ffee',
      cause: { type: 'schedule' },
      requester: { id: 'schedule' },
    });
    expect(listed).toEqual(['run-1']);
  });

  it('tried again after a lost answer finds the run that it started', async () => {
    const { begun, fire } = worldOf();
    await fire(order);
    expect(await fire(order)).toEqual({ run: 'run-1' });
    expect(begun).toHaveLength(1);
  });

  it('sees the live run that a ticket began for the same: it starts nothing, and tells whoever operates the runbook', async () => {
    const { live, begun, told, fire } = worldOf();
    const byTicket = composeStart(
      {
        plan,
        inputs: { scope: 'all' },
        requester: { id: 'sam@example.com', roles: [] },
        cause: { type: 'ticket', key: 'jira:1:2' },
      },
      { configuration: { organisation: {}, separationOfDuties: [] }, plans: [plan], seal },
    );
    if ('problems' in byTicket) throw new Error(byTicket.problems.join());
    live.set(byTicket.workflowId, { runId: 'run-of-ticket', cause: 'jira:1:2' });
    expect(await fire(order)).toEqual({
      refused:
        'Run run-of-ticket is live for the same, and "Rotate the keys" runs once at a time for the same.',
    });
    expect(begun).toEqual([]);
    expect(told).toMatchObject([
      {
        id: `${order.fired}.refused`,
        to: ['kim@example.com'],
        subject: 'Nothing was started: Rotate the keys (its schedule)',
        text: expect.stringContaining('Run run-of-ticket is live for the same'),
      },
    ]);
  });
});
