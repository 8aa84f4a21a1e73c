import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { AuditEntry } from '../store/audit/record.ts';
import { Seal } from '../vault/seal.ts';
import { updates } from '../workflows/messages.ts';
import { AuditedRuns } from './audited-runs.ts';
import type { Sealing } from './sealing.ts';

/** Runs that refuse whatever they are told. */
function refusing() {
  const records: AuditEntry[] = [];
  let told = 0;
  const executeUpdate = async () => {
    told += 1;
    const cause = ApplicationFailure.nonRetryable('you were not asked', 'NotAllowed');
    throw new WorkflowUpdateFailedError('refused', cause);
  };
  const client = {
    workflow: { getHandle: () => ({ executeUpdate }) },
    withDeadline: (_: number, work: () => Promise<unknown>) => work(),
  } as unknown as Client;
  const runs = new AuditedRuns(client, 'queue', {
    audit: {
      append: async (entry) => void records.push(entry),
      appendOnce: async (entry) => void records.push(entry),
    },
    seal: new Seal({ current: 'k1', keys: { k1: randomBytes(32) } }),
    sealing: { command: async () => ({}) } as unknown as Sealing,
    log: () => {},
  });
  const ask = (id: string, more: object = {}) =>
    runs.update('w', 'r1', updates.retry, { step: 'wipe', principal: { id, roles: [] }, ...more });
  return { records, ask, told: () => told };
}

describe('Commands that a run refuses', () => {
  it('are on record, and bounded: whoever is refused again and again is not heard any more for a while', async () => {
    const { records, ask, told } = refusing();
    for (let time = 0; time < 20; time += 1)
      await expect(ask('eve@example.com')).rejects.toMatchObject({ status: 403 });
    expect(records.map(({ kind }) => kind).slice(-2)).toEqual(['command.requested', 'command.refused']);
    await expect(ask('eve@example.com')).rejects.toMatchObject({ status: 429 });
    expect(told()).toBe(20);
    expect(records).toHaveLength(40);
    // Nobody else is held up by that, and a ticket's edits are nobody's tries.
    await expect(ask('kim@example.com')).rejects.toMatchObject({ status: 403 });
    await expect(ask('eve@example.com', { ticket: true })).rejects.toMatchObject({ status: 403 });
  });
});
