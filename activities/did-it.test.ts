/**
 * Whichever answer is lost on the way, an action says in the end what it did: its undo hangs on it. Each action that says so is run with
 * the answer to its first request lost, then its second, and so on, and must come to the same as undisturbed.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '../plan/plan.ts';
import { type Sandbox, startSandbox } from '../sandbox/start.ts';
import { descriptions as descriptionsOf, programmed } from './index.ts';
import { type Attempts, attemptsOf } from './kit/testing.ts';

// What is declared as data has a suite of its own, and so have these, on real servers; what reaches any system loses its answers there.
const elsewhere = ['ad', 'dns', 'http', 'keaConfig', 'register', 'ssh'];
const played = programmed.filter(({ name }) => !elsewhere.includes(name));
const descriptions = () => descriptionsOf(played);
const lou = 'lou.maier@example.com';
const robin = 'robin.sato@example.com';
const dana = 'dana.reyes@example.com';

interface Case {
  input: JsonObject | (() => Promise<JsonObject>);
  /** Brings about what the action takes back. */
  before?: [action: string, input: JsonObject | (() => Promise<JsonObject>)];
}

const idOf = async (user: string) => String((await run('entra.getUser', { user }, 'look')).id);
let id = '';
const byId = async () => {
  id ||= await idOf(lou);
  return { user: id };
};

const cases: Record<string, Case> = {
  'entra.assignLicense': { input: { user: robin, license: 'SPE_E3' } },
  'entra.removeLicenses': { input: { user: lou } },
  'entra.addGroupMember': { input: { user: robin, group: 'Engineering' } },
  'entra.removeGroupMember': { input: { user: lou, group: 'Engineering' } },
  'entra.addToGroups': { input: { user: robin, groups: ['Engineering'] } },
  'entra.removeFromGroups': { input: { user: lou } },
  'entra.disableUser': { input: { user: lou } },
  'entra.enableUser': { input: { user: lou }, before: ['entra.disableUser', { user: lou }] },
  'entra.deleteUser': { input: byId },
  'entra.restoreUser': { input: byId, before: ['entra.deleteUser', byId] },
  'entra.removeAuthenticationMethods': { input: { user: lou } },
  'entra.removeDirectoryRoles': { input: { user: lou } },
  'entra.removeAppRoleAssignments': { input: { user: lou } },
  'entra.removeOAuthGrants': { input: { user: lou } },
  'entra.removeGroupOwnerships': { input: { user: lou } },
  'entra.deleteTemporaryAccessPass': {
    input: { user: lou },
    before: ['entra.createTemporaryAccessPass', { user: lou }],
  },
  'exchange.setAutoReply': { input: { user: lou, internal: 'Away.' } },
  'exchange.clearAutoReply': {
    input: { user: lou },
    before: ['exchange.setAutoReply', { user: lou, internal: 'Away.' }],
  },
  'exchange.hideFromAddressLists': { input: { user: lou } },
  'exchange.showInAddressLists': {
    input: { user: lou },
    before: ['exchange.hideFromAddressLists', { user: lou }],
  },
  'exchange.setForwarding': { input: { user: lou, to: dana } },
  'exchange.clearForwarding': {
    input: { user: lou },
    before: ['exchange.setForwarding', { user: lou, to: dana }],
  },
  'exchange.convertToShared': { input: { user: lou } },
  'exchange.convertToUser': { input: { user: lou }, before: ['exchange.convertToShared', { user: lou }] },
  'exchange.removeInboxRules': { input: { user: lou } },
  'exchange.removeMobileDevices': { input: { user: lou } },
  'exchange.grantMailboxAccess': { input: { user: lou, to: dana } },
  'exchange.revokeMailboxAccess': {
    input: { user: lou, to: dana },
    before: ['exchange.grantMailboxAccess', { user: lou, to: dana }],
  },
  'onedrive.share': { input: { user: lou, to: dana } },
  'onedrive.unshare': { input: { user: lou, to: dana }, before: ['onedrive.share', { user: lou, to: dana }] },
  'intune.assignAutopilotDevice': { input: { serialNumber: 'SN-9001', user: robin } },
  'intune.unassignAutopilotDevice': {
    input: { serialNumber: 'SN-9001' },
    before: ['intune.assignAutopilotDevice', { serialNumber: 'SN-9001', user: robin }],
  },
  'assets.setDetails': { input: { serialNumber: 'SN-8001', name: 'Spare', notes: 'The lid is broken' } },
  'assets.setStatus': { input: { serialNumber: 'SN-8001', status: 'Lost' } },
  'assets.create': { input: { serialNumber: 'SN-NEW-1', model: 'Laptop 14 inch' } },
  'assets.checkOut': { input: { serialNumber: 'SN-8001', to: dana } },
  'assets.checkIn': {
    input: { serialNumber: 'SN-8001' },
    before: ['assets.checkOut', { serialNumber: 'SN-8001', to: dana }],
  },
  'jira.comment': { input: async () => ({ issue: await issue(), text: 'Done.' }) },
  'jira.transition': { input: async () => ({ issue: await issue(), to: 'Approved' }) },
  'servicenow.comment': { input: async () => ({ ticket: await record(), text: 'Done.' }) },
  'servicenow.workNote': { input: async () => ({ ticket: await record(), text: 'Done.' }) },
  'servicenow.attach': { input: async () => ({ ticket: await record(), fileName: 'a.txt', text: 'Done.' }) },
  'servicenow.setState': { input: async () => ({ ticket: await record(), state: 'Work in Progress' }) },
};

let sandbox: Sandbox;
const attempts = new Map<string, Attempts>();

beforeAll(async () => {
  sandbox = await startSandbox();
  for (const connector of played) {
    const { name, settingsFrom = '' } = connector;
    const settings = { ...sandbox.connectors[settingsFrom], ...sandbox.connectors[name] };
    attempts.set(name, attemptsOf(connector, settings));
  }
  await reset();
});
afterEach(reset);
afterAll(() => sandbox.close());

async function reset(): Promise<void> {
  sandbox.faults.clear();
  await fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' });
  // What is asked for takes hold at once.
  await fetch(`${sandbox.url}/_sandbox/exchange/pace`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ conversionMs: 0 }),
  });
  made.clear();
}

const made = new Map<string, string>();
async function person(path: string, body: object): Promise<Record<string, Json>> {
  const response = await fetch(`${sandbox.url}/_sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, Json>;
}
async function once(key: string, make: () => Promise<string>): Promise<string> {
  const known = made.get(key) ?? (await make());
  made.set(key, known);
  return known;
}
const issue = () =>
  once('issue', async () =>
    String((await person('jira/issues', { project: 'HR', type: 'New hire', summary: 'A' })).key),
  );
const record = () =>
  once('record', async () =>
    String((await person('servicenow/records', { table: 'sc_req_item', short_description: 'A' })).number),
  );

function at(action: string): Attempts {
  const found = attempts.get(action.split('.')[0] ?? '');
  if (!found) throw new Error(`no connector for ${action}`);
  return found;
}
const run = (action: string, input: Json, step?: string) => at(action).call(action, input, { step });

async function inputOf(input: Case['input']): Promise<JsonObject> {
  return typeof input === 'function' ? input() : input;
}

async function prepared({ input, before }: Case): Promise<JsonObject> {
  if (before) await run(before[0], await inputOf(before[1]), 'before');
  return inputOf(input);
}

/** What an action says that it did: all of its output that is not a name or a number given by chance. */
function said(action: string, output: Record<string, Json>): Record<string, Json> {
  const properties = (descriptions().find(({ name }) => name === action)?.output.properties ?? {}) as Record<
    string,
    { description?: string }
  >;
  return Object.fromEntries(
    Object.entries(output).filter(([field]) =>
      /this step|no longer (has|does)|State before/.test(properties[field]?.description ?? ''),
    ),
  );
}

const saying = descriptions().filter(
  ({ effect, output }) => effect !== 'read' && /this step|no longer does/.test(JSON.stringify(output)),
);

it('Every action that says what it did is tried here', () => {
  expect(Object.keys(cases).sort()).toEqual(saying.map(({ name }) => name).sort());
});

/** More requests than any of them makes. */
const mostRequests = 40;

describe.each(Object.entries(cases))('%s', (action, each) => {
  it('says that it did it, whichever answer is lost', async () => {
    const undisturbed = said(action, await run(action, await prepared(each)));
    expect(
      Object.values(undisturbed).some(
        (value) => value === true || (Array.isArray(value) && value.length > 0),
      ),
    ).toBe(true);
    let lost = 0;
    for (let nth = 0; nth < mostRequests; nth++) {
      await reset();
      const input = await prepared(each);
      for (let request = 0; request < nth; request++)
        sandbox.faults.add({ kind: 'delay', delayMs: 0, times: 1 });
      sandbox.faults.add({ kind: 'lostAnswer', times: 1 });
      const step = `step-${nth}`;
      const output = await run(action, input, step).catch(() => undefined);
      if (output) {
        // Nothing was left to lose an answer of.
        expect(sandbox.faults.list().at(-1)).toMatchObject({ kind: 'lostAnswer', times: 1 });
        break;
      }
      lost++;
      expect({ nth, said: said(action, await run(action, input, step)) }).toEqual({ nth, said: undisturbed });
    }
    expect(lost).toBeGreaterThan(1);
  }, 120_000);
});
