import { expect, it } from '@jest/globals';
import type { JsonObject } from '../../plan/plan.ts';
import type { AuditRecord } from '../audit/record.ts';
import { approvalOnRecord } from './from-records.ts';

const [lee, ito, deputy] = ['lee@example.com', 'ito@example.com', 'deputy@example.com'];

/** Two are needed; Lee's stand-in was asked by a reminder, or by taking it further. */
function records(voters: (string | undefined)[], asking: Partial<AuditRecord>): AuditRecord[] {
  const vote = { hash: 'shown', decision: 'approve' };
  const all: [AuditRecord['kind'], string, JsonObject][] = [
    [
      'gate.opened',
      'countersign',
      { asked: [lee ?? '', ito ?? ''], needed: 2, hash: 'shown', from: ['role:board'] },
    ],
    [asking.kind ?? 'people.told', 'countersign', asking.data ?? {}],
    ...voters.map((person = '', n): [AuditRecord['kind'], string, JsonObject] => [
      'vote.accepted',
      person,
      { ...vote, request: `r${n}` },
    ]),
  ];
  return all.map(([kind, actor, data], index) => ({
    runId: 'run',
    seq: index + 1,
    at: '2026-03-02T08:00:00.000Z',
    kind,
    step: 'sign',
    actor,
    data,
    previous: '',
    hash: '',
    mac: '',
  })) as unknown as AuditRecord[];
}

const askings: Partial<AuditRecord>[] = [
  {
    kind: 'people.told',
    data: { what: 'remind', to: [ito ?? '', deputy ?? ''], seats: { [deputy ?? '']: lee ?? '' } },
  },
  { kind: 'gate.escalated', data: { asked: [deputy ?? ''], seats: { [deputy ?? '']: lee ?? '' } } },
];

it.each(askings)(
  'A stand-in and the member have one signature together in the records, as they have in the run',
  (asking) => {
    const both = [lee ?? '', deputy ?? ''];
    for (const by of [both, undefined])
      expect(() =>
        approvalOnRecord(records(both, asking), { gate: 'sign', hash: 'shown', ...(by ? { by } : {}) }, 0),
      ).toThrow('1 of 2 signatures for "sign" are on record');
    expect(
      approvalOnRecord(records([deputy, ito], asking), { gate: 'sign', hash: 'shown' }, 0),
    ).toMatchObject({
      needed: 2,
      asked: [deputy, ito, lee],
    });
  },
);

it('Somebody who was asked for themselves before keeps a signature of their own', () => {
  const asking = {
    kind: 'gate.escalated' as const,
    data: { asked: [ito ?? ''], seats: { [ito ?? '']: lee ?? '' } },
  };
  expect(
    approvalOnRecord(records([lee, ito], asking), { gate: 'sign', hash: 'shown' }, 0).votes,
  ).toHaveLength(2);
});
