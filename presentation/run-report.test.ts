import { describe, expect, it } from '@jest/globals';
import { planOf } from '../compiler/testing.ts';
import type { JsonObject } from '../plan/values.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import { toHtml } from './html.ts';
import { toMarkdown } from './markdown.ts';
import { toPdf } from './pdf.ts';
import { runReport } from './run-report.ts';
import { type KeptRun, runStory } from './run-story.ts';

const kim = 'kim@example.com';
const dana = 'dana@example.com';
const plan = planOf(`runbook: leave
title: Someone leaves
kind: offboarding
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
inputs:
  person: { type: string }
  pin: { type: string, sensitive: true }
steps:
  - id: find
    title: Find the person
    uses: entra.getUser
    with: { user: "\${{ inputs.person }}" }
  - id: sign
    title: The manager signs
    approve: { from: [dana@example.com], show: { who: "\${{ steps.find.output.displayName }}" } }
  - id: disable
    title: Disable the account
    uses: entra.deleteUser
    with: { user: "\${{ inputs.person }}" }
  - id: place
    title: Collect the laptop
    task: { to: kim@example.com, instructions: Collect it., form: { serial: { type: string } } }
`);

const started = Date.parse('2026-03-02T08:00:00Z');
const pin = { $sealed: 'TOKEN-1', $digest: 's.a' };
const shown = { show: { who: 'Ada Brandt' }, inputs: { person: 'ada@example.com', pin }, revision: 1 };

type Fact = [kind: JournalEntry['kind'], step?: string, data?: JsonObject];
const facts: Fact[] = [
  ['run.started', undefined, { requester: kim, cause: 'manual', inputs: { person: 'ada@example.com', pin } }],
  ['step.started', 'find'],
  [
    'step.succeeded',
    'find',
    { input: { user: 'ada@example.com' }, output: { displayName: 'Ada Brandt', id: '4711' } },
  ],
  [
    'gate.opened',
    'sign',
    { approvers: [dana], needed: 1, hash: 'h1', revision: 1, shown, barred: { [kim]: 'asked for this run' } },
  ],
  ['vote', 'sign', { by: dana, decision: 'approve', hash: 'h1', comment: 'As agreed.' }],
  ['gate.approved', 'sign', { by: [dana] }],
  [
    'run.amended',
    undefined,
    { by: kim, before: { pin }, after: { pin: { $sealed: 'TOKEN-2', $digest: 's.b' } } },
  ],
  [
    'proposal.made',
    undefined,
    {
      id: 1,
      by: kim,
      gates: ['sign'],
      changes: [{ path: 'inputs.pin', before: pin, after: { $sealed: 'TOKEN-2', $digest: 's.b' } }],
    },
  ],
  ['proposal.fell', undefined, { id: 1, by: kim, reason: '“The manager signs” was refused' }],
  ['step.started', 'disable'],
  [
    'step.parked',
    'disable',
    { type: 'PermanentFailure', message: 'No such user', input: { user: 'ada@example.com' } },
  ],
  ['command', 'disable', { command: 'retry', by: kim }],
  ['step.started', 'disable'],
  [
    'step.succeeded',
    'disable',
    { input: { user: 'a.brandt@example.com', pin, groups: [{ id: 'g1', name: 'All' }] }, output: {} },
  ],
  ['step.undone', 'disable', { uses: 'entra.createUser', input: { user: 'a.brandt@example.com' } }],
  ['step.started', 'place'],
  ['task.opened', 'place', { people: [kim] }],
  ['command', 'place', { command: 'complete', by: kim }],
  ['step.succeeded', 'place', { output: { serial: 'C02XY' } }],
  ['run.ended', undefined, { status: 'succeeded', left: [{ step: 'x', title: 'Other', why: 'not known' }] }],
];

const kept: KeptRun = {
  run: {
    id: '01a2b3c4',
    runbook: 'leave',
    title: 'Someone leaves',
    owner: 'role:it-coordinators',
    requester: kim,
    ticket: { system: 'jira', key: 'HR-7', id: '7', url: '', summary: 'Ada leaves' },
    planHash: plan.hash,
    status: 'succeeded',
    startedAt: '2026-03-02T08:00:00Z',
    endedAt: '2026-03-02T09:00:00Z',
  },
  plan,
  journal: facts.map(([kind, step, data], index) => ({
    seq: index + 1,
    // An amendment and the proposal that it becomes are of one moment.
    at: started + (kind === 'proposal.made' ? index - 1 : index) * 60_000,
    kind,
    ...(step === undefined ? {} : { step }),
    ...(data === undefined ? {} : { data }),
  })),
  records: [
    {
      seq: 1,
      at: '2026-03-02T08:00:00Z',
      kind: 'run.started',
      actor: kim,
      data: { cause: 'manual', author: 'lee@example.com' },
    },
    {
      seq: 2,
      at: '2026-03-02T08:01:00Z',
      kind: 'call.refused',
      actor: 'countersign',
      data: { what: 'entra.addGroupMember', why: 'it is not sealed for this place' },
    },
  ],
};

const checked = {
  intact: true,
  signatures: 'checked' as const,
  records: 43,
  head: '5f0c',
  findings: [],
};
const report = () => runReport(runStory(kept), { checked, timezone: 'UTC' });

describe('The story of a run', () => {
  it('has every action with what it was called with, what it gave, and what became of it', () => {
    const { actions } = runStory(kept);
    expect(actions.map(({ key, outcome, input }) => [key, outcome, input])).toEqual([
      ['find', 'done', { user: 'ada@example.com' }],
      ['disable', 'parked', { user: 'ada@example.com' }],
      [
        'disable',
        'done',
        { user: 'a.brandt@example.com', pin: { $sealed: true }, groups: [{ id: 'g1', name: 'All' }] },
      ],
    ]);
    expect(actions[2]?.undone).toMatchObject({
      uses: 'entra.createUser',
      input: { user: 'a.brandt@example.com' },
    });
  });

  it('tells each change by hand once, with what became of it, and of a sealed value only that it changed', () => {
    expect(runStory(kept).byHand).toEqual([
      expect.objectContaining({
        path: 'inputs.pin',
        before: { $sealed: true },
        after: { $sealed: true, $compared: 'changed' },
        became: 'fell',
      }),
      expect.objectContaining({
        path: 'steps.disable.with',
        by: kim,
        before: { user: 'ada@example.com' },
        became: 'in force',
      }),
    ]);
  });

  it('has nothing in it by which a sealed value could be opened or guessed', () => {
    expect(JSON.stringify(runStory(kept))).not.toMatch(/TOKEN|s\.a|s\.b/);
  });
});

describe('The report of a run', () => {
  it('says in words who asked, who signed, who could not and why, what was done and what a hand changed', () => {
    const text = toMarkdown(report()).replaceAll('\\', '');
    for (const words of [
      '- **Asked by:** kim@example.com',
      '- **Person:** ada@example.com',
      '- **Pin:** sealed',
      '- **Could not sign:** kim@example.com, who asked for this run',
      '**dana@example.com** approved: “As agreed.”',
      '- **Who:** Ada Brandt',
      '### 3. Disable the account',
      '- **Groups:** (Id: g1; Name: All)',
      'by `entra.createUser`, with User: a.brandt@example.com',
      '- **Pin:** sealed → **sealed, changed**\n- **Became:** fell: “The manager signs” was refused; what was signed stayed',
      '- **What “Disable the account” is called with: User:** ada@example.com → **a.brandt@example.com**',
      '- **Done:** by kim@example.com',
      '- **Serial:** C02XY',
      'Verified: 43 records, unbroken, agree with the journal, and every one was signed by this installation.',
      'entra.addGroupMember: it is not sealed for this place',
      '**Other**: not known',
    ])
      expect(text).toContain(words);
  });

  it('names each change that could not be computed again', () => {
    const notComputed = [{ what: 'add', times: 510, why: 'it takes the keys to compare' }];
    const text = toMarkdown(
      runReport(runStory(kept), { checked: { ...checked, notComputed }, timezone: 'UTC' }),
    );
    expect(text).toContain('add, 510 times: it takes the keys to compare');
  });

  it('is one page of HTML in which what people wrote forms nothing', () => {
    const html = toHtml('<b>', report());
    expect(html).toContain('<title>&lt;b&gt;</title>');
    expect(html).toContain('<dt>Asked by</dt><dd>kim@example.com</dd>');
    // Numbers and moments are not broken over lines.
    expect(html).toMatch(
      /<th scope="col" class="short">No\.<\/th><th scope="col" class="short">When<\/th><th scope="col">What/,
    );
    expect(html).not.toContain('TOKEN');
  });

  it('is PDF with its fonts in it, also where a value is longer than a page or in other letters', async () => {
    const long = { ...kept, journal: [...kept.journal] };
    const last = long.journal.pop();
    long.journal.push(
      { seq: 20, at: started, kind: 'step.started', step: 'find' },
      {
        seq: 21,
        at: started,
        kind: 'step.succeeded',
        step: 'find',
        data: { input: { user: '山田太郎' }, output: { text: 'word '.repeat(6_000) } },
      },
      ...(last ? [last] : []),
    );
    const pdf = await toPdf('Someone leaves', runReport(runStory(long), { checked, timezone: 'UTC' }));
    const raw = pdf.toString('latin1');
    expect(raw.startsWith('%PDF-')).toBe(true);
    expect(raw).toMatch(/DejaVuSans/);
    expect((raw.match(/\/Type \/Page\b/g) ?? []).length).toBeGreaterThan(5);
  });
});
