/** A Kea DHCP server by its control agent: its whole configuration read, and put back with one reservation more or less. */
import { type Static, Type } from 'typebox';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import { HttpClient, secureBaseUrl } from '../kit/http.ts';
import { caSetting, trustOf } from '../kit/trust.ts';

/** What stands under `connectors: kea:`, whose actions by the hook for reservations are declared as data. */
export const KeaSettings = Type.Object(
  {
    baseUrl: Type.String({
      minLength: 1,
      description: 'Address of the control agent, such as https://dhcp.example.com:8000.',
    }),
    user: Type.String({ minLength: 1, description: 'Name of the account.' }),
    password: Type.String({ minLength: 1, description: 'Its password.' }),
    ...caSetting,
  },
  { additionalProperties: false },
);

export interface Reservation {
  address: string;
  hostname: string;
}

interface Result {
  result?: number;
  text?: string;
  arguments?: JsonObject;
}

interface Subnet {
  id: number;
  subnet?: Json;
  reservations?: JsonObject[];
}

/** Kea holds the configuration by no version, so whoever changes it here does so one after another. */
let turn: Promise<unknown> = Promise.resolve();

export class KeaConfigClient extends AttemptClient {
  private readonly http: HttpClient;

  constructor({ baseUrl, user, password, ca }: Static<typeof KeaSettings>) {
    super();
    const credentials = Buffer.from(`${user}:${password}`).toString('base64');
    this.http = new HttpClient({
      service: 'Kea',
      setting: 'connectors.kea.baseUrl',
      trust: trustOf('kea', ca),
      baseUrl: secureBaseUrl('connectors.kea.baseUrl', baseUrl),
      headers: () => ({ authorization: `Basic ${credentials}` }),
      wordsOf: (body) => (body as Result | undefined)?.text,
    });
  }

  /** What is kept for a device. */
  async reservation(subnet: number, hardware: string): Promise<Reservation | undefined> {
    const found = reservationsOf(await this.configuration(), subnet).find(isOf(hardware));
    if (found === undefined) return undefined;
    return { address: textOf(found['ip-address']), hostname: textOf(found.hostname) };
  }

  /**
   * Puts a reservation in the place of the device's, or none, and writes it to the file that Kea begins with. What Kea refuses, it
   * leaves as it is.
   */
  put(subnet: number, hardware: string, to: Reservation | undefined): Promise<void> {
    const mine = turn.then(() => this.putNow(subnet, hardware, to));
    turn = mine.catch(() => {});
    return mine;
  }

  private async putNow(subnet: number, hardware: string, to: Reservation | undefined): Promise<void> {
    this.signal.throwIfAborted();
    const seen = await this.configuration();
    const next = structuredClone(seen);
    const list = reservationsOf(next, subnet);
    const at = list.findIndex(isOf(hardware));
    const one = to && {
      // What else is set for the device stays.
      ...list[at],
      'hw-address': hardware,
      'ip-address': to.address,
      ...(to.hostname === '' ? {} : { hostname: to.hostname }),
    };
    list.splice(at < 0 ? list.length : at, at < 0 ? 0 : 1, ...(one ? [one] : []));
    await this.command('config-test', next);
    // As late as can be: what others set meanwhile would be put back.
    if (JSON.stringify(await this.configuration()) !== JSON.stringify(seen))
      throw new RetryableFailure(
        'Somebody changed the configuration of Kea meanwhile. The next try looks again.',
      );
    await this.command('config-set', next);
    await this.command('config-write');
  }

  /** Writes what is in force to the file that Kea begins with. */
  async keep(): Promise<void> {
    await this.command('config-write');
  }

  /** All of it. */
  async configuration(): Promise<JsonObject> {
    const { hash: _, ...configuration } = await this.command('config-get');
    return configuration;
  }

  private async command(command: string, given?: JsonObject): Promise<JsonObject> {
    const { body } = await this.http.for(this.signal).send({
      method: 'POST',
      path: '/',
      body: { command, service: ['dhcp4'], ...(given ? { arguments: given } : {}) },
    });
    const [answer] = (Array.isArray(body) ? body : [body]) as Result[];
    if (answer?.result === 0) return answer.arguments ?? {};
    throw new PermanentFailure(`Kea refused ${command}: ${answer?.text ?? 'it gave no reason.'}`);
  }
}

/** The list itself, to be changed in its place. */
function reservationsOf(configuration: JsonObject, subnet: number): JsonObject[] {
  const { Dhcp4: server } = configuration as {
    Dhcp4?: { subnet4?: Subnet[]; 'shared-networks'?: { subnet4?: Subnet[] }[] };
  };
  const subnets = [
    server?.subnet4 ?? [],
    ...(server?.['shared-networks'] ?? []).map((each) => each.subnet4 ?? []),
  ].flat();
  const found = subnets.find(({ id }) => id === subnet);
  if (!found)
    throw new PermanentFailure(
      `Kea has no subnet ${subnet}. There are: ${subnets.map(({ id, subnet: range }) => `${id} (${textOf(range)})`).join(', ') || 'none'}.`,
    );
  found.reservations ??= [];
  return found.reservations;
}

function isOf(hardware: string): (reservation: JsonObject) => boolean {
  return (reservation) => textOf(reservation['hw-address']).toLowerCase() === hardware.toLowerCase();
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
