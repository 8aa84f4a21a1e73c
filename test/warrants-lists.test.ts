/** What a list leaves undone when somebody changes under way what was signed. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Stalled } from '../workflows/virtual/clock.ts';
import { describeWith, testDatabase } from './support/services.ts';
import { plansOf, WarrantedRuns } from './support/warranted-runs.ts';

const database = await testDatabase();
const owner = { id: 'owner@example.com', roles: [] };

const text = (length: number) => `
runbook: tags
title: Tags
kind: other
owner: owner@example.com
on:
  - manual: { by: [owner@example.com] }
inputs:
  note: { type: string }
  list: { type: array, items: { type: string }, maxItems: ${length} }
steps:
  - id: signoff
    approve: { from: [dana@example.com], within: 1d, show: { note: "\${{ inputs.note }}", list: "\${{ inputs.list }}" } }
  - id: each
    forEach: \${{ inputs.list }}
    as: tagged
    tolerate: 100%
    steps:
      - id: tag
        uses: test.note
        with: { item: "\${{ tagged }}", note: "\${{ inputs.note }}" }
`;

describeWith(database)('A list that tolerates failures', () => {
  let runs: WarrantedRuns;
  beforeAll(async () => {
    runs = await WarrantedRuns.over(database?.url ?? '');
  });
  afterAll(async () => {
    await runs.store.close();
    await database?.drop();
  });

  it('does not count as failed, in a batch, what a change that nobody signed held up: it does it once that has fallen', async () => {
    const list = Array.from({ length: 520 }, (_, index) => `i${index}`);
    const run = await runs.start(plansOf(text(1_000)), { note: 'one', list });
    let calls = 0;
    runs.fault = (call) => {
      calls += 1;
      if (calls === 20)
        run.run.commands.tell('amend', { principal: owner, inputs: { note: 'two' } } as never);
      return call;
    };
    await run.vote('signoff', 'dana@example.com');
    await expect(run.finish()).rejects.toThrow(Stalled);
    const parked = run.run.state.view().steps.find(({ id }) => id === 'each');
    expect(parked).toMatchObject({ status: 'parked', progress: { failed: 0 } });
    run.run.commands.tell('retry', { principal: owner, step: 'each' });
    expect((await run.finish()).status).toBe('succeeded');
    expect(new Set(runs.done.map(({ input }) => (input as { note: string }).note))).toEqual(new Set(['one']));
    expect(runs.done).toHaveLength(520);
  }, 100_000);
});
