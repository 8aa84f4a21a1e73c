/** The addresses that a browser visits on its way to the provider and back, and the one that the provider calls by itself. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { sendPage } from '../console.ts';
import { Problem } from '../problem.ts';
import type { BackChannel } from './back-channel.ts';
import { type OidcSignIn, signedOutPath, signInPath } from './oidc.ts';
import type { SignIn } from './sign-in.ts';

const beginQuery = {
  type: 'object',
  properties: { to: { type: 'string', default: '/', description: 'The page to go to afterwards.' } },
};

const page = {
  description: 'A page that says why not.',
  content: { 'text/html': { schema: { type: 'string' } } },
};

const schema = {
  tags: ['signing in'],
  security: [],
  response: { 302: { description: 'To another page.', type: 'null' }, '4xx': page, '5xx': page },
};

export const backChannelPath = `${signInPath}/back-channel`;
const longestForm = 64 * 1024;

const logoutForm = {
  type: 'object',
  required: ['logout_token'],
  properties: { logout_token: { type: 'string', minLength: 1, description: 'Signed by the provider.' } },
};

/** Without a word: the standard asks for the status alone. */
const done = {
  description: 'It is done.',
  content: { 'text/plain': { schema: { type: 'string' } } },
};

const oauthError = {
  description: 'Why not.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['error'],
        properties: { error: { type: 'string' }, error_description: { type: 'string' } },
      },
    },
  },
};

export function oidcPages(
  app: FastifyInstance,
  { oidc, backChannel, signIn }: { oidc: OidcSignIn; backChannel: BackChannel; signIn: SignIn },
): void {
  app.get(
    signInPath,
    { schema: { ...schema, summary: 'Sign in with the provider', querystring: beginQuery } },
    async (request, reply) => {
      try {
        const { to } = request.query as { to: string };
        return reply.redirect((await oidc.begin(request, reply, to)).href, 302);
      } catch (error) {
        return explained(error, reply);
      }
    },
  );
  app.get(
    `${signInPath}/callback`,
    { schema: { ...schema, summary: 'Where the provider sends people back to' } },
    async (request, reply) => {
      try {
        const { session, provider, to } = await oidc.finish(request, reply);
        await signIn.begin(request, reply, session, provider);
        return reply.redirect(to, 302);
      } catch (error) {
        return explained(error, reply);
      }
    },
  );
  app.get(
    signedOutPath,
    { schema: { ...schema, summary: 'Where the provider sends people back to after they signed out' } },
    async (request, reply) => {
      oidc.signedOut(request, reply);
      return reply.redirect('/', 302);
    },
  );
  backChannelRoute(app, backChannel);
}

/** OpenID Connect Back-Channel Logout 1.0: the token comes as a form, and the answer is an empty 200 or an OAuth error. */
function backChannelRoute(app: FastifyInstance, backChannel: BackChannel): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: longestForm },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  app.post(
    backChannelPath,
    {
      schema: {
        tags: ['signing in'],
        security: [],
        summary: 'Where the provider says that a session has ended',
        consumes: ['application/x-www-form-urlencoded'],
        body: logoutForm,
        response: { 200: done, '4xx': oauthError, '5xx': oauthError },
      },
      attachValidation: true,
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      try {
        if (request.validationError)
          throw new Problem(400, 'Not believed', 'A form with a logout_token is needed.');
        await backChannel.receive((request.body as { logout_token: string }).logout_token);
        return reply.code(200).type('text/plain').send('');
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        const answer = { error: 'invalid_request', error_description: error.message };
        return reply.code(error.status).type('application/json').send(answer);
      }
    },
  );
}

/** To a person and not to a program. */
function explained(error: unknown, reply: FastifyReply): FastifyReply {
  if (!(error instanceof Problem)) throw error;
  return sendPage(reply, error.status, error.title, [error.message], { href: '/sign-in', text: 'Sign in' });
}
