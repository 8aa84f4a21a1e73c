import { describe, expect, it } from '@jest/globals';
import { presentOn, resolvePeople } from './people.ts';

const away = (person: string, more: { delegate?: string; from?: string } = {}) => ({
  person,
  from: '2026-08-03',
  to: '2026-08-14',
  ...more,
});

describe('who is asked', () => {
  it('is everybody in the roles and addresses named, each once', () => {
    const roles = { board: { people: ['A.Lee@example.com', 'b.ito@example.com'] } };
    expect(resolvePeople(['role:board', 'a.lee@example.com'], roles)).toEqual([
      'a.lee@example.com',
      'b.ito@example.com',
    ]);
  });

  it('is the delegate of whoever is away, from the first day to the last', () => {
    const roles = {
      board: { people: [], absences: [away('a.lee@example.com', { delegate: 'C.May@example.com' })] },
    };
    const asked = (day: string) => presentOn(day, ['a.lee@example.com'], roles);
    expect(asked('2026-08-02').people).toEqual(['a.lee@example.com']);
    expect(asked('2026-08-03')).toEqual({
      people: ['c.may@example.com'],
      standIns: { 'c.may@example.com': 'a.lee@example.com' },
    });
    expect(asked('2026-08-14').people).toEqual(['c.may@example.com']);
    expect(asked('2026-08-15').people).toEqual(['a.lee@example.com']);
  });

  it('is the standing delegate where the absence names none, and their delegate when both are away', () => {
    const roles = {
      board: {
        people: [],
        delegates: { 'a.lee@example.com': 'b.ito@example.com', 'b.ito@example.com': 'c.may@example.com' },
        absences: [away('a.lee@example.com'), away('b.ito@example.com')],
      },
    };
    expect(presentOn('2026-08-05', ['a.lee@example.com'], roles).people).toEqual(['c.may@example.com']);
  });

  it('is nobody in place of the absent where others are asked, and the absent where nobody else is', () => {
    const roles = { board: { people: [], absences: [away('a.lee@example.com')] } };
    expect(presentOn('2026-08-05', ['a.lee@example.com', 'b.ito@example.com'], roles).people).toEqual([
      'b.ito@example.com',
    ]);
    expect(presentOn('2026-08-05', ['a.lee@example.com'], roles).people).toEqual(['a.lee@example.com']);
  });

  it('is found even where delegates stand in for each other', () => {
    const roles = {
      board: {
        people: [],
        delegates: { 'a.lee@example.com': 'b.ito@example.com', 'b.ito@example.com': 'a.lee@example.com' },
        absences: [away('a.lee@example.com'), away('b.ito@example.com')],
      },
    };
    expect(presentOn('2026-08-05', ['a.lee@example.com'], roles).people).toEqual(['a.lee@example.com']);
  });
});
