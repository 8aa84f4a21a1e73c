/**
 * What a Jira system webhook says. Senders are ragged: fields are missing, numbers stand where text is expected, templates
 * are left unrendered. Whatever cannot be read gets an answer that says so, never a crash and never a wrong run.
 */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../compiler/plan.ts';
import type { Principal, Ticket } from '../../workflows/messages.ts';

/** A ticket that moved from one status to another. */
export interface Transition {
  system: 'jira';
  /** The same for every report of this transition. */
  key: string;
  project: string;
  type: string;
  from: string;
  to: string;
  ticket: Ticket;
  requester: Principal;
  /** Who moved or changed it. */
  by: Principal;
  /** Ids of the fields that changed with it. */
  changed: string[];
  /** What `on.ticket.inputs` reads as `ticket`. */
  payload: JsonObject;
}

/** A ticket that was changed without moving. */
export type Edit = Pick<Transition, 'system' | 'key' | 'ticket' | 'payload' | 'by' | 'changed'>;

export type Reading = { transition: Transition } | { edit: Edit } | { notForUs: string };

export function readJiraDelivery(body: JsonObject): Reading {
  const event = text(body.webhookEvent);
  const issue = object(body.issue);
  if (!issue) return { notForUs: 'it is not about an issue' };
  const key = text(issue.key);
  if (!key || key.includes('{{'))
    return { notForUs: 'it names no issue (issue.key is missing or not filled in)' };
  if (event !== 'jira:issue_updated') {
    return {
      notForUs: event
        ? `the event is ${event}, not a change of status`
        : 'it is not an event (webhookEvent is missing)',
    };
  }
  const change = statusChange(body);
  const fields = object(issue.fields);
  if (!fields) return { notForUs: `${key} came without its fields` };
  const id = text(issue.id) || key;
  const ticket = {
    system: 'jira',
    key,
    id,
    url: browseUrl(text(issue.self), key),
    summary: text(fields.summary),
  };
  const common = {
    system: 'jira' as const,
    ticket,
    payload: { ...issue, key, fields },
    by: actorOf(body),
    changed: changedFields(body),
  };
  if (!change || change.from === change.to) {
    const moment = changeId(body, { from: 'edit', to: 'edit' });
    return { edit: { ...common, key: `${id}:${moment}` } };
  }
  return {
    transition: {
      ...common,
      key: `${id}:${changeId(body, change)}`,
      project: text(object(fields.project)?.key) || key.replace(/-\d+$/, ''),
      type: text(object(fields.issuetype)?.name),
      from: change.from,
      to: change.to,
      requester: requesterOf(fields, body),
    },
  };
}

/** The same for every try of one delivery: Jira's own identifier, else what was sent. */
export function jiraDeliveryKey(identifier: string | undefined, body: Buffer): string {
  return identifier ?? `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

function changedFields(body: JsonObject): string[] {
  const items = object(body.changelog)?.items;
  if (!Array.isArray(items)) return [];
  return items.map((item) => text(object(item)?.fieldId) || text(object(item)?.field)).filter(Boolean);
}

function statusChange(body: JsonObject): { from: string; to: string } | undefined {
  const items = object(body.changelog)?.items;
  if (!Array.isArray(items)) return undefined;
  for (const item of items) {
    const change = object(item);
    // `toString` is also what every object inherits: only the item's own counts.
    if (!change || text(change.field) !== 'status' || !Object.hasOwn(change, 'toString')) continue;
    const to = text(change.toString as unknown);
    if (to) return { from: text(change.fromString), to };
  }
  return undefined;
}

/** Jira numbers changes; where it did not say the number, the moment of the change tells it from others. */
function changeId(body: JsonObject, change: { from: string; to: string }): string {
  const id = text(object(body.changelog)?.id);
  if (id) return id;
  const fields = object(object(body.issue)?.fields);
  const moment = text(fields?.updated) || text(body.timestamp);
  return `${change.from}>${change.to}@${moment}`;
}

function actorOf(body: JsonObject): Principal {
  const user = object(body.user);
  const address = text(user?.emailAddress).toLowerCase();
  const name = text(user?.displayName);
  return {
    id: address.includes('@') ? address : `jira:${text(user?.accountId) || 'unknown'}`,
    ...(name ? { name } : {}),
    roles: [],
  };
}

/** Who asked: the reporter; where Jira hides addresses, whoever moved the ticket; else nobody we know. */
function requesterOf(fields: JsonObject, body: JsonObject): Principal {
  const people = [object(fields.reporter), object(fields.creator), object(body.user)];
  const known = people.find((person) => text(person?.emailAddress).includes('@'));
  const first = known ?? people.find((person) => person !== undefined);
  const id = text(known?.emailAddress).toLowerCase() || `jira:${text(first?.accountId) || 'unknown'}`;
  const name = text(first?.displayName);
  return { id, ...(name ? { name } : {}), roles: [] };
}

function browseUrl(self: string, key: string): string {
  try {
    return `${new URL(self).origin}/browse/${key}`;
  } catch {
    return '';
  }
}

function object(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}
