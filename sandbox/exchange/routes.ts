/** Exchange's commands over HTTP, as Microsoft's PowerShell module calls them. There is no published contract to hold them to. */

import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { defined } from '../../plan/defined.ts';
import { credentials, isGoodToken } from '../graph/sign-in.ts';
import { tenantId } from '../seed.ts';
import { type Given, type Row, run } from './cmdlets.ts';
import { badParameter, CmdletError, cmdletErrorBody } from './errors.ts';
import type { Mailboxes } from './mailboxes.ts';

const audience = 'https://outlook.office365.com';
const usualPage = 1_000;

export interface Body {
  CmdletInput?: { CmdletName?: unknown; Parameters?: unknown };
}

type Query = Record<string, string | undefined>;

export function exchangeRoutes(app: FastifyInstance, mailboxes: Mailboxes, baseUrl: () => string): void {
  app.register(
    async (exchange) => {
      exchange.addHook('onRequest', async (_request, reply) => {
        reply.header('request-id', randomUUID());
      });
      exchange.setErrorHandler((error, _request, reply) => {
        const known = error instanceof CmdletError ? error : badParameter((error as Error).message);
        return reply.code(known.status).send(cmdletErrorBody(known));
      });

      exchange.post('/adminapi/beta/:tenant/InvokeCommand', async (request) => {
        authenticate(request);
        const { CmdletName, Parameters } = (request.body as Body | undefined)?.CmdletInput ?? {};
        if (typeof CmdletName !== 'string' || typeof Parameters !== 'object' || Parameters === null)
          throw badParameter('CmdletInput must have CmdletName and Parameters.');
        const query = request.query as Query;
        const rows = run(CmdletName, Parameters as Given, mailboxes);
        const path = request.url.split('?')[0] ?? '';
        return page(rows, query, preferredPage(request), `${baseUrl()}${path}`);
      });
    },
    { prefix: '/exchange' },
  );
}

function authenticate(request: FastifyRequest): void {
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (!isGoodToken(token) || audienceOf(token) !== audience)
    throw new CmdletError(401, 'Unauthorized', 'UnauthorizedAccessException', 'The token is not valid here.');
  const { tenant } = request.params as { tenant: string };
  if (![credentials.tenant, tenantId].includes(tenant.toLowerCase()))
    throw new CmdletError(403, 'Forbidden', 'UnauthorizedAccessException', `Not allowed in ${tenant}.`);
  if (!/^(UPN|APP|OID|SMTP):\S+@\S+$/i.test(String(request.headers['x-anchormailbox'] ?? '')))
    throw badParameter('The header X-AnchorMailbox is missing or cannot be read.');
}

function audienceOf(token: string): string {
  const [, payload = ''] = token.split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { aud: string }).aud;
}

function preferredPage(request: FastifyRequest): number {
  return Number(/odata\.maxpagesize=(\d+)/.exec(String(request.headers.prefer ?? ''))?.[1] ?? usualPage);
}

function page(rows: Row[], { $select, $skiptoken = '0' }: Query, size: number, url: string) {
  const start = Number($skiptoken);
  const names = $select?.split(',');
  const chosen = (row: Row) =>
    names ? Object.fromEntries(names.map((name) => [name, row[name] ?? null])) : row;
  const next = start + size < rows.length;
  return {
    'adminapi.warnings@odata.type': '#Collection(String)',
    '@adminapi.warnings': [],
    value: rows.slice(start, start + size).map(chosen),
    ...defined({
      '@odata.nextLink': next
        ? `${url}?$skiptoken=${start + size}${$select ? `&$select=${$select}` : ''}`
        : undefined,
    }),
  };
}
