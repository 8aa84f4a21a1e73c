/** What people do in Jira's own pages. Each answers with the delivery that Jira would send. */
import type { FastifyInstance } from 'fastify';
import { changesOf, deliveryOf, type FieldChange } from './delivery.ts';
import type { Form } from './forms.ts';
import type { Issues } from './issues.ts';
import { statuses } from './workflow.ts';

interface Doing {
  key: string;
  /** Of the webhook. */
  secret?: string;
  /** Who does it; the reporter of the seed unless said. */
  actor?: { displayName: string; emailAddress: string };
}

export function peopleInJira(app: FastifyInstance, issues: Issues, url: () => string): void {
  app.post('/_sandbox/jira/issues', async (request, reply) => {
    const form = request.body as Form;
    if (form.key && issues.find(form.key))
      return reply.code(409).send({ message: `There is an issue ${form.key} already.` });
    const { key, id } = issues.create(form);
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

  app.post('/_sandbox/jira/project', async (request, reply) => {
    const { key, project, ...who } = request.body as Doing & { project: string };
    const issue = issues.find(key);
    if (!issue) return reply.code(404).send({ message: `There is no issue ${key}.` });
    const { was } = issues.moveTo(issue, project);
    const changes = [changed('project', was.replace(/-\d+$/, ''), project), changed('Key', was, issue.key)];
    return deliveryOf(issue, { ...who, changes, baseUrl: url() });
  });

  app.post('/_sandbox/jira/delete', async (request, reply) => {
    const { key, ...who } = request.body as Doing;
    const issue = issues.find(key);
    if (!issue) return reply.code(404).send({ message: `There is no issue ${key}.` });
    issues.remove(issue);
    return deliveryOf(issue, { ...who, event: 'jira:issue_deleted', baseUrl: url() });
  });
}

function changed(field: string, from: string, to: string): FieldChange {
  return { field, fieldId: field.toLowerCase(), from: null, fromString: from, to: null, toString: to };
}
