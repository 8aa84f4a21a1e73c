/** Incoming webhooks of Teams' Workflows. There is no published contract: built from Microsoft's documentation. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { badDayWords, type Shared, type StandIn } from '../stand-in.ts';
import { problemOfMessage } from './card.ts';

const signature = 'sandbox-teams-signature';
/** Each has a webhook of its own. */
const channels = ['it-changes', 'it-operations', 'it-onboarding'];
/** Of a message to a webhook. */
const largest = 28 * 1024;

export function teams({ effects }: Shared): StandIn {
  return {
    system: 'teams',
    prefix: '/teams/',
    routes: (app) =>
      webhookRoutes(app, (channel, card) => effects.add('teams', 'card.posted', channel, { card })),
    state: () => ({ teams: { cards: effects.list({ system: 'teams' }) } }),
    connectors: (url) => ({
      teams: {
        channels: Object.fromEntries(channels.map((name) => [name, { webhook: `${url}${pathOf(name)}` }])),
      },
    }),
    errorBody: (status) => errorOf('ServiceError', badDayWords(status)),
  };
}

function pathOf(channel: string): string {
  return `/teams/workflows/${channel}/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${signature}`;
}

function webhookRoutes(app: FastifyInstance, posted: (channel: string, card: unknown) => void): void {
  app.post('/teams/workflows/:channel/triggers/manual/paths/invoke', async (request, reply) => {
    const { channel } = request.params as { channel: string };
    const { sig } = request.query as { sig?: string };
    reply.header('x-ms-workflow-run-id', randomUUID());
    if (!channels.includes(channel))
      return refuse(reply, 404, 'WorkflowNotFound', `The workflow '${channel}' could not be found.`);
    if (sig !== signature)
      return refuse(reply, 401, 'AuthorizationFailed', 'The authentication credentials are not valid.');
    const size = Buffer.byteLength(JSON.stringify(request.body ?? null));
    if (size > largest)
      return refuse(reply, 413, 'RequestEntityTooLarge', 'Message size is more than 28 KB.');
    const problem = problemOfMessage(request.body);
    if (problem) return refuse(reply, 400, 'TriggerInputSchemaMismatch', problem);
    posted(channel, (request.body as { attachments: { content: unknown }[] }).attachments[0]?.content);
    return reply.code(202).send();
  });
}

function refuse(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send(errorOf(code, message));
}

function errorOf(code: string, message: string) {
  return { error: { code, message } };
}
