import { describe, expect, it } from '@jest/globals';
import { type Roles, resolvePeople } from '../../organisation/people.ts';
import { remembering, rolesWithGroups } from './group-roles.ts';

const roles: Roles = {
  board: { people: ['a.lee@example.com'], entraGroup: 'Change board' },
  security: { people: ['s.berg@example.com'] },
  unused: { people: [], entraGroup: 'Nobody asks' },
};

describe('a role with an Entra group', () => {
  it('is asked of its people and of the members of the group, each once', async () => {
    const asked: string[] = [];
    const membersOf = async (group: string) => {
      asked.push(group);
      return ['b.ray@example.com', 'a.lee@example.com'];
    };
    const input = { from: ['role:board', 'role:security'], title: 'role:unused in a title is no role' };
    const found = await rolesWithGroups(roles, input, membersOf);
    expect(resolvePeople(['role:board'], found)).toEqual(['a.lee@example.com', 'b.ray@example.com']);
    expect(asked).toEqual(['Change board']);
  });

  it('fails the asking when its members cannot be found out, and no other role', async () => {
    const membersOf = () => Promise.reject(new Error('Graph is away'));
    await expect(rolesWithGroups(roles, { from: ['role:board'] }, membersOf)).rejects.toThrow(
      'Graph is away',
    );
    await expect(rolesWithGroups(roles, { from: ['role:security'] }, membersOf)).resolves.toEqual(roles);
  });

  it('is looked up once a minute, and at once again after a failure', async () => {
    let [now, calls] = [0, 0];
    let fails = true;
    const membersOf = remembering(
      async () => {
        calls += 1;
        if (fails) throw new Error('Graph is away');
        return ['b.ray@example.com'];
      },
      60_000,
      () => now,
    );
    await expect(membersOf('Change board')).rejects.toThrow();
    fails = false;
    await membersOf('Change board');
    await membersOf('Change board');
    expect(calls).toBe(2);
    now = 60_000;
    await membersOf('Change board');
    expect(calls).toBe(3);
  });
});
