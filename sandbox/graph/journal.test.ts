import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defined } from '../../plan/defined.ts';
import { type Sandbox, startSandbox } from '../start.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-sandbox-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const user = '/users/lou.maier@example.com';

async function graphOf({ url, connectors }: Sandbox) {
  const { tenant, clientId, clientSecret } = connectors.entra as Record<string, string>;
  const signIn = await fetch(`${url}/login/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId ?? '',
      client_secret: clientSecret ?? '',
      scope: 'x/.default',
    }),
  });
  const { access_token } = (await signIn.json()) as { access_token: string };
  return async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/graph/v1.0${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      ...defined({ body: body === undefined ? undefined : JSON.stringify(body) }),
    });
    const text = await response.text();
    return text ? (JSON.parse(text) as Record<string, unknown> & { value?: { id: string }[] }) : {};
  };
}

/** Everything that can be taken from a leaver. */
async function heldBy(graph: Awaited<ReturnType<typeof graphOf>>) {
  const { id } = await graph('GET', `${user}?$select=id`);
  const filter = encodeURIComponent(`principalId eq '${id}'`);
  const paths = {
    methods: `${user}/authentication/methods`,
    roles: `/roleManagement/directory/roleAssignments?$filter=${filter}`,
    appRoles: `${user}/appRoleAssignments`,
    grants: `${user}/oauth2PermissionGrants`,
    owned: `${user}/ownedObjects?$select=id`,
    licenses: `${user}/licenseDetails`,
  };
  const held: Record<string, string[]> = {};
  for (const [what, path] of Object.entries(paths))
    held[what] = ((await graph('GET', path)).value ?? []).map((item) => item.id);
  return held;
}

describe('The directory, after a restart', () => {
  it('is as its journal left it', async () => {
    const journalFile = join(folder, 'effects.jsonl');
    const first = await startSandbox({ journalFile });
    const graph = await graphOf(first);
    const before = await heldBy(graph);
    const { id } = await graph('GET', `${user}?$select=id`);
    await graph('POST', `${user}/authentication/temporaryAccessPassMethods`, { lifetimeInMinutes: 60 });
    await graph('DELETE', `${user}/authentication/microsoftAuthenticatorMethods/${before.methods?.[2]}`);
    await graph('DELETE', `/roleManagement/directory/roleAssignments/${before.roles?.[0]}`);
    await graph('DELETE', `${user}/appRoleAssignments/${before.appRoles?.[0]}`);
    await graph('DELETE', `/oauth2PermissionGrants/${before.grants?.[0]}`);
    await graph('DELETE', `/groups/${before.owned?.[0]}/owners/${id}/$ref`);
    await graph('POST', `${user}/assignLicense`, {
      addLicenses: [],
      removeLicenses: ['f30db892-07e9-47e9-837c-80727f46fd3d'],
    });
    const left = await heldBy(graph);
    await first.close();
    const second = await startSandbox({ journalFile });
    const after = await heldBy(await graphOf(second));
    await second.close();
    expect(after).toEqual(left);
    const counts = (held: Record<string, string[]>) =>
      Object.fromEntries(Object.entries(held).map(([what, ids]) => [what, ids.length]));
    expect(counts(before)).toEqual({ methods: 3, roles: 1, appRoles: 2, grants: 1, owned: 2, licenses: 2 });
    expect(counts(after)).toEqual({ methods: 3, roles: 0, appRoles: 1, grants: 0, owned: 1, licenses: 1 });
  });
});

describe('A licence that comes with a group', () => {
  it('is not removed from the person, and goes with the membership', async () => {
    const sandbox = await startSandbox();
    const graph = await graphOf(sandbox);
    const e3 = '05e9a617-0261-4cee-bb44-138d3ef5d965';
    expect(
      await graph('POST', `${user}/assignLicense`, { addLicenses: [], removeLicenses: [e3] }),
    ).toMatchObject({ error: { message: expect.stringContaining('inherited from a group membership') } });
    const { id } = await graph('GET', `${user}?$select=id`);
    const states = () => graph('GET', `${user}?$select=licenseAssignmentStates,assignedLicenses`);
    const { licenseAssignmentStates } = await states();
    const group = (licenseAssignmentStates as { skuId: string; assignedByGroup: string | null }[]).find(
      ({ skuId }) => skuId === e3,
    )?.assignedByGroup;
    await graph('DELETE', `/groups/${group}/members/${id}/$ref`);
    expect(await states()).toMatchObject({ assignedLicenses: [{ skuId: expect.not.stringMatching(e3) }] });
    await sandbox.close();
  });
});
