/**
 * What the gateway must know of a ticket system: how it signs its deliveries, and what they say. A system is one file,
 * `connectors/NAME/tickets.yaml`. Pure, so that `countersign trigger test` says what the gateway would do.
 */

import { addressOf } from '../plan/address.ts';
import type { DeclaredTicketSystem } from '../plan/declared-tickets.ts';
import { defined } from '../plan/defined.ts';
import { isTooDeep } from '../plan/depth.ts';
import type { JsonObject } from '../plan/plan.ts';
import { withoutReferences } from '../vault/references.ts';
import type { Principal, Ticket } from '../workflows/messages.ts';

export interface TicketSystem {
  /** Its name in `on.ticket.system`, under `tickets:` in countersign.yaml, and in /hooks/NAME. */
  name: string;
  /** As people call it. */
  title: string;
  /** What the keys of a trigger mean there. */
  words: Record<string, string>;
  setup: DeclaredTicketSystem['setup'];
  /** Why the delivery is not believed; undefined when it is. */
  doubt(delivery: RawDelivery, secret: string): string | undefined;
  /** Must not throw: whatever cannot be read is `notForUs`, saying why. */
  read(body: JsonObject): Reading;
}

/** As it came, nothing about it believed. */
export interface RawDelivery {
  header(name: string): string | undefined;
  /** Signatures are over these very bytes. */
  body: Buffer;
  /** Milliseconds since 1970. */
  receivedAt: number;
}

export type Reading =
  | { transition: Transition }
  | { edit: Change }
  | { deletion: Change }
  /** `unfit` is from whom it says, and not of the form that they send: somebody must look. */
  | { notForUs: string; unfit?: true };

/** A ticket that was changed without moving. */
export interface Change {
  system: string;
  /** The same for every report of this change. */
  key: string;
  ticket: Ticket;
  /** Who changed it. */
  by: Principal;
  /** What changed with it: the id of a field, or `variables.NAME`. */
  changed: string[];
  /** What expressions read as `ticket`. */
  payload: JsonObject;
  /** Its place among the changes of the ticket, as far as the system says. */
  order?: ChangeOrder;
}

export interface ChangeOrder {
  /** The system's own number: of two changes of a ticket the newer one has the greater. */
  number?: number;
  /** When it was changed, by the system's clock: milliseconds since 1970. Compared where one of two has no number. */
  at?: number;
}

/** A whole number that a system counts with; undefined for anything else. */
export function countOf(value: unknown): number | undefined {
  const digits = text(value);
  const number = Number(digits);
  return /^\d{1,15}$/.test(digits) && Number.isSafeInteger(number) ? number : undefined;
}

/** A moment as systems write it, in milliseconds since 1970. */
export function momentOf(value: unknown): number | undefined {
  // Jira: 2026-11-25T09:00:00.000+0000
  const at =
    typeof value === 'number' ? value : Date.parse(text(value).replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isFinite(at) && at > 0 ? at : undefined;
}

/** A ticket that moved from one status to another. */
export interface Transition extends Change {
  project: string;
  type: string;
  /** What else a trigger may call its type: the request type of a service desk, by which people asked. */
  requestType?: string;
  /** Undefined where the system does not say, or the ticket is new. */
  from?: Status;
  to: Status;
  requester: Principal;
}

export interface Status {
  /** As people read it: Implement. */
  label: string;
  /** As the system stores it, where that is another: -1. */
  value?: string;
}

/** What a delivery says of a ticket, and what became of the ticket: where it moved to, or that it is gone. */
export function changeIn(reading: Exclude<Reading, { notForUs: string }>): {
  change: Change;
  became: Became | undefined;
} {
  if ('transition' in reading) return { change: reading.transition, became: reading.transition.to };
  if ('deletion' in reading) return { change: reading.deletion, became: 'deleted' };
  return { change: reading.edit, became: undefined };
}

export type Became = Status | 'deleted';

/**
 * Whether two names are of one ticket. Its id stays when it moves to another project and gets another key; of a ticket that
 * somebody named by hand only the key is known.
 */
export function isSameTicket(a: Ticket, b: Ticket): boolean {
  if (a.system !== b.system) return false;
  return a.id === b.id || ((a.id === a.key || b.id === b.key) && a.key === b.key);
}

/** Whether a runbook's `to` or `from` means this status. */
export function isStatus(status: Status, wanted: string): boolean {
  return same(status.label, wanted) || (status.value !== undefined && same(status.value, wanted));
}

/** Names of statuses, types and projects are written by people: case and spaces around them say nothing. */
export function same(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

/** The body as an object, without anything that a run would take for a reference; undefined when it is none, or nested too deeply. */
export function parseBody(raw: string): JsonObject | undefined {
  try {
    const body = JSON.parse(raw);
    return isTooDeep(body) ? undefined : object(withoutReferences(body));
  } catch {
    return undefined;
  }
}

export function object(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** Numbers stand where text is expected, in what senders send. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}

/** Somebody as a principal: by address, else by the system's own id for them. */
export function principalOf(system: string, address: unknown, id: unknown, name: unknown): Principal {
  return {
    id: addressOf(text(address)) ?? `${system}:${text(id) || 'unknown'}`,
    ...defined({ name: text(name) || undefined }),
    roles: [],
  };
}

/** Only an address that a browser opens as a page: it becomes a link. */
export function webAddress(url: string): string {
  return /^https?:\/\//.test(url) ? url : '';
}
