import type { FastifyRequest } from 'fastify';
import { badDayWords, type Shared, type StandIn } from '../stand-in.ts';
import { isForeign } from './cmdlets.ts';
import { CmdletError, cmdletErrorBody } from './errors.ts';
import type { Mailboxes } from './mailboxes.ts';
import { type Body, exchangeRoutes } from './routes.ts';

/** Exchange Online's commands. What Graph does with mailboxes is in `graph/mailbox.ts`, over the same mailboxes. */
export function exchange({ url, directory }: Shared, mailboxes: Mailboxes): StandIn {
  return {
    system: 'exchange',
    prefix: '/exchange/',
    routes: (app) => exchangeRoutes(app, mailboxes, url),
    isUnknown: (request) => isElsewhere(request, mailboxes),
    // Somebody of the directory without a mailbox has none beside it either.
    isOwn: (request) => !isElsewhere(request, mailboxes),
    // `conversionMs`, and `newMailboxMs`: how long somebody just created has no mailbox.
    people: (app) => {
      mailboxes.pace.route(app, '/_sandbox/exchange/pace');
      app.post('/_sandbox/exchange/without', async (request, reply) => {
        const { user } = request.body as { user: string };
        mailboxes.leaveOut(directory.user(user));
        return reply.code(204).send();
      });
    },
    state: () => ({
      mailboxes: directory.visibleUsers().flatMap((user) => {
        const { owner: _, ...mailbox } = mailboxes.of(user) ?? {};
        return { name: user.userPrincipalName, ...mailbox };
      }),
    }),
    reset: () => mailboxes.reset(),
    connectors: (base) => ({ exchange: { exchangeUrl: `${base}/exchange` } }),
    errorBody: (status) =>
      cmdletErrorBody(new CmdletError(status, 'ServerBusy', 'ServerBusyException', badDayWords(status))),
  };
}

function isElsewhere({ body }: FastifyRequest, mailboxes: Mailboxes): boolean {
  const { CmdletName, Parameters } = (body as Body | undefined)?.CmdletInput ?? {};
  return isForeign(CmdletName, Parameters, mailboxes);
}
