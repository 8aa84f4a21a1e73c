/** What the demo and the tests ask of the stand-ins themselves, and the doings of people in the systems' own pages. */
import type { FastifyInstance } from 'fastify';
import type { EffectFilter, Effects } from './effects.ts';
import { type Fault, type Faults, problemOfFault } from './faults.ts';
import type { Directory } from './graph/directory.ts';
import { changesOf, deliveryOf } from './jira/delivery.ts';
import type { Issues, NewHire } from './jira/issues.ts';
import { statuses } from './jira/workflow.ts';
import type { RequestLog } from './request-log.ts';
import type { Mailboxes } from './smtp/server.ts';

export interface Parts {
  effects: Effects;
  faults: Faults;
  directory: Directory;
  issues: Issues;
  mailboxes: Mailboxes;
  requests: RequestLog;
  url: () => string;
}

export function controlRoutes(app: FastifyInstance, parts: Parts): void {
  const { effects, faults, directory, issues, mailboxes, requests } = parts;

  app.get('/_sandbox/effects', async (request) => effects.list(request.query as EffectFilter));
  app.get('/_sandbox/mails', async () => mailboxes.mails());
  app.get('/_sandbox/requests', async (request) =>
    'detail' in (request.query as object) ? requests.entries() : requests.lines(),
  );
  app.get('/_sandbox/state', async () => ({
    users: directory.visibleUsers(),
    deletedUsers: directory.deletedUsers(),
    groups: directory.groups.map((group) => ({
      ...group,
      members: directory.membersOf(group).map((user) => user.userPrincipalName),
    })),
    skus: directory.skus,
    issues: issues.list().map((issue) => ({ ...issue, properties: Object.fromEntries(issue.properties) })),
    mails: mailboxes.mails(),
    faults: faults.list(),
  }));

  app.get('/_sandbox/faults', async () => faults.list());
  app.post('/_sandbox/faults', async (request, reply) => {
    const message = problemOfFault(request.body);
    if (message) return reply.code(400).send({ message });
    faults.add(request.body as Fault);
    return reply.code(204).send();
  });
  app.delete('/_sandbox/faults', async (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });

  app.post('/_sandbox/reset', async (_request, reply) => {
    effects.reset();
    faults.clear();
    directory.reset();
    issues.reset();
    mailboxes.reset();
    return reply.code(204).send();
  });

  peopleInJira(app, parts);
}

interface Doing {
  key: string;
  /** Of the webhook. */
  secret?: string;
  /** Who does it; the reporter of the seed unless said. */
  actor?: { displayName: string; emailAddress: string };
}

/** Each answers with the delivery that Jira would send. */
function peopleInJira(app: FastifyInstance, { issues, url }: Parts): void {
  app.post('/_sandbox/jira/issues', async (request, reply) => {
    const hire = request.body as NewHire;
    if (hire.key && issues.find(hire.key))
      return reply.code(409).send({ message: `There is an issue ${hire.key} already.` });
    const { key, id } = issues.create(hire);
    return { key, id };
  });

  app.post('/_sandbox/jira/move', async (request, reply) => {
    const { key, to, ...who } = request.body as Doing & { to: string };
    const issue = issues.find(key);
    if (!issue) return reply.code(404).send({ message: `There is no issue ${key}.` });
    if (!statuses[to])
      return reply
        .code(400)
        .send({ message: `There is no status ${to}, only ${Object.keys(statuses).join(', ')}.` });
    const { from } = issues.move(issue, to);
    return deliveryOf(issue, { ...who, from, to, baseUrl: url() });
  });

  app.post('/_sandbox/jira/edit', async (request, reply) => {
    const { key, fields, ...who } = request.body as Doing & { fields: Record<string, unknown> };
    const issue = issues.find(key);
    if (!issue) return reply.code(404).send({ message: `There is no issue ${key}.` });
    const changes = changesOf(issue.fields, fields);
    issues.edit(issue, fields);
    return deliveryOf(issue, { ...who, changes, baseUrl: url() });
  });
}
