import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { groupThatMustExist } from '../kit/graph/groups.ts';
import { nameOf, userThatMustExist } from '../kit/graph/users.ts';
import { type Device, deviceFields, deviceOf, listed, type ManagedDevice, systems } from './devices.ts';

/** More than that is no list for one step. */
const most = 5_000;
/** What a run can keep is 256 KB; some of it is for the rest of the answer. */
const mostBytes = 250_000;
/** Ids in one question: the address of a request may have about 2,000 characters. */
const chunk = 15;

const $select = listed.join(',');

const input = Type.Object(
  {
    user: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Whose devices: sign-in name, e-mail address or object id. Give this or `group`.',
      }),
    ),
    group: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Name or object id of a group of devices, or of people whose devices are meant.',
      }),
    ),
    system: Type.Optional(
      Type.Enum([...systems], { description: 'Only devices with this operating system.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  devices: Type.Array(Type.Object(deviceFields), { description: 'The devices, sorted by name.' }),
  count: Type.Integer({ description: 'How many there are.' }),
});

export const listDevices = defineAction({
  name: 'intune.listDevices',
  title: 'List devices',
  description:
    'Lists the managed devices of a person, or of a group with the groups within it. Devices that Intune does not manage are left out.',
  effect: 'read',
  source: 'Microsoft Graph: List managedDevices, List group transitive members',
  input,
  output,
  examples: [
    { title: 'Of a person', with: { user: 'a.lee@example.com' } },
    { title: 'A ring', with: { group: 'Patch ring pilot', system: 'windows' } },
  ],

  async run({ user, group, system }, { client }: ActionContext<GraphClient>) {
    if ((user === undefined) === (group === undefined))
      throw new PermanentFailure('Give either `user` or `group`, and not both.');
    const { owner, found } =
      group !== undefined ? await ofGroup(client, group) : await ofUser(client, user ?? '');
    const devices = [...new Map(found.map((device) => [device.id, deviceOf(device)])).values()]
      .filter((device) => system === undefined || device.system === system)
      .sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
    checkSize(owner, devices);
    return { devices, count: devices.length };
  },
});

interface Found {
  /** Whose devices, for messages. */
  owner: string;
  found: ManagedDevice[];
}

async function ofUser(client: GraphClient, user: string): Promise<Found> {
  const person = await userThatMustExist(client, user, []);
  const path = `/users/${person.id}/managedDevices`;
  const found = await client.list<ManagedDevice>(path, { query: { $select } });
  return { owner: nameOf(person), found };
}

interface Member {
  '@odata.type'?: string;
  id: string;
  deviceId?: string | null;
}

async function ofGroup(client: GraphClient, group: string): Promise<Found> {
  const { id, displayName } = await groupThatMustExist(client, group);
  const owner = `the group ${displayName ?? id}`;
  const query = { $top: '999' };
  const members = await client.list<Member>(`/groups/${id}/transitiveMembers`, { query });
  const ofType = (type: string) =>
    members.filter((member) => member['@odata.type'] === `#microsoft.graph.${type}`);
  const devices = ofType('device').flatMap(({ deviceId }) => deviceId ?? []);
  const people = ofType('user').map((person) => person.id);
  if (devices.length + people.length > most)
    throw new PermanentFailure(tooMany(owner, devices.length + people.length));
  return {
    owner,
    found: [...(await where(client, 'azureADDeviceId', devices)), ...(await where(client, 'userId', people))],
  };
}

/** The devices in which a property has one of these values. */
async function where(client: GraphClient, property: string, values: string[]): Promise<ManagedDevice[]> {
  const found: ManagedDevice[] = [];
  for (let start = 0; start < values.length; start += chunk) {
    const some = values.slice(start, start + chunk);
    const $filter = some.map((value) => `${property} eq '${value}'`).join(' or ');
    const query = { $select, $filter };
    found.push(...(await client.list<ManagedDevice>('/deviceManagement/managedDevices', { query })));
  }
  return found;
}

function checkSize(owner: string, devices: Device[]): void {
  const tooLarge = devices.length > most || Buffer.byteLength(JSON.stringify(devices)) > mostBytes;
  if (tooLarge) throw new PermanentFailure(tooMany(owner, devices.length));
}

function tooMany(owner: string, count: number): string {
  return `${count} devices or people are in ${owner}, more than one step can list. Divide it into smaller groups, or list one \`system\` at a time.`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
