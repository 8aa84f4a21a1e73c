import { describe, expect, it } from '@jest/globals';
import { type Delegation, withDelegations } from './delegations.ts';
import type { Roles } from './people.ts';
import { eligibleBy, seatsOf, signersOf } from './signers.ts';

const [lee, ito, may, deputy] = ['a.lee', 'b.ito', 'c.may', 'deputy'].map(
  (name) => `${name}@example.com`,
) as [string, string, string, string];

const given = (more: Partial<Delegation> = {}): Delegation => ({
  id: 1,
  person: lee,
  delegate: deputy,
  role: 'board',
  from: '2026-08-03',
  to: '2026-08-14',
  ...more,
});

const roles = (more: Partial<Roles[string]> = {}): Roles => ({
  board: { people: [lee, ito], standIns: [deputy], ...more },
  security: { people: [lee, may] },
});

const asked = (
  delegations: Delegation[],
  { of = roles(), from = ['role:board'], day = '2026-08-05', barred = [] as string[] } = {},
) => signersOf({ from, day, roles: withDelegations(of, delegations), barred });

describe('who stands in by the naming of the person themselves', () => {
  it('signs in that role alone, from the first day to the last, and is told as for whom', () => {
    expect(asked([given()])).toEqual({ people: [deputy, ito], standIns: { [deputy]: lee } });
    for (const day of ['2026-08-02', '2026-08-15'])
      expect(asked([given()], { day }).people).toEqual([lee, ito]);
    expect(asked([given()], { from: ['role:security'] }).people).toEqual([lee, may]);
  });

  it('is not asked where they, or whom they stand in for, may not sign', () => {
    for (const barred of [[deputy], [lee]]) expect(asked([given()], { barred }).people).toEqual([ito]);
  });

  it('is nobody whom the configuration does not let stand in, or no longer, nor for whoever has left the role', () => {
    expect(asked([given()], { of: roles({ standIns: [] }) }).people).toEqual([lee, ito]);
    expect(asked([given({ person: may })]).people).toEqual([lee, ito]);
    expect(asked([given()], { of: roles({ people: [ito] }) }).people).toEqual([ito]);
    expect(asked([given()], { of: roles({ standIns: ['role:security'], people: [lee] }) }).people).toEqual([
      lee,
    ]);
    expect(asked([given({ delegate: may })], { of: roles({ standIns: ['role:security'] }) }).people).toEqual([
      may,
      ito,
    ]);
  });

  it('is nobody who has become one of those who only look', () => {
    const of = { ...roles(), auditors: { people: ['Deputy@example.com'], readOnly: true } };
    expect(asked([given()], { of }).people).toEqual([lee, ito]);
  });

  it('is found even where two stand in for each other, or the stand-in is away', () => {
    const each = [given({ delegate: ito }), given({ id: 2, person: ito, delegate: lee })];
    expect(asked(each).people).toEqual([lee, ito]);
    const absences = [{ person: deputy, from: '2026-08-01', to: '2026-08-31' }];
    expect(asked([given()], { of: roles({ absences }) }).people).toEqual([ito]);
  });

  it('has one vote together with whom they stand in for, and a member their own', () => {
    const from = ['role:board'];
    const all = withDelegations(roles(), [given()]);
    expect(seatsOf({ [deputy]: lee }, from, all)).toEqual({ [deputy]: lee });
    expect(seatsOf({ [ito]: lee }, from, all)).toEqual({});
    expect(eligibleBy(from, all)).toContain(deputy);
  });
});
