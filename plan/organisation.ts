/** What all stages must know of an organisation's people and times: the roles of its configuration, and questions about its calendars. */
import type { JsonObject } from './plan.ts';

export interface Role {
  people: string[];
  description?: string;
  entraGroup?: string;
  /** `role:NAME` of those who may enter the votes that this role's members gave in a meeting. */
  recordedBy?: string;
  /** The older way to say it: may enter anybody's votes given in a meeting. */
  records?: boolean;
  /** Where its people are told besides the mail: a channel of each, or in Slack each of them (`direct`). */
  chat?: { slack?: string; teams?: string };
  /** Its people see everything and do nothing. */
  readOnly?: boolean;
  /** Whom a member may name to stand in for them, besides the other members: addresses and `role:NAME`. */
  standIns?: string[];
  delegates?: Record<string, string>;
  absences?: { person: string; from: string; to: string; delegate?: string }[];
}

/** The part of the configuration that says when something may happen. */
export interface CalendarConfiguration {
  /** Name -> its settings. */
  calendars: Record<string, JsonObject>;
  /** Name of the calendar whose days are no working days. */
  holidays?: string;
  /** IANA zone in which business days are counted. */
  timezone: string;
}

/** A moment that takes a calendar or a time zone to compute. */
export type MomentInput =
  | { after: { ms: number } | { businessDays: number }; from: number }
  /** A date (its midnight) or a local date and time, in the organisation's time zone or the one behind it in brackets. */
  | { text: string };

export interface MomentResult {
  at: number;
}

export interface WindowInput {
  calendar: string;
  freeze: string[];
  needsMs: number;
  now: number;
}

/** When the next window with enough time opens (in the past when it is open now) and closes, and why not before. */
export interface WindowResult {
  opensAt: number;
  closesAt: number;
  name: string;
  frozenBy?: string;
}
