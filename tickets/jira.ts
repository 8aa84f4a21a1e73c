/**
 * Jira: what a system webhook says, and the bare issue that a rule of Jira Automation sends. Senders are ragged: fields are
 * missing, numbers stand where text is expected, templates are left unrendered. Whatever cannot be read gets an answer
 * that says so, never a crash and never a wrong run.
 */
import { defined } from '../plan/defined.ts';
import type { JsonObject } from '../plan/plan.ts';
import type { Principal } from '../workflows/messages.ts';
import { jiraSignatureProblem, sharedSecretProblem } from './signature.ts';
import {
  type Change,
  object,
  principalOf,
  type Reading,
  same,
  type TicketSystem,
  text,
} from './ticket-system.ts';

export const jira: TicketSystem = {
  name: 'jira',
  title: 'Jira',
  doubt({ header, body }, secret) {
    const signature = header('x-hub-signature');
    // Jira Automation can sign nothing; it sends a header of ours.
    const shared = header('x-countersign-secret');
    if (signature === undefined && shared !== undefined)
      return sharedSecretProblem(shared, secret, 'Jira Automation');
    return jiraSignatureProblem(signature, body, secret);
  },
  nameOf: ({ header }) => header('x-atlassian-webhook-identifier'),
  read: (body) => (isBareIssue(body) ? readBareIssue(body) : readWebhook(body)),
};

function readWebhook(body: JsonObject): Reading {
  const event = text(body.webhookEvent);
  const issue = object(body.issue);
  if (!issue) return { notForUs: 'it is not about an issue' };
  const key = text(issue.key);
  if (isUnfilled(key)) return { notForUs: 'it names no issue (issue.key is missing or not filled in)' };
  if (event !== 'jira:issue_updated') {
    return {
      notForUs: event
        ? `the event is ${event}, not a change of status`
        : 'it is not an event (webhookEvent is missing)',
    };
  }
  const fields = object(issue.fields);
  if (!fields) return { notForUs: `${key} came without its fields` };
  const change = statusChange(body);
  const { id } = ticketOf(issue, key, fields);
  const common = { ...changeOf(issue, key, fields), by: actorOf(body), changed: changedFields(body) };
  if (!change || same(change.from, change.to)) {
    const moment = changeId(body, { from: 'edit', to: 'edit' });
    return { edit: { ...common, key: `${id}:${moment}` } };
  }
  return {
    transition: {
      ...common,
      ...whatItIs(key, fields),
      key: `${id}:${changeId(body, change)}`,
      ...defined({ from: change.from ? { label: change.from } : undefined }),
      to: { label: change.to },
      requester: requesterOf(fields),
    },
  };
}

/** Jira Automation's "Issue data (Jira format)". */
function isBareIssue(body: JsonObject): boolean {
  return body.webhookEvent === undefined && body.issue === undefined && object(body.fields) !== undefined;
}

/** It says neither what changed nor who did it: the status it has now is the one that the rule's trigger was about. */
function readBareIssue(issue: JsonObject): Reading {
  const key = text(issue.key);
  const fields = object(issue.fields) ?? {};
  if (isUnfilled(key)) return { notForUs: 'it names no issue (key is missing or not filled in)' };
  const status = text(object(fields.status)?.name);
  const updated = text(fields.updated);
  if (!status || !updated)
    return { notForUs: `${key} came without its status or without the moment of its last update` };
  const requester = requesterOf(fields);
  return {
    transition: {
      ...changeOf(issue, key, fields),
      ...whatItIs(key, fields),
      key: `${text(issue.id) || key}:${status}@${updated}`,
      by: principalOf('jira', undefined, 'automation', 'Jira Automation'),
      changed: [],
      to: { label: status },
      requester,
    },
  };
}

function isUnfilled(key: string): boolean {
  return !key || key.includes('{{');
}

function changeOf(
  issue: JsonObject,
  key: string,
  fields: JsonObject,
): Pick<Change, 'system' | 'ticket' | 'payload'> {
  return {
    system: 'jira',
    ticket: ticketOf(issue, key, fields),
    payload: { ...issue, key, fields },
  };
}

function ticketOf(issue: JsonObject, key: string, fields: JsonObject): Change['ticket'] {
  return {
    system: 'jira',
    key,
    id: text(issue.id) || key,
    url: browseUrl(text(issue.self), key),
    summary: text(fields.summary),
  };
}

function whatItIs(key: string, fields: JsonObject): { project: string; type: string } {
  return {
    project: text(object(fields.project)?.key) || key.replace(/-\d+$/, ''),
    type: text(object(fields.issuetype)?.name),
  };
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
  return principalOf('jira', user?.emailAddress, user?.accountId, user?.displayName);
}

/**
 * Who asked: the reporter, or whoever entered the ticket where it names none. Where Jira hides the address it is their account id, and
 * never another person: whoever moved the ticket did not ask for it, and may sign.
 */
function requesterOf(fields: JsonObject): Principal {
  const asker = object(fields.reporter) ?? object(fields.creator);
  return principalOf('jira', asker?.emailAddress, asker?.accountId, asker?.displayName);
}

function browseUrl(self: string, key: string): string {
  try {
    return `${new URL(self).origin}/browse/${key}`;
  } catch {
    return '';
  }
}
