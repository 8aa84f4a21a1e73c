import type { Mailboxes } from '../exchange/mailboxes.ts';
import { badDayWords, type Shared, type StandIn } from '../stand-in.ts';
import { Drives } from './drive.ts';
import { GraphError, graphErrorBody } from './errors.ts';
import { ManagedDevices } from './managed-devices.ts';
import { graphRoutes } from './routes.ts';
import { credentials } from './sign-in.ts';
import { syncRoute } from './sync.ts';

/** Microsoft Graph. */
export function graph({ effects, directory, url }: Shared, mailboxes: Mailboxes): StandIn {
  const devices = new ManagedDevices(effects);
  const drives = new Drives(effects, directory);
  return {
    system: 'graph',
    prefix: '/graph/',
    base: '/graph/v1.0',
    isOwn: ({ url: address }) => pathOf(address).some((part) => directory.hasKnown(part)),
    routes: (app) => graphRoutes(app, directory, { devices, drives, mailboxes }, url),
    // `syncMs` and `removalMs`: how long a device takes to do what it was asked to.
    people: (app) => {
      devices.pace.route(app, '/_sandbox/graph/pace');
      syncRoute(app, directory);
    },
    state: () => ({
      managedDevices: devices.list(),
      autopilotDevices: devices.autopilot(),
      users: directory.visibleUsers().map((user) => directory.withLicenses(user)),
      deletedUsers: directory.deletedUsers(),
      groups: directory.groups.map((group) => ({
        ...group,
        members: directory.membersOf(group).map((user) => user.userPrincipalName),
      })),
      skus: directory.skus,
    }),
    reset: () => {
      directory.reset();
      devices.reset();
      drives.reset();
    },
    connectors: (base) => ({
      entra: { ...credentials, authority: `${base}/login`, graphUrl: `${base}/graph` },
      // Plays it too, by the settings of the directory: a declared one of the same name stands beside.
      intune: {},
    }),
    errorBody: (status, request, reply) =>
      graphErrorBody(
        new GraphError(status, codes[status] ?? 'ServiceUnavailable', badDayWords(status)),
        request,
        reply,
      ),
  };
}

const codes: Record<number, string> = {
  401: 'InvalidAuthenticationToken',
  403: 'Authorization_RequestDenied',
  404: 'Request_ResourceNotFound',
  409: 'Conflict',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  504: 'GatewayTimeout',
};

function pathOf(address: string): string[] {
  return new URL(address, 'http://graph').pathname.split('/').map(decodeURIComponent);
}
