import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Verdict } from '../../store/audit/verify.ts';
import { effectsOf, manager, onceEach, TestStack } from '../support/stack.ts';

const kills = 20;
/** A run takes about this long after its gate, with the sandbox's latency. */
const runMs = 1_800;

describe('A worker killed at random moments', () => {
  let stack: TestStack;

  beforeAll(async () => {
    stack = await TestStack.start('kill-worker', { latencyMs: 40 });
  }, 300_000);

  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it(`${kills} times loses nothing and doubles nothing`, async () => {
    for (let kill = 1; kill <= kills; kill += 1) {
      const family = `Kill${String.fromCharCode(64 + kill)}`;
      const { run, key } = await stack.startRun({ givenName: 'Ida', familyName: family });
      // Every fifth kill comes before the gate, while the manager is being looked up and asked.
      const beforeGate = kill % 5 === 0;
      const moment = Math.random() * (beforeGate ? 300 : runMs);
      if (!beforeGate) await stack.vote(run, manager);
      await new Promise((resolve) => setTimeout(resolve, moment));
      stack.stack.parts.worker.kill('SIGKILL');
      if (beforeGate) await stack.vote(run, manager);
      const ended = await stack.waitFor(run, ['succeeded', 'parked', 'failed', 'cancelled']);
      const account = `ida.${family.toLowerCase()}@example.com`;
      expect({
        kill,
        moment: Math.round(moment),
        status: ended.status,
        ...(await effectsOf(stack, account, key)),
      }).toEqual({ kill, moment: Math.round(moment), status: 'succeeded', ...onceEach });
    }
  }, 600_000);

  it('leaves a journal without a gap for every run', async () => {
    const { body } = await stack.api<{ runs: { id: string }[] }>(manager, 'GET', '/runs?limit=100');
    expect(body.runs).toHaveLength(kills);
    for (const { id } of body.runs) {
      const entries = await stack.journal(id);
      expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, index) => index + 1));
      expect(entries.at(-1)?.kind).toBe('run.ended');
    }
  });

  it('leaves evidence that agrees with that journal', async () => {
    const { body } = await stack.api<{ runs: { id: string }[] }>(manager, 'GET', '/runs?limit=100');
    for (const { id } of body.runs) {
      const verdict = await stack.api<Verdict>(manager, 'GET', `/runs/${id}/audit/verify`);
      expect(verdict.body.findings).toEqual([]);
    }
  });
});
