/**
 * Jira: what a system webhook says, alone or as a post function of a workflow, and the bare issue that a rule of Jira Automation
 * sends. Senders are ragged: fields are missing, numbers stand where text is expected, templates are left unrendered. Whatever
 * cannot be read gets an answer that says so, never a crash and never a wrong run.
 */
import { defined } from '../plan/defined.ts';
import type { JsonObject } from '../plan/plan.ts';
import type { Principal } from '../workflows/messages.ts';
import {
  type Change,
  countOf,
  momentOf,
  object,
  principalOf,
  type Reading,
  same,
  type Transition,
  text,
} from './ticket-system.ts';

export function readJira(body: JsonObject): Reading {
  return isBareIssue(body) ? readBareIssue(body) : readWebhook(body);
}

function readWebhook(body: JsonObject): Reading {
  const event = text(body.webhookEvent);
  const issue = object(body.issue);
  if (!issue) return { notForUs: 'it is not about an issue' };
  const key = text(issue.key);
  if (isUnfilled(key)) return { notForUs: 'it names no issue (issue.key is missing or not filled in)' };
  if (!event && !object(body.transition)) return { notForUs: neither };
  if (event && !Object.hasOwn(events, event))
    return {
      notForUs: `the event is ${event}. Let the webhook send Issue: created, updated and deleted, and nothing else`,
    };
  const fields = object(issue.fields);
  // What is gone need say no more than which it was.
  if (!fields && event !== 'jira:issue_deleted') return { notForUs: `${key} came without its fields` };
  return (events[event] ?? readPostFunction)({ body, issue, key, fields: fields ?? {} });
}

const neither =
  'it is neither an event of a webhook (webhookEvent is missing) nor the call of a post function (transition is missing). Send the webhook of `countersign trigger setup jira`';

interface Webhook {
  body: JsonObject;
  issue: JsonObject;
  key: string;
  fields: JsonObject;
}

const events: Record<string, (webhook: Webhook) => Reading> = {
  'jira:issue_updated': readUpdate,
  'jira:issue_created': readCreation,
  'jira:issue_deleted': readDeletion,
};

function readUpdate(webhook: Webhook): Reading {
  const { body } = webhook;
  const change = statusChange(body);
  if (change && !same(change.from, change.to))
    return transitionOf(webhook, { ...change, name: changeId(body, `${change.from}>${change.to}`) });
  const { common, id } = commonOf(webhook);
  return { edit: { ...common, key: `${id}:${changeId(body, 'edit>edit')}` } };
}

/** An issue may be created in the very status that starts a run. */
function readCreation(webhook: Webhook): Reading {
  const to = text(object(webhook.fields.status)?.name);
  if (!to) return { notForUs: `${webhook.key} was created, and came without its status` };
  return transitionOf(webhook, { from: '', to, name: 'created' });
}

function readDeletion(webhook: Webhook): Reading {
  const { common, id } = commonOf(webhook);
  return { deletion: { ...common, key: `${id}:deleted` } };
}

/**
 * A post function of a workflow calls a webhook while the issue moves: it names the transition, and no event. Whether the issue
 * has its new status already depends on where in the workflow it stands, so that what the transition says counts.
 */
function readPostFunction(webhook: Webhook): Reading {
  const { body, fields } = webhook;
  const transition = object(body.transition) ?? {};
  const [from, to] = [text(transition.from_status), text(transition.to_status)];
  if (!to)
    return {
      notForUs: `it is the call of a post function that does not say where ${webhook.key} moved to (transition.to_status is missing)`,
    };
  const moment = text(body.timestamp) || text(fields.updated);
  const reading = transitionOf(webhook, {
    from,
    to,
    name: `${text(transition.transitionId)}>${to}@${moment}`,
  });
  const payload = {
    ...reading.transition.payload,
    fields: { ...fields, status: statusNamed(fields.status, to) },
  };
  return { transition: { ...reading.transition, payload, changed: ['status'] } };
}

/** As the rest of the issue will say in a moment. */
function statusNamed(status: unknown, name: string): JsonObject {
  const known = object(status);
  return known && same(text(known.name), name) ? known : { name };
}

function transitionOf(
  webhook: Webhook,
  { from, to, name }: { from: string; to: string; name: string },
): Extract<Reading, { transition: unknown }> {
  const { key, fields } = webhook;
  const { common, id } = commonOf(webhook);
  return {
    transition: {
      ...common,
      ...whatItIs(key, fields),
      key: `${id}:${name}`,
      ...defined({ from: from ? { label: from } : undefined }),
      to: { label: to },
      requester: requesterOf(fields),
    },
  };
}

function commonOf({ body, issue, key, fields }: Webhook) {
  const order = defined({
    number: countOf(object(body.changelog)?.id),
    at: momentOfChange(body, fields),
  });
  const common = { ...changeOf(issue, key, fields), by: actorOf(body), changed: changedFields(body), order };
  return { common, id: common.ticket.id };
}

/** An issue that was updated says when; only of the rest the sending tells more. */
function momentOfChange(body: JsonObject, fields: JsonObject): number | undefined {
  const [updated, sent] = [momentOf(fields.updated), momentOf(body.timestamp)];
  return text(body.webhookEvent) === 'jira:issue_updated' ? (updated ?? sent) : (sent ?? updated);
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
      order: defined({ at: momentOf(updated) }),
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

function whatItIs(key: string, fields: JsonObject): Pick<Transition, 'project' | 'type' | 'requestType'> {
  return {
    project: text(object(fields.project)?.key) || key.replace(/-\d+$/, ''),
    type: text(object(fields.issuetype)?.name),
    ...defined({ requestType: requestTypeOf(fields) }),
  };
}

/** Of Jira Service Management: in a field whose number each site gives itself. */
function requestTypeOf(fields: JsonObject): string | undefined {
  const names = Object.values(fields).map((field) => text(object(object(field)?.requestType)?.name));
  return names.find(Boolean);
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
function changeId(body: JsonObject, what: string): string {
  const id = text(object(body.changelog)?.id);
  if (id) return id;
  const fields = object(object(body.issue)?.fields);
  const moment = text(fields?.updated) || text(body.timestamp);
  return `${what}@${moment}`;
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
