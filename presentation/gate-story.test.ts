import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../plan/values.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import { gateStory, gatesAsked, type RecordedFact, withSealsCompared } from './gate-story.ts';
import { plainText } from './plain-text.ts';

const [dana, lee, kim] = ['dana@example.com', 'lee@example.com', 'kim@example.com'];
const change = { path: 'inputs.manager', before: 'lee', after: 'sam' };

type Fact = Omit<JournalEntry, 'seq' | 'at'>;

function journalOf(...facts: Fact[]): JournalEntry[] {
  return facts.map((fact, index) => ({ seq: index + 1, at: index + 1, ...fact }));
}

const opened = (hash: string, revision: number, more: JsonObject = {}): Fact => ({
  kind: 'gate.opened',
  step: 'sign',
  data: { approvers: [dana, lee], needed: 1, hash, revision, ...more },
});
const voted = (by: string, decision: string, hash: string): Fact => ({
  kind: 'vote',
  step: 'sign',
  data: { by, decision, hash },
});
const made: Fact = {
  kind: 'proposal.made',
  data: { id: 1, by: kim, changes: [change], gates: ['sign'] },
};
const record = (hash: string, more: RecordedFact['data']): RecordedFact => ({
  kind: 'gate.opened',
  step: 'sign',
  data: { hash, ...more },
});

describe('What became of a gate', () => {
  it('tells what each revision showed, to whom, who could not sign and why, the rule, and which votes were void', () => {
    const journal = journalOf(
      opened('h1', 1, { shown: { show: { who: 'ada' } } }),
      voted(dana, 'approve', 'h1'),
      { kind: 'gate.voided', step: 'sign', data: { votes: 1 } },
      opened('h2', 2, { shown: { show: { who: 'eve' } }, barred: { [kim]: 'asked for this run' } }),
      voted(lee, 'approve', 'h2'),
      { kind: 'gate.approved', step: 'sign', data: { by: [lee] } },
    );
    const records = [
      record('h1', {}),
      record('h2', {
        from: ['role:board'],
        quorum: 1,
        barred: [kim],
        leftOut: ['max@example.com'],
      }),
    ];
    expect(gateStory('sign', journal, records).askings).toMatchObject([
      { shown: { show: { who: 'ada' } }, votes: [{ by: dana }], end: { how: 'void', at: 3 } },
      {
        revision: 2,
        from: ['role:board'],
        asked: [dana, lee],
        barred: { [kim]: 'asked for this run', 'max@example.com': 'is left out by the runbook' },
        votes: [{ by: lee, decision: 'approve', at: 5 }],
        end: { how: 'approved', by: [lee] },
      },
    ]);
    expect(gatesAsked(journal)).toEqual(['sign']);
  });

  it('tells every proposal and what became of it', () => {
    const approved: Fact = { kind: 'gate.approved', step: 'sign', data: { by: [lee] } };
    const signed = journalOf(
      opened('h1', 1),
      approved,
      made,
      opened('h2', 2),
      voted(lee, 'approve', 'h2'),
      approved,
      { kind: 'proposal.countersigned', data: { id: 1, by: [lee], changes: [change] } },
    );
    expect(gateStory('sign', signed, []).proposals).toEqual([
      {
        id: 1,
        by: kim,
        at: 3,
        changes: [change],
        became: 'countersigned',
        end: { at: 7, by: [lee] },
      },
    ]);
    const fell = journalOf(opened('h1', 1), approved, made, opened('h2', 2), {
      kind: 'proposal.fell',
      data: { id: 1, by: kim, reason: 'nobody answered' },
    });
    const { proposals, askings } = gateStory('sign', fell, []);
    expect(proposals).toMatchObject([{ became: 'fell', end: { by: [], reason: 'nobody answered' } }]);
    expect(askings.map(({ end }) => end?.how)).toEqual(['approved', 'fell']);
  });

  it('leaves out what is about another gate', () => {
    const other = { ...made, data: { ...made.data, gates: ['second'] } };
    expect(gateStory('sign', journalOf(opened('h1', 1), other), []).proposals).toEqual([]);
  });

  it('says of a sealed value that is shown again whether it is the one that was signed', () => {
    const shown = (token: string, digest: string) => ({
      shown: { inputs: { pin: { $sealed: token, $digest: digest }, day: '2026-01-05' } },
    });
    const approved: Fact = { kind: 'gate.approved', step: 'sign', data: { by: [dana] } };
    const askings = (digest: string) =>
      withSealsCompared(
        gateStory(
          'sign',
          journalOf(opened('h1', 1, shown('t1', 's.a')), approved, opened('h2', 2, shown('t2', digest))),
          [],
        ),
      ).askings.map(({ shown: each }) => plainText(((each?.inputs ?? {}) as JsonObject).pin ?? null));
    expect(askings('s.a')).toEqual(['sealed', 'sealed, as signed']);
    expect(askings('s.b')).toEqual(['sealed', 'sealed, changed']);
  });
});
