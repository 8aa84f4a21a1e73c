/** What the actions that change records have in common: look, compare, write what is to stand there. */
import { ensure, type Outcome } from '../kit/ensure.ts';
import { type DnsClient, dataOf, ownerOf, type RecordSet } from './client.ts';
import { dataKey, type RecordType } from './wire/record-data.ts';

interface Wanted {
  name: string;
  type: RecordType;
}

/** What shall stand there. */
export interface Target {
  ttl: number;
  /** As `value` of an action is written. */
  values: string[];
}

interface Parts<Input extends Wanted, Output extends object> {
  target(found: RecordSet, input: Input): Target;
  problem?(found: RecordSet, input: Input): string | undefined;
  output(outcome: Outcome<RecordSet, void>, input: Input): Output;
}

export function ensureRecords<Input extends Wanted, Output extends object>(parts: Parts<Input, Output>) {
  const isDone = (found: RecordSet, input: Input) => {
    const target = parts.target(found, input);
    return sameValues(found, target.values) && (target.values.length === 0 || target.ttl === found.ttl);
  };
  return ensure<Input, DnsClient, RecordSet, Output>({
    look: (input, { client }) => client.read(ownerOf(input.name, input.type), input.type),
    isDone,
    problem: (found, input) =>
      found.alias === undefined
        ? parts.problem?.(found, input)
        : `${found.name} is another name of ${found.alias} (CNAME), and has no other records. Remove the CNAME first.`,
    change: (found, input, { client }) => {
      const { ttl, values } = parts.target(found, input);
      return client.replace(found, ttl, unlike(found.type, values));
    },
    output: parts.output,
    words: {
      done: (found, input) =>
        `${found.type} of ${found.name} is ${words(parts.target(found, input))} already`,
      would: (found, input) =>
        found === undefined
          ? `would look at ${input.type} of ${input.name}`
          : `would change ${found.type} of ${found.name} from ${words(present(found))} to ${words(parts.target(found, input))}`,
      lines: (found, input) => ({
        before: lines(found, present(found)),
        after: lines(found, parts.target(found, input)),
      }),
    },
  });
}

export function present({ ttl, records }: RecordSet): Target {
  return { ttl, values: records.map(({ text }) => text) };
}

/** Whether two mean the same: `MAIL.example.com.` and `mail.example.com`. */
export function sameValue(type: RecordType, one: string, other: string): boolean {
  return keyOf(type, one) === keyOf(type, other);
}

export function sameValues({ type, records }: RecordSet, values: readonly string[]): boolean {
  const there = new Set(records.map(({ data }) => dataKey(type, Buffer.from(data, 'base64'))));
  const wanted = new Set(values.map((each) => keyOf(type, each)));
  return there.size === wanted.size && [...wanted].every((each) => there.has(each));
}

export function inWords(found: RecordSet): string {
  return words(present(found));
}

function words({ ttl, values }: Target): string {
  return values.length === 0 ? 'nothing' : `${values.join(', ')} (TTL ${ttl})`;
}

/** As a zone's file has them. */
function lines({ name, type }: RecordSet, { ttl, values }: Target): string[] {
  return values.map((value) => `${name} ${ttl} ${type} ${value}`);
}

/** The data of each, once. */
function unlike(type: RecordType, values: readonly string[]): Buffer[] {
  return [...new Map(values.map((each) => [keyOf(type, each), dataOf(type, each)])).values()];
}

function keyOf(type: RecordType, text: string): string {
  return dataKey(type, dataOf(type, text));
}
