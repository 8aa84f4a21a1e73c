/** The two addresses that a browser visits on its way to the provider and back. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { sendPage } from '../console.ts';
import { Problem } from '../problem.ts';
import { type OidcSignIn, signInPath } from './oidc.ts';
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

export function oidcPages(app: FastifyInstance, oidc: OidcSignIn, signIn: SignIn): void {
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
        const { session, to } = await oidc.finish(request, reply);
        await signIn.begin(request, reply, session);
        return reply.redirect(to, 302);
      } catch (error) {
        return explained(error, reply);
      }
    },
  );
}

/** To a person and not to a program. */
function explained(error: unknown, reply: FastifyReply): FastifyReply {
  if (!(error instanceof Problem)) throw error;
  return sendPage(reply, error.status, error.title, [error.message], { href: '/sign-in', text: 'Sign in' });
}
