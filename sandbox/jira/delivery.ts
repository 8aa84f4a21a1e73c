/** What Jira Cloud sends when an issue changes: body and headers as its system webhooks have them. */

import { createHmac, randomUUID } from 'node:crypto';
import { defined } from '../../plan/defined.ts';
import { reporter } from './forms.ts';
import type { Issue } from './issues.ts';
import { issueFields, jiraTime } from './shapes.ts';
import { statusBody, statuses } from './workflow.ts';

export interface JiraDelivery {
  headers: Record<string, string>;
  body: string;
}

/** A field that changed. Jira has two forms of each value: its id, and as people read it. */
export interface FieldChange {
  field: string;
  fieldId: string;
  from: string | null;
  fromString: string | null;
  to: string | null;
  toString: string | null;
}

export type WebhookEvent = 'jira:issue_updated' | 'jira:issue_created' | 'jira:issue_deleted';

export interface DeliveryOptions {
  /** A change of the issue unless said. */
  event?: WebhookEvent;
  issueKey: string;
  issueId?: string;
  /** All fields of the issue as they are now. The status is made from `to`. */
  fields: Record<string, unknown>;
  /** Names of the statuses. Without them, the delivery tells of `changes` alone. */
  from?: string;
  to?: string;
  /** Other fields that changed. */
  changes?: FieldChange[];
  /** The webhook's secret, with which the body is signed. Without it, the delivery is not signed. */
  secret?: string;
  /** Who did it; the reporter of the seed unless said. */
  actor?: { accountId?: string; displayName: string; emailAddress: string };
  /** Of the Jira site. */
  baseUrl?: string;
  /** The same for every try of one delivery. */
  identifier?: string;
  /** Milliseconds. */
  timestamp?: number;
}

export function buildJiraDelivery(options: DeliveryOptions): JiraDelivery {
  const { event = 'jira:issue_updated', issueKey, issueId = '20000' } = options;
  const { timestamp = Date.now(), actor = reporter } = options;
  // Webhooks show addresses of version 2, whatever version their receivers use.
  const api = `${options.baseUrl ?? 'https://example.atlassian.net'}/rest/api/2`;
  const accountId = actor.accountId ?? `sandbox:${actor.emailAddress}`;
  const body = JSON.stringify({
    timestamp,
    webhookEvent: event,
    issue_event_type_name: eventType(options),
    user: {
      self: `${api}/user?accountId=${encodeURIComponent(accountId)}`,
      accountId,
      displayName: actor.displayName,
      emailAddress: actor.emailAddress,
      active: true,
      timeZone: 'Europe/Berlin',
      accountType: 'atlassian',
    },
    issue: {
      id: issueId,
      self: `${api}/${issueId}`,
      key: issueKey,
      fields: {
        ...options.fields,
        ...defined({
          status: options.to && statusBody(options.to, api),
          statuscategorychangedate: options.to && jiraTime(timestamp),
        }),
        updated: jiraTime(timestamp),
      },
    },
    ...(event === 'jira:issue_updated' && { changelog: { id: String(timestamp), items: itemsOf(options) } }),
  });
  const { secret } = options;
  return {
    body,
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      'user-agent': 'Atlassian Webhook HTTP Client',
      'x-atlassian-webhook-identifier': options.identifier ?? randomUUID(),
      ...defined({ 'x-hub-signature': secret === undefined ? undefined : signatureOf(body, secret) }),
    },
  };
}

function eventType({ event, to }: DeliveryOptions): string {
  if (event === 'jira:issue_deleted') return 'issue_deleted';
  if (event === 'jira:issue_created') return 'issue_created';
  return to ? 'issue_generic' : 'issue_updated';
}

/** Atlassian: Validating webhook deliveries. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** The delivery that tells of a change of an issue of ours. */
export function deliveryOf(
  issue: Issue,
  change: Pick<
    DeliveryOptions,
    'event' | 'from' | 'to' | 'changes' | 'secret' | 'actor' | 'identifier' | 'baseUrl'
  >,
): JiraDelivery {
  return buildJiraDelivery({
    issueKey: issue.key,
    issueId: issue.id,
    fields: issueFields(issue, `${change.baseUrl ?? ''}/rest/api/2`),
    ...change,
  });
}

/** Changes of fields by id, given what they were. */
export function changesOf(before: Record<string, unknown>, after: Record<string, unknown>): FieldChange[] {
  return Object.entries(after).map(([fieldId, value]) => ({
    field: fieldId,
    fieldId,
    from: asText(before[fieldId]),
    fromString: asText(before[fieldId]),
    to: asText(value),
    toString: asText(value),
  }));
}

function itemsOf({ from, to, changes = [] }: DeliveryOptions) {
  const others = changes.map((change) => ({
    ...change,
    fieldtype: change.fieldId.startsWith('customfield_') ? 'custom' : 'jira',
  }));
  if (!to) return others;
  const status = {
    field: 'status',
    fieldtype: 'jira',
    fieldId: 'status',
    from: from === undefined ? null : (statuses[from]?.id ?? '10000'),
    fromString: from ?? null,
    to: statuses[to]?.id ?? '10000',
    toString: to,
  };
  return [status, ...others];
}

function asText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
