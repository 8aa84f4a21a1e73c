/** Who is who in simulated histories: who may sign in which role, who stands in for whom, who is away, who enters votes of a meeting. */
import type { Roles } from '../../organisation/people.ts';
import type { Dice } from './dice.ts';

export const minute = 60_000;
/** When every simulated history begins. */
export const began = Date.UTC(2026, 0, 5, 9);
export const owner = 'owner@example.com';
export const requester = 'asker@example.com';
export const lastResort = 'director@example.com';
export const clerk = 'clerk@example.com';
export const stranger = 'stranger@example.com';
export const signers = ['dana', 'kim', 'lee', 'max', 'noor'].map((name) => `${name}@example.com`);
export const standIns = ['ada', 'ben'].map((name) => `${name}@example.com`);
/** Whoever could have anything to do with a run. */
export const everybody = [...signers, ...standIns, owner, requester, lastResort, clerk, stranger];

/** Who is away when differs from history to history. */
export function rolesBy(dice: Dice): Roles {
  const [dana = '', kim = ''] = signers;
  const [ada = ''] = standIns;
  return {
    'it-coordinators': { people: [owner] },
    board: { people: signers, recordedBy: 'role:clerks', absences: absences(dice, signers) },
    heads: { people: [kim, requester, dana], delegates: { [kim]: ada }, absences: absences(dice, [kim]) },
    clerks: { people: [clerk, owner] },
  };
}

function absences(dice: Dice, people: readonly string[]) {
  return people
    .filter(() => dice.chance(0.25))
    .map((person) => {
      const from = dice.whole(4, 7);
      return {
        person,
        from: `2026-01-0${from}`,
        to: `2026-01-0${from + dice.whole(0, 2)}`,
        ...(dice.chance(0.5) ? { delegate: dice.pick(standIns) } : {}),
      };
    });
}
