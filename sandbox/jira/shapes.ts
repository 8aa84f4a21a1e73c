/** Issues and comments as Jira's REST API and its webhooks show them. */
import { defined } from '../../plan/defined.ts';
import { credentials } from './credentials.ts';
import type { Comment, Issue } from './issues.ts';
import { statusBody } from './workflow.ts';

/** Jira writes the offset without a colon. */
export function jiraTime(time: string | number): string {
  return new Date(time).toISOString().replace('Z', '+0000');
}

/** `api` is the address with the version: webhooks show version 2, the API version 3. */
export function issueFields(issue: Issue, api: string): Record<string, unknown> {
  return {
    ...issue.fields,
    status: statusBody(issue.status, api),
    created: jiraTime(issue.created),
    updated: jiraTime(issue.updated),
  };
}

/** `*all` and `*navigable` are all there are; a minus takes one out. */
export function chosenFields(
  all: Record<string, unknown>,
  wanted: string | undefined,
): Record<string, unknown> {
  if (!wanted) return all;
  const names = wanted.split(',').map((name) => name.trim());
  const out = names.filter((name) => name.startsWith('-')).map((name) => name.slice(1));
  const every = names.some((name) => name.startsWith('*')) || out.length === names.length;
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => !out.includes(name) && (every || names.includes(name))),
  );
}

export function ownAccount(api: string): Record<string, unknown> {
  return {
    self: `${api}/user?accountId=${credentials.accountId}`,
    accountId: credentials.accountId,
    accountType: 'atlassian',
    emailAddress: credentials.email,
    displayName: 'Countersign',
    active: true,
    timeZone: 'Europe/Berlin',
  };
}

export function commentBody(issue: Issue, comment: Comment, api: string, withProperties: boolean) {
  const author = ownAccount(api);
  return {
    self: `${api}/issue/${issue.id}/comment/${comment.id}`,
    id: comment.id,
    author,
    body: comment.body,
    updateAuthor: author,
    created: jiraTime(comment.created),
    updated: jiraTime(comment.created),
    jsdPublic: true,
    ...defined({ properties: withProperties ? comment.properties : undefined }),
  };
}
