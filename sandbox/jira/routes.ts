/** Jira Cloud's platform REST API v3, over HTTP. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Comment, type Issue, type Issues, statuses } from './issues.ts';

export const credentials = { email: 'countersign@example.com', apiToken: 'sandbox-jira-token' };

type Params = Record<string, string>;

class JiraError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function jiraRoutes(app: FastifyInstance, issues: Issues, baseUrl: () => string): void {
  app.register(
    async (jira) => {
      jira.addHook('preHandler', async (request) => {
        const expected = `Basic ${Buffer.from(`${credentials.email}:${credentials.apiToken}`).toString('base64')}`;
        if (request.headers.authorization !== expected) {
          throw new JiraError(401, 'Client must be authenticated to access this resource.');
        }
      });
      jira.setErrorHandler((error, _request, reply) => {
        const status =
          error instanceof JiraError ? error.status : ((error as { statusCode?: number }).statusCode ?? 500);
        return reply.code(status).send({ errorMessages: [(error as Error).message], errors: {} });
      });
      const issueOf = (request: FastifyRequest): Issue => {
        const issue = issues.find((request.params as Params).key ?? '');
        if (issue) return issue;
        throw new JiraError(404, 'Issue does not exist or you do not have permission to see it.');
      };

      jira.get('/myself', async () => ({
        self: `${baseUrl()}/rest/api/3/user?accountId=countersign`,
        accountId: 'countersign',
        accountType: 'app',
        emailAddress: credentials.email,
        displayName: 'Countersign',
        active: true,
      }));
      jira.get('/issue/:key', async (request) => issueBody(issueOf(request), request, baseUrl()));
      jira.get('/issue/:key/comment', async (request) => commentPage(issueOf(request), request));
      jira.post('/issue/:key/comment', async (request, reply) => {
        const { body, properties = [] } = (request.body ?? {}) as {
          body?: unknown;
          properties?: Comment['properties'];
        };
        checkDocument(body);
        return reply.code(201).send(commentBody(issues.comment(issueOf(request), body, properties), false));
      });
      jira.get('/issue/:key/transitions', async (request) => ({
        expand: 'transitions',
        transitions: transitionsOf(issueOf(request)),
      }));
      jira.post('/issue/:key/transitions', async (request, reply) =>
        transition(issueOf(request), issues, request, reply),
      );
    },
    { prefix: '/rest/api/3' },
  );
}

async function transition(issue: Issue, issues: Issues, request: FastifyRequest, reply: FastifyReply) {
  const { transition: wanted } = (request.body ?? {}) as { transition?: { id?: string } };
  const chosen = transitionsOf(issue).find((candidate) => candidate.id === wanted?.id);
  if (!chosen) {
    throw new JiraError(400, `Transition id '${wanted?.id ?? ''}' is not valid for this issue.`);
  }
  issues.move(issue, chosen.to.name);
  return reply.code(204).send();
}

function statusBody(name: string) {
  return {
    id: statuses[name]?.id ?? '0',
    name,
    statusCategory: { key: name === 'Done' ? 'done' : 'indeterminate' },
  };
}

function transitionsOf(issue: Issue) {
  return (statuses[issue.status]?.to ?? []).map((name) => ({
    id: `9${statuses[name]?.id ?? ''}`,
    name,
    isAvailable: true,
    to: statusBody(name),
  }));
}

export function issueFields(issue: Issue): Record<string, unknown> {
  return { ...issue.fields, status: statusBody(issue.status) };
}

function issueBody(issue: Issue, request: FastifyRequest, baseUrl: string) {
  const wanted = (request.query as { fields?: string }).fields?.split(',');
  const all = issueFields(issue);
  const fields = wanted
    ? Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name)))
    : all;
  return { id: issue.id, key: issue.key, self: `${baseUrl}/rest/api/3/issue/${issue.id}`, fields };
}

function commentPage(issue: Issue, request: FastifyRequest) {
  const query = request.query as { startAt?: string; maxResults?: string; orderBy?: string; expand?: string };
  const startAt = Number(query.startAt ?? 0);
  const maxResults = Math.min(Number(query.maxResults ?? 50), 100);
  const ordered = query.orderBy === '-created' ? [...issue.comments].reverse() : issue.comments;
  const withProperties = query.expand?.includes('properties') ?? false;
  return {
    startAt,
    maxResults,
    total: ordered.length,
    comments: ordered
      .slice(startAt, startAt + maxResults)
      .map((comment) => commentBody(comment, withProperties)),
  };
}

function commentBody(comment: Comment, withProperties: boolean) {
  const { id, body, created, properties } = comment;
  return { id, body, created, updated: created, ...(withProperties ? { properties } : {}) };
}

/** API version 3 takes Atlassian Document Format and refuses plain text. */
function checkDocument(body: unknown): void {
  const document = body as { type?: string; version?: number; content?: unknown[] } | undefined;
  if (
    document?.type === 'doc' &&
    document.version === 1 &&
    Array.isArray(document.content) &&
    document.content.length > 0
  )
    return;
  throw new JiraError(400, 'Comment body is not valid!');
}
