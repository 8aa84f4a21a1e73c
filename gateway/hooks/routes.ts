/** Where ticket systems send their deliveries: /hooks/NAME for each of them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Outcome } from '../../store/deliveries.ts';
import type { Store } from '../../store/store.ts';
import { ticketSystem, ticketSystems } from '../../tickets/systems.ts';
import type { RawDelivery, TicketSystem } from '../../tickets/ticket-system.ts';
import type { PushHook } from '../git/push-hook.ts';
import { Problem } from '../problem.ts';
import { gives, problem } from '../schemas/answers.ts';
import { object, text } from '../schemas/dsl.ts';
import type { CxmlReceiver } from './cxml.ts';
import type { Inbox, InboxOptions } from './inbox.ts';
import type { Received, Receiver } from './receive.ts';

const received = object(
  {
    outcome: text(),
    'reason?': text(),
    'run?': text('The run that it started or told.'),
    'delivery?': text('Its id, where it is kept and what it starts or tells follows.'),
  },
  'What became of a delivery.',
);

const looked = object({ outcome: text() }, 'The branch is looked at now.');

export interface HookParts {
  store: Store;
  receiver: Receiver;
  inbox: Pick<Inbox, 'take'>;
  /** What suppliers send. */
  cxml: Pick<CxmlReceiver, 'receive'>;
  /** What a repository sends when somebody pushes. */
  push: Pick<PushHook, 'take'>;
  /** The secret of a system's webhook. Rejects when none is configured. */
  webhookSecret(system: string): Promise<string>;
  /** Told of each delivery that was handled, or not believed. */
  delivered?: (system: string, outcome: string) => void;
  log: (line: string) => void;
}

/** Jira tries again on 408, 409, 425, 429 and 5xx only: what is settled, well or badly, must be none of these. */
const statusOf: Record<Outcome, number> = {
  started: 202,
  told: 200,
  kept: 200,
  already: 200,
  'not for us': 200,
  late: 200,
  rejected: 422,
  received: 202,
  failed: 503,
};

const cxml = { 'text/xml': { schema: { type: 'string' } } };

const confirmed = {
  200: { description: 'cXML', content: cxml },
  '4xx': problem,
  '5xx': { description: 'cXML, or RFC 9457 problem details', content: { ...cxml, ...problem.content } },
};

export function hookRoutes(hooks: FastifyInstance, parts: HookParts): void {
  // Signatures are over the bytes as they came.
  hooks.removeAllContentTypeParsers();
  hooks.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  for (const { name, title } of ticketSystems()) {
    hooks.post(
      `/hooks/${name}`,
      {
        schema: {
          summary: `What ${title} sends when a ticket changes`,
          tags: ['tickets'],
          security: [],
          response: answered,
        },
      },
      (request, reply) => take(name, request, reply, parts),
    );
  }
  // Those of the runbook repository may come and go while the gateway runs.
  hooks.post<{ Params: { system: string } }>('/hooks/:system', { schema: { hide: true } }, (request, reply) =>
    take(request.params.system, request, reply, parts),
  );
  hooks.post(
    '/hooks/git',
    {
      schema: {
        summary: 'What the repository of the runbooks sends when somebody pushes',
        tags: ['runbooks'],
        security: [],
        response: gives(looked, 202),
      },
    },
    async (request, reply) => {
      await parts.push.take(deliveryOf(request));
      return reply.code(202).send({ outcome: 'looked for' });
    },
  );
  hooks.post(
    '/hooks/cxml',
    {
      schema: {
        summary: 'Confirmations and ship notices of suppliers',
        tags: ['events'],
        security: [],
        response: confirmed,
      },
    },
    async (request, reply) => {
      const { body: raw } = deliveryOf(request);
      const { http, body } = await parts.cxml.receive(raw, request.headers['content-type']);
      return reply.code(http).type('text/xml; charset=UTF-8').send(body);
    },
  );
}

async function take(name: string, request: FastifyRequest, reply: FastifyReply, parts: HookParts) {
  const system = ticketSystem(name);
  if (!system) throw new Problem(404, 'Not found', `There is no ticket system "${name}".`);
  const delivery = deliveryOf(request);
  await believe(system, delivery, parts);
  const received = await (isWaitedFor(request)
    ? handled(system, delivery, parts)
    : parts.inbox.take(system, delivery));
  return reply.code(statusOf[received.outcome]).send(received);
}

/** RFC 7240: who sent it would rather wait, and hear what became of it. */
function isWaitedFor(request: FastifyRequest): boolean {
  return [request.headers.prefer ?? []].flat().some((preferences) => /(^|[,;]\s*)wait=/i.test(preferences));
}

async function handled(system: TicketSystem, delivery: RawDelivery, parts: HookParts): Promise<Received> {
  const received = await parts.receiver.receive(system, delivery);
  settledLine(parts)(system, received);
  return received;
}

/** What is said of a delivery that was handled, at once or later. */
export function settledLine({
  delivered,
  log,
}: Pick<HookParts, 'delivered' | 'log'>): InboxOptions['settled'] {
  return (system, { outcome, reason }) => {
    delivered?.(system.name, outcome);
    log(`A delivery of ${system.title}: ${outcome}${reason ? ` (${reason})` : ''}`);
  };
}

/** What became of it; or a problem, where the database is away, say. */
const receivedOrProblem = {
  description: 'What became of a delivery, or RFC 9457 problem details',
  content: { 'application/json': { schema: received }, ...problem.content },
};

const answered = {
  ...gives(received),
  ...gives(received, 202),
  422: receivedOrProblem,
  503: receivedOrProblem,
};

/** Only what is signed, and fresh where the system says when. What is not believed is kept with its reason, and refused. */
async function believe(system: TicketSystem, delivery: RawDelivery, parts: HookParts): Promise<void> {
  try {
    const doubt = system.doubt(delivery, await parts.webhookSecret(system.name));
    if (doubt) throw new Problem(401, 'Not believed', doubt);
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
    const { message } = error;
    const text = delivery.body.toString('utf8');
    const kept = await parts.store.deliveries.refuse(system.name, text, message).catch(() => false);
    parts.delivered?.(system.name, 'not believed');
    parts.log(`A delivery of ${system.title} is not believed${kept ? '' : ', and not kept'}: ${message}`);
    throw error;
  }
}

function deliveryOf(request: FastifyRequest): RawDelivery {
  return {
    header: (name) => [request.headers[name] ?? []].flat()[0],
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    receivedAt: Date.now(),
  };
}
