import { describe, expect, it } from '@jest/globals';
import { hashOf } from '../../plan/hash.ts';
import type { JsonObject, Plan } from '../../plan/plan.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import { type AuditFile, auditFormat, planHash } from './file.ts';
import { type AuditEntry, type AuditRecord, hashOfRecord, journalDigest, noHash } from './record.ts';
import { verify } from './verify.ts';

const kim = 'kim@example.com';
const plan = planOf();
const action = { action: 'entra.deleteUser', effect: 'destructive', attempt: 1 };
type Fact = Omit<AuditEntry, 'runId' | 'actor'> & { actor?: string };

const began: Fact = {
  kind: 'run.started',
  actor: kim,
  data: { runbook: 'small', title: 'Small', planHash: plan.hash, cause: 'manual' },
};
const begun: Fact = { kind: 'action.begun', step: 'account', data: action };
const done: Fact = { kind: 'action.ended', step: 'account', data: { ...action, outcome: 'succeeded' } };
const succeeded = { kind: 'step.succeeded', step: 'account', data: { output: {} } } as const;

describe('An audit chain and the run as it is listed', () => {
  it('agree where nothing was changed', () => {
    expect(findingsOf({})).toEqual([]);
  });

  it.each([
    ['requester', 'eve@example.com', 'was asked for by "kim@example.com" by record 1'],
    ['title', 'Another', 'was started as "Small" by record 1'],
    ['runbook', 'other', 'was started with the runbook "small" by record 1'],
  ])('disagree when the %s is another than the first record says', (field, value, words) => {
    expect(findingsOf({ row: { [field]: value } })).toEqual([expect.stringContaining(words)]);
  });

  it.each([
    [
      'owner',
      'eve@example.com',
      'owner is "kim@example.com" by its journal, and is listed as "eve@example.com"',
    ],
    ['kind', 'change', 'kind is "other" by its journal'],
    ['partOf', 'another', 'calling run is none by its journal, and is listed as "another"'],
    ['reason', 'all went well', 'reason is none by its journal'],
    ['endedAt', '2026-03-03T09:00:00.000Z', 'ended at 2026-03-02T09:00:00.000Z by its journal'],
  ])('disagree when the %s is another than the journal says', (field, value, words) => {
    expect(findingsOf({ row: { [field]: value } })).toEqual([expect.stringContaining(words)]);
  });

  it('disagree when journal and records were both cut short before the end', () => {
    const file = fileOf({});
    const records = file.records.slice(0, -1);
    const last = records.at(-1);
    const cut = {
      ...file,
      journal: file.journal.slice(0, -1),
      records,
      head: { seq: last?.seq ?? 0, hash: last?.hash ?? '', mac: '' },
    };
    expect(verify(cut).findings.map(({ message }) => message)).toEqual([
      'The run has ended, and its end is not on record.',
    ]);
  });

  it('disagree when the journal tells of something else that was shown than what people voted on', () => {
    const shown = { show: { who: 'ada' } };
    const opened = (told: JsonObject) =>
      ({ kind: 'gate.opened', step: 'sign', data: { hash: hashOf(shown), shown: told } }) as const;
    const gate: Fact = { kind: 'gate.opened', step: 'sign', data: { hash: hashOf(shown) } };
    const facts = [gate, begun, done];
    expect(findingsOf({ facts, steps: [opened(shown), succeeded] })).toEqual([]);
    expect(findingsOf({ facts, steps: [opened({ show: { who: 'eve' } }), succeeded] })).toEqual([
      expect.stringContaining('tells of something else that was shown for "sign"'),
    ]);
  });

  it('disagree when an action began and nobody knows what became of it', () => {
    expect(findingsOf({ facts: [begun], steps: [] })).toEqual([
      'Record 2 says that entra.deleteUser began for "account", and what became of it is not on record.',
    ]);
  });

  it('agree when a killed worker’s attempt was followed by another, or a person settled it', () => {
    expect(findingsOf({ facts: [begun, begun, done] })).toEqual([]);
    const byHand = { kind: 'step.succeeded', step: 'account', data: { completedBy: kim } } as const;
    expect(findingsOf({ facts: [begun], steps: [byHand] })).toEqual([]);
    const left = { kind: 'step.left', step: 'account', data: { why: 'not known' } } as const;
    expect(findingsOf({ facts: [begun], steps: [left] })).toEqual([]);
  });

  it('disagree when an action did its work and its step is not in the journal', () => {
    expect(findingsOf({ steps: [] })).toEqual([
      'Record 3 says that entra.deleteUser did its work for "account", and the journal does not know of that step.',
    ]);
  });
});

interface Changed {
  facts?: Fact[];
  steps?: Omit<JournalEntry, 'seq' | 'at'>[];
  row?: JsonObject;
}

function findingsOf(changed: Changed): string[] {
  return verify(fileOf(changed)).findings.map(({ message }) => message);
}

/** A run of one action, as an export has it. */
function fileOf({ facts = [begun, done], steps = [succeeded], row = {} }: Changed): AuditFile {
  const journal = [
    { kind: 'run.started' as const, data: { requester: kim, kind: 'other', owner: kim } },
    ...steps,
    { kind: 'run.ended' as const, data: { status: 'succeeded' } },
  ].map((entry, index): JournalEntry => ({ seq: index + 1, at: Date.UTC(2026, 2, 2, 9), ...entry }));
  const ended: Fact = {
    kind: 'run.ended',
    data: { status: 'succeeded', entries: journal.length, journal: journalDigest(journal) },
  };
  const records = chained([began, ...facts, ended]);
  const last = records.at(-1);
  return {
    format: auditFormat,
    run: {
      id: 'run',
      workflowId: 'small-run',
      runbook: 'small',
      title: 'Small',
      kind: 'other',
      owner: kim,
      planHash: plan.hash,
      requester: kim,
      status: 'succeeded',
      startedAt: '2026-03-02T08:00:00.000Z',
      endedAt: '2026-03-02T09:00:00.000Z',
      waitingOn: [],
      ...row,
    },
    plan,
    journal,
    records,
    head: { seq: last?.seq ?? 0, hash: last?.hash ?? '', mac: '' },
  };
}

function chained(facts: readonly Fact[]): AuditRecord[] {
  let previous = noHash;
  return facts.map((fact, index) => {
    const record = {
      runId: 'run',
      seq: index + 1,
      at: '2026-03-02T08:00:00.000Z',
      actor: 'countersign',
      ...fact,
      previous,
    };
    previous = hashOfRecord(record);
    return { ...record, hash: previous, mac: '' };
  });
}

function planOf(): Plan {
  const account = { id: 'account', kind: 'action', action: 'entra.deleteUser' };
  const content = { runbook: 'small', title: 'Small', steps: [account], finally: [] } as unknown as Plan;
  return { ...content, hash: planHash(content) };
}
