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

  const calling = `
runbook: calling
title: Calling
kind: other
owner: owner@example.com
on:
  - manual: { by: [owner@example.com] }
inputs:
  list: { type: array, items: { type: string }, maxItems: 10 }
steps:
  - id: signoff
    approve: { from: [dana@example.com], within: 1d, show: { list: "\${{ inputs.list }}" } }
  - id: each
    forEach: \${{ inputs.list }}
    as: one
    tolerate: 100%
    onError: continue
    steps:
      - id: tell
        runbook: tagging
        onError: continue
        with: { name: "\${{ one }}" }
`;
  const tagging = `
runbook: tagging
title: Tagging
kind: other
owner: owner@example.com
on:
  - manual: { by: [owner@example.com] }
inputs:
  name: { type: string }
steps:
  - id: tag
    uses: test.note
    onError: continue
    with: { item: "\${{ inputs.name }}" }
`;

  it('waits for a person where a called runbook did for an item what nobody signed, whatever `onError` says', async () => {
    const run = await runs.start(plansOf(calling, tagging), { list: ['a', 'b'] });
    runs.done.length = 0;
    runs.fault = ({ warrants: _, ...call }) => call;
    await run.vote('signoff', 'dana@example.com');
    await expect(run.finish()).rejects.toThrow(Stalled);
    const parked = run.run.state.view().steps.find(({ id }) => id === 'each');
    expect(parked).toMatchObject({ status: 'parked', failure: { type: 'NotCovered' } });
    expect(runs.done).toEqual([]);
    runs.fault = (call) => call;
    run.run.commands.tell('retry', { principal: owner, step: 'each' });
    expect((await run.finish()).status).toBe('succeeded');
    expect(runs.done.map(({ input }) => input)).toEqual([{ item: 'a' }, { item: 'b' }]);
  }, 100_000);

  const polling = `
runbook: polling
title: Polling
kind: other
owner: owner@example.com
on:
  - manual: { by: [owner@example.com] }
steps:
  - id: signoff
    approve: { from: [dana@example.com], within: 1d }
  - id: poll
    repeat: { every: 1m, atMost: 50000, until: "\${{ steps.tag.status == 'succeeded' }}" }
    onError: continue
    steps:
      - id: branches
        parallel:
          one:
            - id: tag
              uses: test.note
              onError: continue
              with: { item: it }
          other:
            - uses: test.note
              with: { item: other }
`;

  it('waits for a person where a round that is done in a batch would do what nobody signed', async () => {
    const run = await runs.start(plansOf(polling));
    runs.done.length = 0;
    runs.fault = ({ warrants, ...call }) =>
      call.step === 'tag' ? call : { ...call, ...(warrants ? { warrants } : {}) };
    await run.vote('signoff', 'dana@example.com');
    await expect(run.finish()).rejects.toThrow(Stalled);
    const parked = run.run.state.view().steps.find(({ id }) => id === 'poll');
    expect(parked).toMatchObject({ status: 'parked', failure: { type: 'NotCovered' } });
    runs.fault = (call) => call;
    run.run.commands.tell('retry', { principal: owner, step: 'poll' });
    expect((await run.finish()).status).toBe('succeeded');
    expect(runs.done.filter(({ step }) => step.startsWith('tag'))).toHaveLength(1);
  }, 100_000);
});
