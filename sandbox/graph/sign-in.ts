/** The Microsoft identity platform: application tokens by client credentials (OAuth 2.0 client credentials flow), and discovery. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { tenantId } from '../seed.ts';
import type { Shared, StandIn } from '../stand-in.ts';

export const credentials = {
  tenant: 'example.onmicrosoft.com',
  clientId: '6f1a8c52-4a3b-4a52-9f5e-0c6f5a8b7d10',
  clientSecret: 'sandbox-graph-secret',
};

const lifetimeSeconds = 3_599;
/** A token outlives a restart of the service that it came from, so the key must, too. It opens nothing but this stand-in. */
const signingKey = 'countersign sandbox';

type Form = Record<string, string>;

/** The sign-in service, a system with bad days of its own. */
export function login({ url }: Shared): StandIn {
  return {
    system: 'login',
    prefix: '/login/',
    routes: (app) => signInRoutes(app, url),
    errorBody: (status) => ({
      error: status === 401 ? 'invalid_client' : 'temporarily_unavailable',
      error_description: 'AADSTS90033: A transient error has occurred. Please try again.',
    }),
  };
}

function signInRoutes(app: FastifyInstance, baseUrl: () => string): void {
  const tenantUrl = (request: FastifyRequest) => `${baseUrl()}/login/${tenantOf(request)}`;

  app.post('/login/:tenant/oauth2/v2.0/token', async (request, reply) => {
    reply.header('cache-control', 'no-store, no-cache');
    const form = withBasic((request.body ?? {}) as Form, request.headers.authorization);
    const problem = problemOf(tenantOf(request), form);
    if (problem) return reply.code(problem.status).send(errorBody(problem));
    return {
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
      ext_expires_in: lifetimeSeconds,
      access_token: issue(form.scope?.replace(/\/\.default$/, '') ?? '', baseUrl()),
    };
  });

  app.get('/login/:tenant/v2.0/.well-known/openid-configuration', async (request, reply) => {
    if (!isTenant(tenantOf(request))) return reply.code(400).send(errorBody(noTenant(tenantOf(request))));
    const tenant = tenantUrl(request);
    return {
      issuer: `${tenant}/v2.0`,
      token_endpoint: `${tenant}/oauth2/v2.0/token`,
      jwks_uri: `${tenant}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      grant_types_supported: ['client_credentials'],
      response_types_supported: ['token'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
    };
  });

  // Nobody but Graph reads its tokens, so there is no key for others.
  app.get('/login/:tenant/discovery/v2.0/keys', async () => ({ keys: [] }));
}

/** Whether a bearer token is one of ours and has not expired. */
export function isGoodToken(token: string): boolean {
  const [header, payload, signature] = token.split('.');
  if (!header || !payload || !signature) return false;
  const expected = Buffer.from(sign(`${header}.${payload}`));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return false;
  const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number };
  return exp > Date.now() / 1000;
}

function issue(audience: string, baseUrl: string): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    aud: audience,
    iss: `${baseUrl}/login/${tenantId}/v2.0`,
    tid: tenantId,
    appid: credentials.clientId,
    iat: now,
    exp: now + lifetimeSeconds,
  };
  const content = `${part({ typ: 'JWT', alg: 'HS256' })}.${part(claims)}`;
  return `${content}.${sign(content)}`;
}

function sign(content: string): string {
  return createHmac('sha256', signingKey).update(content).digest('base64url');
}

interface SignInProblem {
  status: number;
  error: string;
  code: number;
  words: string;
}

function problemOf(tenant: string, form: Form): SignInProblem | undefined {
  const problem = (status: number, error: string, code: number, words: string) => ({
    status,
    error,
    code,
    words,
  });
  if (!isTenant(tenant)) return noTenant(tenant);
  if (!form.grant_type)
    return problem(
      400,
      'invalid_request',
      900144,
      "The request body must contain the following parameter: 'grant_type'.",
    );
  if (form.grant_type !== 'client_credentials')
    return problem(400, 'unsupported_grant_type', 70003, 'The app requested an unsupported grant type.');
  if (!form.scope?.endsWith('/.default'))
    return problem(
      400,
      'invalid_scope',
      70011,
      'The provided value for the input parameter scope is not valid.',
    );
  if (form.client_id !== credentials.clientId)
    return problem(
      400,
      'unauthorized_client',
      700016,
      `Application with identifier '${form.client_id ?? ''}' was not found in the directory.`,
    );
  if (form.client_secret !== credentials.clientSecret)
    return problem(401, 'invalid_client', 7000215, 'Invalid client secret provided.');
  return undefined;
}

function noTenant(tenant: string): SignInProblem {
  return { status: 400, error: 'invalid_request', code: 90002, words: `Tenant '${tenant}' not found.` };
}

function errorBody({ error, code, words }: SignInProblem) {
  const now = new Date().toISOString();
  return {
    error,
    error_description: `AADSTS${code}: ${words}`,
    error_codes: [code],
    timestamp: `${now.slice(0, 10)} ${now.slice(11, 19)}Z`,
  };
}

function isTenant(tenant: string): boolean {
  return [credentials.tenant, tenantId].includes(tenant.toLowerCase());
}

function tenantOf(request: FastifyRequest): string {
  return (request.params as { tenant: string }).tenant;
}

/** A client may send its credentials in the header instead. */
function withBasic(form: Form, header = ''): Form {
  const encoded = /^Basic (.+)$/.exec(header)?.[1];
  if (!encoded) return form;
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString().split(':').map(decodeURIComponent);
  return { client_id: id, client_secret: secret, ...form };
}
