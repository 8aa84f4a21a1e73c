/** What the demo and the tests ask of the stand-ins themselves. */
import type { FastifyInstance } from 'fastify';
import type { EffectFilter, Effects } from './effects.ts';
import { type Fault, type Faults, problemOfFault } from './faults.ts';
import type { RequestLog } from './request-log.ts';
import type { Mailboxes } from './smtp/server.ts';
import type { StandIn } from './stand-in.ts';

export interface Parts {
  effects: Effects;
  faults: Faults;
  standIns: StandIn[];
  mailboxes: Mailboxes;
  requests: RequestLog;
}

export function controlRoutes(app: FastifyInstance, parts: Parts): void {
  const { effects, faults, standIns, mailboxes, requests } = parts;
  const systems = [...standIns.map(({ system }) => system), 'smtp'];

  app.get('/_sandbox/effects', async (request) => effects.list(request.query as EffectFilter));
  app.get('/_sandbox/mails', async () => mailboxes.mails());
  app.get('/_sandbox/requests', async (request) =>
    'detail' in (request.query as object) ? requests.entries() : requests.lines(),
  );
  app.get('/_sandbox/state', async () =>
    Object.assign({}, ...standIns.map((standIn) => standIn.state?.()), {
      mails: mailboxes.mails(),
      faults: faults.list(),
    }),
  );

  app.get('/_sandbox/faults', async () => faults.list());
  app.post('/_sandbox/faults', async (request, reply) => {
    const message = problemOfFault(request.body, systems);
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
    for (const standIn of standIns) standIn.reset?.();
    mailboxes.reset();
    return reply.code(204).send();
  });

  for (const standIn of standIns) standIn.people?.(app);
}
