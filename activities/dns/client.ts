/** A server's zones: records read as they stand there, and changed only if they still are what was read. */
import { randomInt } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import { codes, failureOfCode, failureOfDoubt } from './errors.ts';
import type { DnsSettings } from './settings.ts';
import { exchange } from './transport.ts';
import {
  type Answer,
  answerOf,
  any,
  internet,
  none,
  type Part,
  question,
  type Record,
  typeAny,
  update,
} from './wire/messages.ts';
import { BadName, isWildcard, isWithin, labelsOf, nameKey, nameToText } from './wire/names.ts';
import { decodeData, encodeData, type RecordType, typeNumbers } from './wire/record-data.ts';
import { doubtOf, type Key, sign } from './wire/tsig.ts';

/** The records of one name and type, as plain JSON. */
export interface RecordSet {
  name: string;
  type: RecordType;
  zone: string;
  /** Of all of them, in seconds; 0 where there are none. */
  ttl: number;
  records: { text: string /** Base64. */; data: string }[];
  /** The name to which this one is only another, so that it has no other records. */
  alias?: string;
}

const largestMessage = 65_535;
const noData = Buffer.alloc(0);

export class DnsClient extends AttemptClient {
  private readonly settings: DnsSettings;
  private readonly key: Key;
  private readonly zones: Buffer[][];

  constructor(settings: DnsSettings) {
    super();
    this.settings = settings;
    this.key = { algorithm: 'hmac-sha256', ...settings.key };
    if (
      Buffer.from(this.key.secret, 'base64').toString('base64').replace(/=+$/, '') !==
      this.key.secret.replace(/=+$/, '')
    )
      throw new PermanentFailure(
        'secret of the key under connectors: dns: in countersign.yaml is no base64.',
      );
    labels(this.key.name);
    this.zones = settings.zones.map(labels).sort((a, b) => b.length - a.length);
  }

  /** What the server has for a name itself: what a wildcard stands in for is not there. */
  async read(name: string, type: RecordType): Promise<RecordSet> {
    const owner = labels(name);
    const zone = this.zoneOf(owner);
    const answer = await this.ask(question(randomInt(0x10000), owner, typeNumbers[type]), reading(owner));
    const text = nameToText(owner);
    const nothing = { name: text, type, zone: nameToText(zone), ttl: 0, records: [] };
    // Of an alias, whether its target is there.
    if (answer.code !== codes.noError && answer.code !== codes.nameMissing)
      throw failureOfCode(answer.code, reading(owner));
    if (!answer.authoritative) throw delegated(owner);
    const own = answer.answers.filter(
      (each) => each.class === internet && nameKey(each.name) === nameKey(owner),
    );
    const found = own.filter((each) => each.type === typeNumbers[type]);
    const alias = type === 'CNAME' ? undefined : own.find((each) => each.type === typeNumbers.CNAME);
    if (found.length === 0 && !alias) return nothing;
    if (!isWildcard(owner) && !(await this.isThere(zone, owner))) return nothing;
    if (alias) return { ...nothing, alias: decoded(answer.message, 'CNAME', alias).text };
    return {
      ...nothing,
      ttl: Math.min(...found.map(({ ttl }) => ttl)),
      records: found
        .map((each) => decoded(answer.message, type, each))
        .sort((a, b) => (a.text < b.text ? -1 : 1)),
    };
  }

  /** Reads at the top of each zone: whether the server has them all, and believes the key. */
  async readZones(): Promise<void> {
    for (const zone of this.zones) await this.read(nameToText(zone), 'TXT');
  }

  /**
   * Puts records in the place of those that were read, all or nothing, and only if they are those still. Rejects where they are not,
   * to be tried again.
   */
  async replace(from: RecordSet, ttl: number, data: readonly Buffer[]): Promise<void> {
    const owner = labels(from.name);
    const type = typeNumbers[from.type];
    const doing = `could not change ${from.type} of ${from.name}`;
    const record = (of: number, time: number, each: Buffer): Part => ({
      name: owner,
      type,
      class: of,
      ttl: time,
      data: each,
    });
    const prerequisites: Part[] = from.records.map(({ data: each }) =>
      record(internet, 0, Buffer.from(each, 'base64')),
    );
    if (prerequisites.length === 0) prerequisites.push(...absent(owner, from.type));
    const changes = [
      ...(from.records.length > 0 ? [record(any, 0, noData)] : []),
      ...data.map((each) => record(internet, ttl, each)),
    ];
    const { code } = await this.ask(
      update(randomInt(0x10000), labels(from.zone), prerequisites, changes),
      doing,
    );
    if (code === codes.nameThere)
      throw new PermanentFailure(
        `${from.name} has records of other types, beside which there can be no CNAME. Remove those first.`,
        { status: code },
      );
    if (code !== codes.noError) throw failureOfCode(code, doing);
  }

  /** Not by a wildcard: an update that changes nothing tells, since what it depends on is compared with the zone itself. */
  private async isThere(zone: readonly Buffer[], owner: readonly Buffer[]): Promise<boolean> {
    const inUse: Part = { name: owner, type: typeAny, class: any, ttl: 0, data: noData };
    const { code } = await this.ask(update(randomInt(0x10000), zone, [inUse], []), reading(owner));
    if (code === codes.nameMissing) return false;
    // The key may only read.
    if (code === codes.noError || code === codes.refused) return true;
    throw failureOfCode(code, reading(owner));
  }

  private zoneOf(owner: readonly Buffer[]): Buffer[] {
    const zone = this.zones.find((each) => isWithin(owner, each));
    if (zone) return zone;
    throw new PermanentFailure(
      `${nameToText(owner)} is in none of the zones under connectors: dns: zones: in countersign.yaml. There are: ${this.settings.zones.join(', ')}.`,
    );
  }

  /** Signed, and so is the answer, or it is not believed. */
  private async ask(message: Buffer, doing: string): Promise<Answer & { message: Buffer }> {
    this.signal.throwIfAborted();
    const { server: host, port = 53 } = this.settings;
    const request = sign(message, this.key, now());
    if (request.message.length > largestMessage)
      throw new PermanentFailure(`DNS ${doing}: all its records are more than one message can hold.`);
    const received = await exchange({ host, port }, request.message, this.signal);
    try {
      const answer = answerOf(received);
      const doubt = doubtOf(received, answer, this.key, request.mac, now());
      if (doubt) throw failureOfDoubt(doubt, this.key.name, answer.code);
      if (answer.id !== message.readUInt16BE(0) || answer.truncated)
        throw new RetryableFailure(`DNS ${doing}: the answer is to another question, or not whole.`);
      return { ...answer, message: received };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new PermanentFailure(`DNS ${doing}: the answer cannot be read: ${error.message}.`, {
        cause: error,
      });
    }
  }
}

/** Of what shall stand there. */
export function dataOf(type: RecordType, text: string): Buffer {
  return named(() => encodeData(type, text));
}

/** An address stands for the name under which its PTR is. */
export function ownerOf(name: string, type: RecordType): string {
  if (type !== 'PTR') return name;
  if (isIPv4(name)) return `${name.split('.').reverse().join('.')}.in-addr.arpa`;
  if (isIPv6(name)) return `${[...encodeData('AAAA', name).toString('hex')].reverse().join('.')}.ip6.arpa`;
  return name;
}

/** Nothing of the kind; no CNAME, which servers would keep alone, silently; and beside a new CNAME nothing at all. */
function absent(name: readonly Buffer[], type: RecordType): Part[] {
  const part = (of: number): Part => ({ name, type: of, class: none, ttl: 0, data: noData });
  return type === 'CNAME' ? [part(typeAny)] : [part(typeNumbers[type]), part(typeNumbers.CNAME)];
}

function decoded(message: Buffer, type: RecordType, { at, length }: Record) {
  const { text, data } = decodeData(type, message, at, length);
  return { text, data: data.toString('base64') };
}

function labels(name: string): Buffer[] {
  return named(() => labelsOf(name));
}

function named<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof BadName) throw new PermanentFailure(error.message, { cause: error });
    throw error;
  }
}

function delegated(owner: readonly Buffer[]): PermanentFailure {
  return new PermanentFailure(
    `The DNS server does not answer for ${nameToText(owner)} itself: it is delegated to another, which must be asked, or the server is no primary of the zone.`,
  );
}

function reading(owner: readonly Buffer[]): string {
  return `could not read ${nameToText(owner)}`;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
