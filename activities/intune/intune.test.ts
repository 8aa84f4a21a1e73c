import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ManagedDevices } from '../../sandbox/graph/managed-devices.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { entra } from '../entra/index.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { intune } from './index.ts';

let sandbox: Sandbox;
let attempts: Attempts;
let people: Attempts;

const robin = 'robin.sato@example.com';
const lou = 'lou.maier@example.com';

beforeAll(async () => {
  sandbox = await startSandbox();
  attempts = attemptsOf(intune, sandbox.connectors.entra ?? {}, ['clientSecret']);
  people = attemptsOf(entra, sandbox.connectors.entra ?? {}, ['clientSecret']);
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const count = (effect: string) => sandbox.effects.list({ system: 'graph', effect }).length;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Listed {
  id: string;
  name: string;
  owner: string;
}

async function devicesOf(input: Record<string, string>): Promise<Listed[]> {
  const { devices } = await attempts.call('intune.listDevices', input);
  return devices as unknown as Listed[];
}

async function robinsLaptop(): Promise<string> {
  return (await devicesOf({ user: robin }))[0]?.id ?? '';
}

/** Lou has a laptop of the company and a phone of her own. */
async function lousPhone(): Promise<string> {
  await people.call('entra.getUser', { user: lou }).catch(() =>
    people.call('entra.createUser', {
      userPrincipalName: lou,
      displayName: 'Lou Maier',
      usageLocation: 'DE',
    }),
  );
  return (await devicesOf({ user: lou })).find(({ owner }) => owner === 'personal')?.id ?? '';
}

async function setPace(pace: Record<string, number>): Promise<void> {
  await fetch(`${sandbox.url}/_sandbox/graph/pace`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(pace),
  });
}

describe('Listing devices', () => {
  it('finds those of a person', async () => {
    expect(await attempts.call('intune.listDevices', { user: robin })).toEqual({
      devices: [
        {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          name: 'WIN-PILOT-02',
          serialNumber: 'SN-PILOT-02',
          system: 'windows',
          owner: 'company',
          compliant: true,
          lastSync: '2026-01-05T07:30:00Z',
        },
      ],
      count: 1,
    });
  });

  it('finds those of a group of devices, over all of its pages', async () => {
    const pilot = await attempts.call('intune.listDevices', { group: 'Patch ring pilot' });
    expect(pilot.count).toBe(5);
    const broad = await devicesOf({ group: 'Patch ring broad', system: 'windows' });
    expect(broad.map(({ name }) => name)).toEqual(
      Array.from({ length: 60 }, (_, index) => `WIN-BROAD-${String(index + 1).padStart(2, '0')}`),
    );
    expect(await devicesOf({ group: 'Patch ring broad', system: 'macos' })).toEqual([]);
  });

  it('finds those of the people in a group', async () => {
    for (const user of [robin, 'kim.okafor@example.com', 'sam.lindqvist@example.com'])
      await people.call('entra.addGroupMember', { user, group: 'VPN Users' });
    const found = await devicesOf({ group: 'VPN Users' });
    expect(found.map(({ name }) => name)).toEqual(['WIN-PILOT-01', 'WIN-PILOT-02']);
  });

  it('wants a person or a group, and one that is there', async () => {
    const wrong: Record<string, string>[] = [{}, { user: robin, group: 'Patch ring pilot' }];
    for (const input of wrong) {
      const failure = await attempts.fails('intune.listDevices', input);
      expect(failure.nonRetryable).toBe(true);
      expect(failure.message).toContain('Give either `user` or `group`, and not both.');
    }
    const failure = await attempts.fails('intune.listDevices', { group: 'Patch ring gamma' });
    expect(failure.message).toContain('Entra ID has no group named "Patch ring gamma".');
  });
});

describe('Looking up a device', () => {
  it('tells what Intune is doing with it', async () => {
    const device = await robinsLaptop();
    expect(await attempts.call('intune.getDevice', { device })).toMatchObject({
      id: device,
      name: 'WIN-PILOT-02',
      managementState: 'managed',
    });
  });

  it('says plainly when there is none', async () => {
    const failure = await attempts.fails('intune.getDevice', { device: 'no-such-device' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('Intune manages no device with the id no-such-device.');
  });
});

describe.each([
  ['intune.syncDevice', 'device.syncRequested', 'would sync WIN-PILOT-02'],
  ['intune.rebootDevice', 'device.rebootRequested', 'would restart WIN-PILOT-02'],
])('%s', (action, effect, summary) => {
  it('asks once, however often it is tried', async () => {
    const device = await robinsLaptop();
    expect((await attempts.preview(action, { device }))?.summary).toContain(summary);
    const first = await attempts.call(action, { device });
    expect(Date.now() - Date.parse(String(first.requestedAt))).toBeLessThan(10_000);
    await attempts.call(action, { device });
    await pause(350);
    await attempts.call(action, { device });
    expect(count(effect)).toBe(1);
    const { lastSync } = await attempts.call('intune.getDevice', { device });
    expect(Date.parse(String(lastSync))).toBeGreaterThan(Date.parse(String(first.requestedAt)));
  });

  it('asks once when the answer was lost', async () => {
    const device = await robinsLaptop();
    sandbox.faults.add({ system: 'graph', method: 'POST', path: device, times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails(action, { device })).nonRetryable).toBe(false);
    await attempts.call(action, { device });
    expect(count(effect)).toBe(1);
  });

  it('fails for one device without failing for another', async () => {
    const [bad, good] = await devicesOf({ group: 'Patch ring pilot' });
    sandbox.faults.add({ system: 'graph', method: 'POST', path: bad?.id ?? '', kind: 'status', status: 503 });
    expect((await attempts.fails(action, { device: bad?.id ?? '' })).nonRetryable).toBe(false);
    expect(await attempts.call(action, { device: good?.id ?? '' })).toHaveProperty('requestedAt');
  });

  it('is slowed down when Graph asks for it, and refused for a device that is not there', async () => {
    const device = await robinsLaptop();
    sandbox.faults.add({
      system: 'graph',
      method: 'POST',
      times: 1,
      kind: 'status',
      status: 429,
      retryAfter: 9,
    });
    expect(await attempts.fails(action, { device })).toMatchObject({
      type: 'RateLimited',
      nextRetryDelay: 9_000,
    });
    expect((await attempts.fails(action, { device: 'gone' })).nonRetryable).toBe(true);
    expect(await attempts.preview(action, { device: 'gone' })).toMatchObject({
      problems: [expect.stringContaining('Intune manages no device')],
    });
  });
});

describe.each([
  ['intune.retireDevice', 'retire', 'device.retireRequested'],
  ['intune.wipeDevice', 'wipe', 'device.wipeRequested'],
])('%s', (action, verb, effect) => {
  it('does it once, until the device is gone, which counts as done', async () => {
    const device = await robinsLaptop();
    expect(await attempts.preview(action, { device })).toEqual({
      summary: `would ${verb} WIN-PILOT-02 (${device})`,
    });
    expect(await attempts.call(action, { device })).toEqual({ state: `${verb}Pending` });
    expect(await attempts.call(action, { device })).toEqual({ state: `${verb}Pending` });
    expect(await attempts.preview(action, { device })).toMatchObject({ nothingToDo: true });
    await pause(550);
    expect(await attempts.call(action, { device })).toEqual({ state: 'gone' });
    expect(await attempts.preview(action, { device })).toEqual({
      summary: `${device} is gone already`,
      nothingToDo: true,
    });
    expect(count(effect)).toBe(1);
    expect(await devicesOf({ user: robin })).toEqual([]);
  });

  it('does it once when the answer was lost', async () => {
    const device = await robinsLaptop();
    sandbox.faults.add({ system: 'graph', method: 'POST', path: device, times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails(action, { device })).nonRetryable).toBe(false);
    expect(await attempts.call(action, { device })).toEqual({ state: `${verb}Pending` });
    expect(count(effect)).toBe(1);
  });
});

describe('Wiping', () => {
  it('is refused for a personal device, which can be retired', async () => {
    const device = await lousPhone();
    const failure = await attempts.fails('intune.wipeDevice', { device });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('must not be wiped. Retire it with intune.retireDevice instead.');
    expect(await attempts.preview('intune.wipeDevice', { device })).toMatchObject({
      problems: [expect.stringContaining('must not be wiped')],
    });
    expect(count('device.wipeRequested')).toBe(0);
    expect(await attempts.call('intune.retireDevice', { device })).toEqual({ state: 'retirePending' });
  });

  it('leaves a device enrolled that goes to its next user, and is not repeated for it', async () => {
    await setPace({ removalMs: 100 });
    const device = await robinsLaptop();
    const input = { device, keepEnrollment: true, keepUserData: false };
    expect(await attempts.call('intune.wipeDevice', input)).toEqual({ state: 'wipePending' });
    await pause(150);
    expect(await attempts.call('intune.wipeDevice', input)).toEqual({ state: 'managed' });
    expect(sandbox.effects.list({ effect: 'device.wipeRequested' })).toMatchObject([
      { detail: { keepEnrollmentData: true, keepUserData: false } },
    ]);
  });
});

describe('Preparing a new device', () => {
  const laptop = { serialNumber: 'SN-9001', user: robin };

  it('does it once, however often it is tried, and takes it back', async () => {
    expect(await attempts.preview('intune.assignAutopilotDevice', laptop)).toEqual({
      summary: `would prepare SN-9001 for ${robin}`,
    });
    const first = await attempts.call('intune.assignAutopilotDevice', laptop);
    expect(first).toEqual({ deviceId: expect.any(String), assigned: true });
    expect(await attempts.call('intune.assignAutopilotDevice', laptop)).toEqual({
      ...first,
      assigned: false,
    });
    expect(sandbox.effects.list({ effect: 'autopilot.assigned' })).toMatchObject([
      { subject: 'SN-9001', detail: { userPrincipalName: robin, addressableUserName: 'Robin Sato' } },
    ]);
    expect(await attempts.verify('intune.assignAutopilotDevice', laptop)).toBe(true);
    expect(await attempts.preview('intune.assignAutopilotDevice', laptop)).toMatchObject({
      nothingToDo: true,
    });

    const { serialNumber } = laptop;
    expect(await attempts.preview('intune.unassignAutopilotDevice', { serialNumber })).toEqual({
      summary: `would no longer prepare SN-9001 for ${robin}`,
    });
    const undone = () => attempts.call('intune.unassignAutopilotDevice', { serialNumber });
    expect(await undone()).toEqual({ unassigned: true });
    expect(await undone()).toEqual({ unassigned: false });
    expect(count('autopilot.unassigned')).toBe(1);
    expect(await attempts.verify('intune.unassignAutopilotDevice', { serialNumber })).toBe(true);
  });

  it('does it once when the answer was lost', async () => {
    sandbox.faults.add({ system: 'graph', path: 'assignUserToDevice', times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails('intune.assignAutopilotDevice', laptop)).nonRetryable).toBe(false);
    expect(await attempts.call('intune.assignAutopilotDevice', laptop)).toMatchObject({ assigned: true });
    expect(count('autopilot.assigned')).toBe(1);
  });

  it('waits for the vendor to register it, and takes no other whose number is alike', async () => {
    for (const serialNumber of ['SN-9999', 'SN-900']) {
      const failure = await attempts.fails('intune.assignAutopilotDevice', { ...laptop, serialNumber });
      expect(failure.nonRetryable).toBe(false);
      expect(failure.message).toContain(`Autopilot does not know the serial number ${serialNumber} yet.`);
    }
    expect(count('autopilot.assigned')).toBe(0);
  });

  it('does not take it from somebody else', async () => {
    await attempts.call('intune.assignAutopilotDevice', laptop);
    const failure = await attempts.fails('intune.assignAutopilotDevice', {
      ...laptop,
      user: 'kim.okafor@example.com',
    });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain(`SN-9001 is prepared for ${robin}.`);
  });
});

describe('The devices of the stand-in', () => {
  it('stand as they did when it starts again', async () => {
    const device = await robinsLaptop();
    await attempts.call('intune.syncDevice', { device });
    await attempts.call('intune.assignAutopilotDevice', { serialNumber: 'SN-9002', user: robin });
    const again = new ManagedDevices(sandbox.effects);
    expect(again.find(device)).toMatchObject({ deviceActionResults: [{ actionName: 'syncDevice' }] });
    expect(again.autopilot().find(({ serialNumber }) => serialNumber === 'SN-9002')).toMatchObject({
      userPrincipalName: robin,
    });
  });
});
