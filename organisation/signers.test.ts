import { describe, expect, it } from '@jest/globals';
import type { Roles } from './people.ts';
import { signersOf } from './signers.ts';

const away = (person: string, more: { delegate?: string } = {}) => ({
  person,
  from: '2026-08-03',
  to: '2026-08-14',
  ...more,
});

const asked = (roles: Roles, { from = ['role:board'], day = '2026-08-05', barred = [] as string[] } = {}) =>
  signersOf({ from, day, roles, barred });

const [lee, ito, may] = ['a.lee@example.com', 'b.ito@example.com', 'c.may@example.com'];

describe('who signs', () => {
  it('is the delegate of whoever is away, from the first day to the last', () => {
    const roles = { board: { people: [lee], absences: [away(lee, { delegate: 'C.May@example.com' })] } };
    expect(asked(roles, { day: '2026-08-02' }).people).toEqual([lee]);
    expect(asked(roles, { day: '2026-08-03' })).toEqual({ people: [may], standIns: { [may]: lee } });
    expect(asked(roles, { day: '2026-08-14' }).people).toEqual([may]);
    expect(asked(roles, { day: '2026-08-15' }).people).toEqual([lee]);
  });

  it('is the standing delegate where the absence names none, and their delegate when both are away', () => {
    const roles = {
      board: { people: [lee], delegates: { [lee]: ito, [ito]: may }, absences: [away(lee), away(ito)] },
    };
    expect(asked(roles).people).toEqual([may]);
  });

  it('is nobody in place of the absent where others are asked, and the absent where nobody else is', () => {
    const absences = [away(lee)];
    expect(asked({ board: { people: [lee, ito], absences } }).people).toEqual([ito]);
    expect(asked({ board: { people: [lee], absences } }).people).toEqual([lee]);
  });

  it('is found even where delegates stand in for each other', () => {
    const roles = {
      board: { people: [lee], delegates: { [lee]: ito, [ito]: lee }, absences: [away(lee), away(ito)] },
    };
    expect(asked(roles).people).toEqual([lee]);
  });

  it('is a delegate for the role under which they were named, and for no other', () => {
    const roles = {
      board: { people: [lee], absences: [away(lee, { delegate: may })] },
      security: { people: [lee, ito] },
    };
    expect(asked(roles, { from: ['role:security'] }).people).toEqual([ito]);
  });

  it('is neither who is barred nor who would stand in for them', () => {
    const roles = { board: { people: [lee, ito], absences: [away(lee, { delegate: may })] } };
    expect(asked(roles, { barred: [lee] }).people).toEqual([ito]);
    expect(asked(roles, { barred: [may] }).people).toEqual([ito]);
  });
});
