/** Intune over Graph: managed devices, and those that Autopilot knows (managedDevice, windowsAutopilotDeviceIdentity). */
import type { FastifyInstance } from 'fastify';
import { badQuery, badRequest } from './errors.ts';
import type { ManagedDevices } from './managed-devices.ts';
import { type Resource, userResource } from './properties.ts';
import { checkOptions, filterOf, type Item, page, shape } from './query.ts';
import { bodyOf, type GraphContext, idOf, queryOf } from './request.ts';
import { directoryIdOf, type SeedDevice } from './seed-devices.ts';

const properties =
  `id userId deviceName managedDeviceOwnerType deviceActionResults managementState enrolledDateTime
  lastSyncDateTime operatingSystem complianceState osVersion azureADRegistered azureADDeviceId emailAddress
  userPrincipalName model manufacturer serialNumber`.split(/\s+/);

const managedDeviceResource: Resource = {
  title: 'ManagedDevice',
  odataType: 'microsoft.graph.managedDevice',
  known: new Set(properties),
  usual: properties,
  collections: new Set(['deviceActionResults']),
  filterable: new Set(['azureADDeviceId', 'deviceName', 'operatingSystem', 'serialNumber', 'userId']),
};

const ofMany = ['$select', '$filter', '$top', '$skiptoken'];

export function deviceRoutes(
  graph: FastifyInstance,
  { directory, url }: GraphContext,
  devices: ManagedDevices,
): void {
  const many = (items: Item, what: string) => ({ '@odata.context': `${url()}/$metadata#${what}`, ...items });
  const one = (item: Item, what: string) => many(item, `${what}/$entity`);
  const managedDevices = 'deviceManagement/managedDevices';

  graph.get(`/${managedDevices}`, async (request) => {
    const query = queryOf(request);
    checkOptions(query, ofMany);
    const found = devices.list().filter(filterOf(query.$filter, managedDeviceResource));
    const shown = page(found, query, `${url()}/${managedDevices}`, (device) =>
      shape(device, managedDeviceResource, query.$select),
    );
    return many(shown, managedDevices);
  });

  graph.get(`/${managedDevices}/:id`, async (request) => {
    const query = queryOf(request);
    checkOptions(query, ['$select']);
    return one(shape(devices.find(idOf(request)), managedDeviceResource, query.$select), managedDevices);
  });

  for (const action of ['syncDevice', 'rebootNow', 'retire', 'wipe'] as const)
    graph.post(`/${managedDevices}/:id/${action}`, async (request, reply) => {
      const device = devices.find(idOf(request));
      devices.ask(device, action, action === 'wipe' ? bodyOf(request) : {});
      return reply.code(204).send();
    });

  graph.get('/users/:id/managedDevices', async (request) => {
    const user = directory.user(idOf(request));
    const query = queryOf(request);
    checkOptions(query, ofMany);
    const own = devices.list().filter((device) => device.userPrincipalName === user.userPrincipalName);
    const path = `users/${user.id}/managedDevices`;
    return many(
      page(own, query, `${url()}/${path}`, (device) => shape(device, managedDeviceResource, query.$select)),
      path,
    );
  });

  graph.get('/groups/:id/transitiveMembers', async (request) => {
    const group = directory.group(idOf(request));
    const query = queryOf(request);
    checkOptions(query, ['$select', '$top', '$skiptoken']);
    const people = directory.membersOf(group).map((user) => ({
      '@odata.type': '#microsoft.graph.user',
      ...shape(user, userResource, query.$select),
    }));
    const registered = devices.registered().filter((device) => group.members.includes(directoryIdOf(device)));
    const members: Item[] = [...people, ...registered.map(directoryDevice)];
    return many(
      page(members, query, `${url()}/groups/${group.id}/transitiveMembers`, (member) => member),
      'directoryObjects',
    );
  });

  autopilotRoutes(graph, { directory, url }, devices);
}

function autopilotRoutes(
  graph: FastifyInstance,
  { directory, url }: GraphContext,
  devices: ManagedDevices,
): void {
  const identities = 'deviceManagement/windowsAutopilotDeviceIdentities';
  const context = `${url()}/$metadata#${identities}`;

  graph.get(`/${identities}`, async (request) => {
    const query = queryOf(request);
    checkOptions(query, ['$filter', '$top', '$skiptoken']);
    const part = serialIn(query.$filter);
    const found = devices
      .autopilot()
      .filter(({ serialNumber }) => serialNumber.toLowerCase().includes(part.toLowerCase()));
    return { '@odata.context': context, ...page(found, query, `${url()}/${identities}`, (device) => device) };
  });

  graph.get(`/${identities}/:id`, async (request) => ({
    '@odata.context': `${context}/$entity`,
    ...devices.autopilotDevice(idOf(request)),
  }));

  graph.post(`/${identities}/:id/assignUserToDevice`, async (request, reply) => {
    const device = devices.autopilotDevice(idOf(request));
    const { userPrincipalName, addressableUserName } = bodyOf(request);
    if (typeof userPrincipalName !== 'string' || typeof addressableUserName !== 'string')
      throw badRequest('userPrincipalName and addressableUserName are required.');
    devices.assign(device, directory.user(userPrincipalName).userPrincipalName, addressableUserName);
    return reply.code(204).send();
  });

  graph.post(`/${identities}/:id/unassignUserFromDevice`, async (request, reply) => {
    devices.assign(devices.autopilotDevice(idOf(request)), '', '');
    return reply.code(204).send();
  });
}

/** The only question that Autopilot answers of serial numbers. */
function serialIn(filter: string | undefined): string {
  if (filter === undefined) return '';
  const match = /^contains\(serialNumber,\s*'((?:[^']|'')*)'\)$/.exec(filter);
  if (match) return (match[1] ?? '').replaceAll("''", "'");
  throw badQuery(`Invalid filter clause: ${filter}`);
}

/** The directory's own object for a device (device resource type). */
function directoryDevice(device: SeedDevice): Item {
  return {
    '@odata.type': '#microsoft.graph.device',
    id: directoryIdOf(device),
    deviceId: device.azureADDeviceId,
    displayName: device.deviceName,
    operatingSystem: device.operatingSystem,
    accountEnabled: true,
    isManaged: true,
  };
}
