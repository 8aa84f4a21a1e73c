/** Signing in and out, and who one is. */

import type { FastifyRequest } from 'fastify';
import { defined } from '../../plan/defined.ts';
import { Problem } from '../problem.ts';
import { gives, nothing, principal, principalProperties } from '../schemas/answers.ts';
import { person } from '../schemas/bodies.ts';
import { boolean, object, text } from '../schemas/dsl.ts';
import { organisationOf } from '../sign-in/people.ts';
import { type ApiParts, lookingAs, type Routes, who } from './request.ts';

const codeBody = {
  type: 'object',
  required: ['email'],
  additionalProperties: false,
  properties: { email: { ...person, minLength: 3, maxLength: 254 } },
};

const signInBody = {
  ...codeBody,
  required: ['email', 'code'],
  properties: {
    ...codeBody.properties,
    code: { type: 'string', minLength: 8, maxLength: 20, description: 'The code from the mail: 1234-5678.' },
  },
};

const signInWays = object(
  {
    organisation: text('Its name.'),
    local: boolean('Whether a one-time code by mail will do.'),
    'oidc?': object({
      title: text('What the provider is called.'),
      url: text('Where to begin; takes ?to=.'),
    }),
  },
  'How one can sign in.',
);

const signedOut = object(
  { 'provider?': text('Where the browser is to go, so that the provider’s session ends too.') },
  'One is signed out here.',
);

const me = object(
  {
    ...principalProperties,
    'readOnly?': text('The role because of which they see everything and change nothing.'),
  },
  'Who is signed in.',
);

/** The only routes of the API that answer whoever asks. */
export const signInRoutes: Routes = {
  for: 'anybody',
  add(api, parts) {
    const { codes, hosts, oidc, signIn } = parts;
    const tags = ['signing in'];
    const security: [] = [];
    const checkLocal = (request: FastifyRequest) => {
      if (!hosts.isOwnPage(request))
        throw new Problem(403, 'Not from our pages', 'Sign in from a page of this gateway.');
      if (!isLocal(request, parts))
        throw new Problem(403, 'Not here', 'Codes by mail are for this machine only. Sign in another way.');
    };

    api.get(
      '/sign-in',
      { schema: { summary: 'How one can sign in', tags, security, response: gives(signInWays) } },
      async (request) => {
        const provider = oidc.offer();
        return {
          organisation: organisationOf(parts.library().configuration),
          local: isLocal(request, parts),
          ...defined({ oidc: provider }),
        };
      },
    );
    api.post(
      '/sign-in/code',
      {
        schema: {
          summary: 'Ask for a one-time code by mail',
          tags,
          security,
          body: codeBody,
          response: gives(nothing, 204),
        },
      },
      async (request, reply) => {
        checkLocal(request);
        const { email } = request.body as { email: string };
        await codes.ask(email, request.ip);
        return reply.code(204).send();
      },
    );
    api.post(
      '/sign-in',
      {
        schema: {
          summary: 'Sign in with the code from the mail',
          tags,
          security,
          body: signInBody,
          response: gives(principal),
        },
      },
      async (request, reply) => {
        checkLocal(request);
        const { email, code } = request.body as { email: string; code: string };
        const person = await codes.check(email, code);
        return signIn.begin(request, reply, { person, groups: [], how: 'local' });
      },
    );
  },
};

export const personRoutes: Routes = {
  for: 'signed in',
  add(api, { signIn, oidc }) {
    api.get(
      '/me',
      { schema: { summary: 'Who is signed in', tags: ['signing in'], response: gives(me) } },
      async (request) => ({ ...who(request), ...defined({ readOnly: lookingAs(request) }) }),
    );
    api.post(
      '/sign-out',
      {
        config: { ownOnly: true },
        schema: { summary: 'Sign out', tags: ['signing in'], response: gives(signedOut) },
      },
      async (request, reply) => {
        const ended = await signIn.end(request, reply);
        const provider = ended && (await oidc.signOut(request, reply, ended));
        return defined({ provider: provider?.href });
      },
    );
  },
};

/** Codes by mail: at this machine, and where there is a provider or a public address only if the configuration wants both. */
function isLocal(request: FastifyRequest, { hosts, library }: ApiParts): boolean {
  const { oidc, url, local = oidc === undefined && url === undefined } = library().configuration.signIn ?? {};
  return hosts.isAtThisMachine(request) && local;
}
