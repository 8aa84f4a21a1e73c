import { describe, expect, it } from '@jest/globals';
import { GroupRoles } from './group-roles.ts';
import { isNamed, rolesOf } from './people.ts';

describe('who has a role by an Entra group', () => {
  it('has it at the gateway, and is known when they sign in', async () => {
    const lines: string[] = [];
    let away = false;
    const configuration = {
      roles: { board: { people: [], entraGroup: 'Change board' }, other: { people: [] } },
    };
    const groups = new GroupRoles({
      configuration: () => configuration,
      membersOf: async () => {
        if (away) throw new Error('Graph is away');
        return ['b.ray@example.com'];
      },
      log: (line) => lines.push(line),
    });
    expect(rolesOf('b.ray@example.com', { roles: groups.roles() })).toEqual([]);
    await groups.look();
    expect(rolesOf('b.ray@example.com', { roles: groups.roles() })).toEqual(['board']);
    const library = { plans: new Map(), configuration: { roles: groups.roles() } };
    expect(isNamed('b.ray@example.com', library as unknown as Parameters<typeof isNamed>[1])).toBe(true);

    away = true;
    await groups.look();
    expect(rolesOf('b.ray@example.com', { roles: groups.roles() })).toEqual(['board']);
    expect(lines).toEqual(['The members of the group "Change board" could not be looked up: Graph is away']);
  });
});
