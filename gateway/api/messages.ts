/** Messages that could not be sent: who would have got them and why they did not, for whoever operates runbooks to mend or to set aside. */

import type { FastifyRequest } from 'fastify';
import { defined } from '../../plan/defined.ts';
import type { Query } from '../../store/database.ts';
import type { Decided, StuckMessage } from '../../store/outbox.ts';
import { operatesAny, owns } from '../operators.ts';
import { Problem } from '../problem.ts';
import { gives, nothing } from '../schemas/answers.ts';
import { boolean, moment, object, text } from '../schemas/dsl.ts';
import { type ApiParts, lookingAs, type Routes, who } from './request.ts';

/** Looked at together; who has more mends the cause first. */
const mostStuck = 100;

export const stuckMessage = object({
  id: text(),
  subject: text(),
  to: text('Addresses, or a channel and the chat that it is in.'),
  'run?': text('The run that it is about.'),
  since: moment,
  next: moment,
  attempts: { type: 'integer' },
  why: text('What the last try met.'),
  mayHandle: boolean('Whether whoever asks may have it tried again or set it aside.'),
});

const id = { type: 'string', minLength: 1, maxLength: 1_000 };
const one = { type: 'object', required: ['id'], additionalProperties: false, properties: { id } };
const withReason = {
  ...one,
  required: ['id', 'comment'],
  properties: { id, comment: { type: 'string', minLength: 1, maxLength: 2_000, pattern: '\\S' } },
};

export const messageRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    const { outbox } = parts.store;
    const tags = ['operating'];
    api.post(
      '/messages/retry',
      {
        schema: {
          summary: 'Send a message now that could not be sent',
          tags,
          body: one,
          response: gives(nothing, 204),
        },
      },
      async (request, reply) => {
        const message = await handled(request, parts);
        const record = recording(message, 'message.triedAgain', {}, request, parts);
        mustBeDone(await outbox.tryAgain(message.id, who(request).id, record));
        return reply.code(204).send();
      },
    );
    api.post(
      '/messages/set-aside',
      {
        schema: {
          summary: 'Give up a message that could not be sent; the reason goes on record',
          tags,
          body: withReason,
          response: gives(nothing, 204),
        },
      },
      async (request, reply) => {
        const message = await handled(request, parts);
        const why = (request.body as { comment: string }).comment.trim();
        const record = recording(message, 'message.setAside', { why }, request, parts);
        mustBeDone(await outbox.setAside(message.id, who(request).id, why, record));
        return reply.code(204).send();
      },
    );
  },
};

/**
 * Undefined for people who operate nothing. Never what a message says: that is for those it goes to. As with runs, people without a role
 * see those about runs that concern them.
 */
export async function stuckMessages(request: FastifyRequest, parts: ApiParts) {
  const plans = parts.library().plans.values();
  const { id: asker, roles } = who(request);
  if (lookingAs(request) === undefined && !operatesAny(who(request), plans)) return undefined;
  const found = await parts.store.outbox.stuck(mostStuck, roles.length > 0 ? undefined : asker);
  return found.map((message) => ({
    id: message.id,
    subject: message.subject,
    to: recipients(message),
    ...defined({ run: message.run?.id }),
    since: message.since,
    next: message.next,
    attempts: message.attempts,
    why: message.why,
    mayHandle: mayHandle(message, request, parts),
  }));
}

async function handled(request: FastifyRequest, parts: ApiParts): Promise<StuckMessage> {
  const wanted = (request.body as { id: string }).id;
  const message = await parts.store.outbox.stuckOne(wanted);
  if (message && mayHandle(message, request, parts)) return message;
  // Whoever operates nothing learns nothing of which there are.
  if (!message && operatesAny(who(request), parts.library().plans.values())) throw noLonger();
  throw new Problem(
    403,
    'Not allowed',
    `${who(request).id} may not decide about this message: only those who operate what it is about may.`,
  );
}

/** Of a run: whoever operates it. Of anything else, such as a delivery: whoever operates any runbook. */
function mayHandle({ run }: StuckMessage, request: FastifyRequest, { library }: ApiParts): boolean {
  if (lookingAs(request) !== undefined) return false;
  const asker = who(request);
  if (run?.owner !== undefined) return owns(asker, run.owner);
  // A run that is not listed may be anybody's: whoever has no role does not see its messages either.
  if (run && asker.roles.length === 0) return false;
  return operatesAny(asker, library().plans.values());
}

function mustBeDone(decided: Decided): void {
  if (decided === 'not stuck') throw noLonger();
  if (decided === 'being sent')
    throw new Problem(
      409,
      'Being sent',
      'This message is being sent now, and may go out: look again in two minutes.',
    );
}

function noLonger(): Problem {
  return new Problem(
    409,
    'Not stuck',
    'This message is not stuck any more: it was sent meanwhile, or somebody has decided about it.',
  );
}

function recipients({ to, chat }: StuckMessage): string {
  return chat ? `${chat.to} in ${chat.by === 'slack' ? 'Slack' : 'Teams'}` : to.join(', ');
}

/** In the chain of the run that it is about; of what is about no run, the message itself keeps who decided. */
function recording(
  message: StuckMessage,
  kind: 'message.triedAgain' | 'message.setAside',
  more: { why?: string },
  request: FastifyRequest,
  { store }: ApiParts,
): ((query: Query) => Promise<unknown>) | undefined {
  const { run } = message;
  if (run?.owner === undefined) return undefined;
  const data = { message: message.id, subject: message.subject, to: recipients(message), ...more };
  return (query) => store.audit.appendIn(query, { runId: run.id, kind, actor: who(request).id, data });
}
