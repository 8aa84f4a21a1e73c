/** Jira Cloud's platform REST API v3, over HTTP. */

import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { defined } from '../../plan/defined.ts';
import { contractOf, type Problem } from '../contract.ts';
import { PlayedRoutes } from '../played-routes.ts';
import { credentials } from './credentials.ts';
import { checkDocument } from './document.ts';
import { invalidPayload, JiraError } from './errors.ts';
import type { Issue, Issues, Property } from './issues.ts';
import { chosenFields, commentBody, issueFields, ownAccount } from './shapes.ts';
import { statusBody, type Transition, transitionsFrom } from './workflow.ts';

export const jiraContract = 'jira-platform-v3.trimmed.json';
const prefix = '/rest/api/3';
const usualComments = 100;
const mostComments = 5_000;

type Params = Record<string, string>;
type Query = Record<string, string | undefined>;

export function jiraRoutes(app: FastifyInstance, issues: Issues, baseUrl: () => string): void {
  app.register(
    async (jira) => {
      const played = new PlayedRoutes(jira);
      jira.addHook('onRequest', async (_request, reply) => {
        reply.header('atl-request-id', randomUUID());
      });
      jira.addHook('preHandler', async (request) => {
        authenticate(request);
        holdToContract(request);
      });
      jira.setErrorHandler((error, _request, reply) => {
        const known = jiraErrorOf(error);
        return reply.code(known.status).send(known.body);
      });
      jira.setNotFoundHandler(async (request, reply) => {
        const methods = played.methodsOf(pathOf(request));
        if (methods.length > 0) throw wrongMethod(reply, methods);
        throw unplayed(request);
      });
      const api = () => `${baseUrl()}${prefix}`;
      issueRoutes(jira, issues, api);
      propertyRoutes(jira, issues, api);
    },
    { prefix },
  );
}

function issueOf(issues: Issues, request: FastifyRequest): Issue {
  const issue = issues.find((request.params as Params).key ?? '');
  if (issue) return issue;
  throw new JiraError(404, 'Issue does not exist or you do not have permission to see it.');
}

function issueRoutes(jira: FastifyInstance, issues: Issues, api: () => string): void {
  jira.get('/myself', async () => ownAccount(api()));

  jira.get('/issue/:key', async (request) => {
    const issue = issues.findMoved((request.params as Params).key ?? '') ?? issueOf(issues, request);
    const { fields, properties } = request.query as Query;
    const shown = properties?.split(',').filter((key) => issue.properties.has(key));
    return {
      expand: 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations',
      id: issue.id,
      key: issue.key,
      self: `${api()}/issue/${issue.id}`,
      fields: chosenFields(issueFields(issue, api()), fields),
      ...defined({
        properties: shown
          ? Object.fromEntries(shown.map((key) => [key, issue.properties.get(key)]))
          : undefined,
      }),
    };
  });

  jira.get('/issue/:key/comment', async (request) =>
    commentPage(issueOf(issues, request), request.query as Query, api()),
  );

  jira.post('/issue/:key/comment', async (request, reply) => {
    const issue = issueOf(issues, request);
    const { body, properties = [], visibility: _, ...unknown } = bodyOf(request);
    if (Object.keys(unknown).length > 0) throw invalidPayload();
    checkDocument(body);
    const comment = issues.comment(issue, body, checkedProperties(properties));
    return reply.code(201).send(commentBody(issue, comment, api(), wantsProperties(request)));
  });

  jira.get('/issue/:key/transitions', async (request) => {
    const { transitionId } = request.query as Query;
    const transitions = transitionsFrom(issueOf(issues, request).status).filter(
      ({ id }) => !transitionId || id === transitionId,
    );
    return { expand: 'transitions', transitions: transitions.map((item) => transitionBody(item, api())) };
  });

  jira.post('/issue/:key/transitions', async (request, reply) => {
    const issue = issueOf(issues, request);
    const { transition, fields = {}, update = {} } = bodyOf(request);
    const id = (transition as { id?: unknown } | undefined)?.id;
    if (id === undefined) throw new JiraError(400, "Missing 'transition' identifier");
    const chosen = transitionsFrom(issue.status).find((candidate) => candidate.id === String(id));
    if (!chosen) throw new JiraError(400, `Transition id '${String(id)}' is not valid for this issue.`);
    // None of the transitions has a screen on which something could be set.
    const set = [...Object.keys(fields as object), ...Object.keys(update as object)];
    if (set.length > 0)
      throw new JiraError(400, [], Object.fromEntries(set.map((name) => [name, notOnScreen(name)])));
    issues.move(issue, chosen.to);
    return reply.code(204).send();
  });
}

function propertyRoutes(jira: FastifyInstance, issues: Issues, api: () => string): void {
  jira.get('/issue/:key/properties', async (request) => {
    const issue = issueOf(issues, request);
    const keys = [...issue.properties.keys()];
    return { keys: keys.map((key) => ({ self: `${api()}/issue/${issue.key}/properties/${key}`, key })) };
  });

  jira.get('/issue/:key/properties/:property', async (request) => {
    const { property } = withProperty(issueOf(issues, request), request);
    return { key: property, value: issueOf(issues, request).properties.get(property) };
  });

  jira.put('/issue/:key/properties/:property', async (request, reply) => {
    const issue = issueOf(issues, request);
    if (request.body === undefined) throw new JiraError(400, 'Property value is not a valid JSON.');
    const isNew = issues.setProperty(issue, (request.params as Params).property ?? '', request.body);
    return reply.code(isNew ? 201 : 200).send();
  });

  jira.delete('/issue/:key/properties/:property', async (request, reply) => {
    const { issue, property } = withProperty(issueOf(issues, request), request);
    issues.removeProperty(issue, property);
    return reply.code(204).send();
  });
}

function withProperty(issue: Issue, request: FastifyRequest): { issue: Issue; property: string } {
  const { property = '' } = request.params as Params;
  if (issue.properties.has(property)) return { issue, property };
  throw new JiraError(404, `The property ${property} does not exist.`);
}

function commentPage(issue: Issue, query: Query, api: string) {
  const startAt = Number(query.startAt ?? 0);
  const maxResults = Math.min(Number(query.maxResults ?? usualComments), mostComments);
  const order = query.orderBy?.trim() ?? 'created';
  if (!['created', '+created', '-created'].includes(order) || Number.isNaN(startAt + maxResults))
    throw new JiraError(400, `The query parameters ${JSON.stringify(query)} cannot be read.`);
  const ordered = order === '-created' ? [...issue.comments].reverse() : issue.comments;
  const withProperties = query.expand?.split(',').includes('properties') ?? false;
  return {
    startAt,
    maxResults,
    total: ordered.length,
    comments: ordered
      .slice(startAt, startAt + maxResults)
      .map((comment) => commentBody(issue, comment, api, withProperties)),
  };
}

function wantsProperties(request: FastifyRequest): boolean {
  return (request.query as Query).expand?.split(',').includes('properties') ?? false;
}

function checkedProperties(properties: unknown): Property[] {
  const isProperty = (item: Property) =>
    typeof item?.key === 'string' &&
    item.key.length > 0 &&
    item.key.length <= 255 &&
    item.value !== undefined;
  if (Array.isArray(properties) && properties.every(isProperty)) return properties as Property[];
  throw invalidPayload();
}

function transitionBody({ id, name, to }: Transition, api: string) {
  return {
    id,
    name,
    to: statusBody(to, api),
    hasScreen: false,
    isGlobal: false,
    isInitial: false,
    isAvailable: true,
    isConditional: false,
    looped: false,
  };
}

function notOnScreen(field: string): string {
  return `Field '${field}' cannot be set. It is not on the appropriate screen, or unknown.`;
}

function authenticate(request: FastifyRequest): void {
  const pair = `${credentials.email}:${credentials.apiToken}`;
  if (request.headers.authorization !== `Basic ${Buffer.from(pair).toString('base64')}`)
    throw new JiraError(401, 'Client must be authenticated to access this resource.');
}

function holdToContract(request: FastifyRequest): void {
  const query = { ...(request.query as Query) };
  // A plus in a query is a space once decoded.
  if (query.orderBy === ' created') query.orderBy = '+created';
  const problem = contractOf(jiraContract)?.problemOf(request.method, pathOf(request), query, request.body);
  if (problem) throw errorOfProblem(problem);
}

function errorOfProblem({ kind, name, detail }: Problem): JiraError {
  switch (kind) {
    case 'path':
      return new JiraError(404, `No endpoint ${name}.`);
    case 'method':
      return new JiraError(405, 'Method Not Allowed');
    case 'query':
      // Jira ignores what it does not know; to send it is a mistake of ours all the same.
      return new JiraError(400, [], { [name]: detail });
    case 'body':
    case 'property':
    case 'value':
      return invalidPayload();
  }
}

function wrongMethod(reply: FastifyReply, methods: string[]): JiraError {
  reply.header('allow', methods.join(', '));
  return new JiraError(405, 'Method Not Allowed');
}

/** What Jira has and the stand-in does not play is said plainly: it must not look like an answer of Jira's. */
function unplayed(request: FastifyRequest): JiraError {
  const problem = contractOf(jiraContract)?.problemOf(request.method, pathOf(request), {}, undefined);
  if (problem && (problem.kind === 'path' || problem.kind === 'method')) return errorOfProblem(problem);
  if (!contractOf(jiraContract)) return new JiraError(404, `No endpoint ${pathOf(request)}.`);
  return new JiraError(501, `The sandbox does not play ${request.method} ${pathOf(request)}.`);
}

function jiraErrorOf(error: unknown): JiraError {
  if (error instanceof JiraError) return error;
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  return statusCode === 400 || statusCode === 415 ? invalidPayload() : new JiraError(statusCode, message);
}

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const { body } = request;
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw invalidPayload();
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}
