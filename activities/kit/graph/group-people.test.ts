import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../plan/plan.ts';
import { entraSandbox } from '../../entra/testing.ts';
import { GraphClient } from './client.ts';
import { peopleOfGroup } from './group-people.ts';
import type { GraphSettings } from './settings.ts';

const held = entraSandbox();

function client(): GraphClient {
  return new GraphClient('entra', held.sandbox.connectors.entra as unknown as GraphSettings);
}

async function create(name: string, more: JsonObject = {}): Promise<string> {
  const response = await held.graph('POST', '/users', {
    userPrincipalName: `${name}@example.com`,
    displayName: name,
    mailNickname: name,
    accountEnabled: true,
    passwordProfile: { password: 'Correct-Horse-7' },
    ...more,
  });
  return ((await response.json()) as { id: string }).id;
}

describe("an Entra group's people", () => {
  it('are its members with their addresses, without accounts that are switched off', async () => {
    const groups = (await (await held.graph('GET', '/groups')).json()) as {
      value: { id: string; displayName: string; groupTypes?: string[] }[];
    };
    const group = groups.value.find(({ groupTypes }) => !groupTypes?.includes('DynamicMembership'));
    const before = await peopleOfGroup(client(), group?.id ?? '');
    for (const [name, more] of [
      ['board.one', {}],
      ['board.two', { accountEnabled: false }],
    ] as const) {
      const id = await create(name, more);
      const reference = { '@odata.id': `${held.sandbox.url}/graph/v1.0/directoryObjects/${id}` };
      const joined = await held.graph('POST', `/groups/${group?.id}/members/$ref`, reference);
      expect(joined.status).toBe(204);
    }
    const people = await peopleOfGroup(client(), group?.displayName ?? '');
    expect(people.filter((person) => !before.includes(person))).toEqual(['board.one@example.com']);
  });

  it('are asked for by a name or id that exists', async () => {
    await expect(peopleOfGroup(client(), 'No such group')).rejects.toThrow('no group named "No such group"');
  });
});
