import { afterAll, beforeEach, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { type HttpRelay, httpRelay } from '../../test/support/http-relay.ts';
import { type KeaServer, testKeaServer } from '../../test/support/kea-server.ts';
import { describeWith } from '../../test/support/services.ts';
import { connectorOf } from '../declared/connector.ts';
import { shippedConnectors } from '../declared/shipped.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { keaConfig } from './index.ts';

const found = await testKeaServer();
const server = found as KeaServer;
const relay = (found && (await httpRelay(server.settings.baseUrl))) as HttpRelay;
afterAll(async () => {
  await relay?.stop();
  await server?.stop();
});
const near = (found && attemptsOf(keaConfig, server.settings, ['password'])) as Attempts;
/** Through the relay. */
const far = (found &&
  attemptsOf(keaConfig, { ...server.settings, baseUrl: relay.url }, ['password'])) as Attempts;
/** Those that are declared as data. */
const declared = shippedConnectors().find(({ name }) => name === 'kea');
const kea = (found && declared && attemptsOf(connectorOf(declared), server.settings)) as Attempts;

let count = 0;
const fresh = () => `step ${++count}`;
const device = () => `02:00:5e:00:53:${(++count).toString(16).padStart(2, '0')}`;
const input = (hardware: string, address: string, more: JsonObject = {}) => ({
  subnet: 1,
  hardware,
  address,
  ...more,
});

async function kept(from: 'memory' | 'file' = 'memory'): Promise<Json[]> {
  const configuration =
    from === 'file' ? await server.file() : ((await server.ask('config-get')).arguments as JsonObject);
  const { subnet4 } = configuration.Dhcp4 as unknown as {
    subnet4: { id: number; reservations: JsonObject[] }[];
  };
  return (subnet4.find(({ id }) => id === 1)?.reservations ?? []).map((each) => each['ip-address'] as string);
}

beforeEach(async () => {
  for (const each of await reservations())
    await near.call('keaConfig.release', { subnet: 1, hardware: each }, { step: fresh() });
});

async function reservations(): Promise<string[]> {
  const { Dhcp4 } = (await server.ask('config-get')).arguments as {
    Dhcp4: { subnet4: { reservations: JsonObject[] }[] };
  };
  return Dhcp4.subnet4.flatMap((subnet) => subnet.reservations.map((each) => String(each['hw-address'])));
}

/** What one step does, for a device that has no address kept for it. */
const cases: Record<
  string,
  { before: JsonObject[]; with: (hardware: string) => JsonObject; says: JsonObject }
> = {
  'keaConfig.reserve': {
    before: [],
    with: (hardware) => input(hardware, '192.0.2.31', { hostname: 'printer-3' }),
    says: { reserved: true },
  },
  'keaConfig.release': {
    before: [{ address: '192.0.2.31', hostname: 'printer-3' }],
    with: (hardware) => ({ subnet: 1, hardware }),
    says: { released: true, address: '192.0.2.31', hostname: 'printer-3' },
  },
};

describeWith(found)('On a DHCP server', () => {
  it('every action that writes is tried here', () => {
    const writing = keaConfig.actions.filter(({ effect }) => effect !== 'read').map(({ name }) => name);
    expect(Object.keys(cases).sort()).toEqual(writing.sort());
  });

  it.each(Object.entries(cases))(
    '%s ends the same twice, and says the same whichever answer is lost',
    async (action, { before, with: inputOf, says }) => {
      const prepared = async () => {
        const hardware = device();
        for (const each of await reservations())
          await near.call('keaConfig.release', { subnet: 1, hardware: each }, { step: fresh() });
        for (const { address, ...more } of before)
          await near.call('keaConfig.reserve', input(hardware, String(address), more), { step: fresh() });
        return inputOf(hardware);
      };
      const given = await prepared();
      relay.loseAnswer(0);
      expect(await far.call(action, given, { step: fresh() })).toEqual(says);
      const requests = relay.requests();
      expect(requests).toBeGreaterThan(4);
      const after = [await kept(), await kept('file')];
      const [done = ''] = Object.keys(says);
      expect(await far.call(action, given, { step: fresh() })).toMatchObject({ [done]: false });
      expect([await kept(), await kept('file')]).toEqual(after);
      for (let nth = 1; nth <= requests; nth++) {
        const again = await prepared();
        const lost = fresh();
        relay.loseAnswer(nth);
        expect(await far.fails(action, again, { step: lost })).toMatchObject({ nonRetryable: false });
        relay.loseAnswer(0);
        expect({ nth, ...(await far.call(action, again, { step: lost })) }).toEqual({ nth, ...says });
        expect([await kept(), await kept('file')]).toEqual(after);
      }
    },
    60_000,
  );
});

describeWith(found)('On a DHCP server without the hook for reservations', () => {
  it('an address is kept, in force and in its file, once, and no longer after the undo', async () => {
    const hardware = device();
    const wanted = input(hardware, '192.0.2.11', { hostname: 'printer-1' });
    expect(await near.preview('keaConfig.reserve', wanted)).toEqual({
      summary: `would keep 192.0.2.11 (printer-1) for ${hardware}`,
    });
    const step = fresh();
    expect(await near.call('keaConfig.reserve', wanted, { step })).toEqual({ reserved: true });
    expect(await near.verify('keaConfig.reserve', wanted, step)).toBe(true);
    expect([await kept(), await kept('file')]).toEqual([['192.0.2.11'], ['192.0.2.11']]);
    expect(await near.preview('keaConfig.reserve', wanted)).toMatchObject({ nothingToDo: true });
    expect(await near.call('keaConfig.reserve', wanted, { step: fresh() })).toMatchObject({
      reserved: false,
    });
    const moved = await near.call('keaConfig.reserve', input(hardware, '192.0.2.12'), { step: fresh() });
    expect(moved).toEqual({ reserved: true, before: '192.0.2.11' });
    const gone = await near.call('keaConfig.release', { subnet: 1, hardware }, { step: fresh() });
    expect(gone).toEqual({ released: true, address: '192.0.2.12', hostname: 'printer-1' });
    expect([await kept(), await kept('file')]).toEqual([[], []]);
    expect(await near.call('keaConfig.release', { subnet: 1, hardware }, { step: fresh() })).toEqual({
      released: false,
    });
  });

  it('an attempt that ended between setting and keeping is finished by the next', async () => {
    const hardware = device();
    const step = fresh();
    // As far as the first attempt came.
    const configuration = (await server.ask('config-get')).arguments as JsonObject;
    const { subnet4 } = configuration.Dhcp4 as unknown as { subnet4: { reservations: JsonObject[] }[] };
    subnet4[0]?.reservations.push({ 'hw-address': hardware, 'ip-address': '192.0.2.13' });
    expect(await server.ask('config-set', configuration)).toMatchObject({ result: 0 });
    expect(await kept('file')).toEqual([]);
    expect(await near.call('keaConfig.reserve', input(hardware, '192.0.2.13'), { step })).toEqual({
      reserved: false,
      before: '192.0.2.13',
    });
    expect(await kept('file')).toEqual(['192.0.2.13']);
  });

  it('many at once are all kept', async () => {
    const devices = Array.from({ length: 8 }, (_, at) => input(device(), `192.0.2.${20 + at}`));
    await Promise.all(devices.map((each) => near.call('keaConfig.reserve', each, { step: fresh() })));
    expect((await kept('file')).sort()).toEqual(devices.map(({ address }) => address));
  });

  it('what Kea refuses changes nothing, and is said in its words', async () => {
    await near.call('keaConfig.reserve', input(device(), '192.0.2.11'), { step: fresh() });
    const taken = await near.fails('keaConfig.reserve', input(device(), '192.0.2.11'), { step: fresh() });
    expect(taken).toMatchObject({
      nonRetryable: true,
      message: expect.stringMatching(/Kea refused config-\w+: .*192\.0\.2\.11/),
    });
    const nowhere = await near.fails(
      'keaConfig.reserve',
      { ...input(device(), '192.0.2.12'), subnet: 9 },
      { step: fresh() },
    );
    expect(nowhere.message).toContain(
      'Kea has no subnet 9. There are: 1 (192.0.2.0/24), 2 (198.51.100.0/24).',
    );
    expect([await kept(), await kept('file')]).toEqual([['192.0.2.11'], ['192.0.2.11']]);
    const other = attemptsOf(keaConfig, { ...server.settings, password: 'another' }, ['password']);
    expect((await other.fails('keaConfig.reserve', input(device(), '192.0.2.12'))).message).toMatch(
      /401|credentials/,
    );
  });

  it('the actions that need it say so and change nothing', async () => {
    const failure = await kea.fails('kea.reserve', input(device(), '192.0.2.14'), { step: fresh() });
    expect(failure).toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining('does not know the command'),
    });
    expect(await kept()).toEqual([]);
  });

  it('leases are found, listed and taken away once', async () => {
    const lease = { 'ip-address': '192.0.2.150', 'hw-address': device(), 'subnet-id': 1, hostname: 'lap-50' };
    expect(await server.ask('lease4-add', lease)).toMatchObject({ result: 0 });
    const address = lease['ip-address'];
    expect(await kea.call('kea.findLease', { address }, { step: fresh() })).toMatchObject({
      hardware: lease['hw-address'],
      hostname: 'lap-50',
      subnet: 1,
    });
    expect(await kea.call('kea.listLeases', { subnet: 1 }, { step: fresh() })).toMatchObject({ count: 1 });
    expect(await kea.call('kea.deleteLease', { address }, { step: fresh() })).toEqual({ deleted: true });
    expect(await kea.call('kea.deleteLease', { address }, { step: fresh() })).toEqual({ deleted: false });
    expect(await kea.call('kea.listLeases', { subnet: 1 }, { step: fresh() })).toMatchObject({ count: 0 });
  });
});
