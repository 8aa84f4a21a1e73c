/** What Jira Cloud sends when an issue changes status: body and headers as its system webhooks have them. */
import { createHmac, randomUUID } from 'node:crypto';
import type { Issue } from './issues.ts';
import { issueFields } from './routes.ts';

export interface JiraDelivery {
  headers: Record<string, string>;
  body: string;
}

export interface DeliveryOptions {
  from: string;
  to: string;
  /** The webhook's secret, with which the body is signed. */
  secret: string;
  /** Who moved the issue. */
  actor?: { displayName: string; emailAddress: string };
  baseUrl: string;
  identifier?: string;
  timestamp?: number;
}

export function buildJiraDelivery(issue: Issue, options: DeliveryOptions): JiraDelivery {
  const timestamp = options.timestamp ?? Date.now();
  const actor = options.actor ?? { displayName: 'Sam Lindqvist', emailAddress: 'sam.lindqvist@example.com' };
  const body = JSON.stringify({
    timestamp,
    webhookEvent: 'jira:issue_updated',
    issue_event_type_name: 'issue_generic',
    user: {
      self: `${options.baseUrl}/rest/api/2/user?accountId=5b10ac8d82e05b22cc7d4ef5`,
      accountId: '5b10ac8d82e05b22cc7d4ef5',
      ...actor,
      active: true,
      timeZone: 'Europe/Berlin',
      accountType: 'atlassian',
    },
    issue: {
      id: issue.id,
      self: `${options.baseUrl}/rest/api/2/${issue.id}`,
      key: issue.key,
      fields: { ...issueFields(issue), updated: new Date(timestamp).toISOString().replace('Z', '+0000') },
    },
    changelog: {
      id: String(timestamp),
      items: [
        {
          field: 'status',
          fieldtype: 'jira',
          fieldId: 'status',
          from: '10001',
          fromString: options.from,
          to: '10002',
          toString: options.to,
        },
      ],
    },
  });
  const signature = createHmac('sha256', options.secret).update(body).digest('hex');
  return {
    body,
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      'user-agent': 'Atlassian Webhook HTTP Client',
      'x-atlassian-webhook-identifier': options.identifier ?? randomUUID(),
      'x-hub-signature': `sha256=${signature}`,
    },
  };
}
