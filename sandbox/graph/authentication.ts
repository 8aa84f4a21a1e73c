/** Sign-in methods over HTTP: listing them, removing each by its own type, and Temporary Access Passes. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bodyOf, type GraphContext, idOf } from './request.ts';
import type { SignInMethod } from './sign-in-methods.ts';

const removable = [
  'phone',
  'microsoftAuthenticator',
  'fido2',
  'softwareOath',
  'email',
  'windowsHelloForBusiness',
  'temporaryAccessPass',
];

export function authenticationRoutes(graph: FastifyInstance, { directory, url }: GraphContext): void {
  const methods = directory.signInMethods;
  const userOf = (request: FastifyRequest) => directory.user(idOf(request));
  const contextOf = (request: FastifyRequest, what: string) =>
    `${url()}/$metadata#users('${encodeURIComponent(idOf(request))}')/authentication/${what}`;

  graph.get('/users/:id/authentication/methods', async (request) => ({
    '@odata.context': contextOf(request, 'methods'),
    value: methods.of(userOf(request)).map((method) => ({
      '@odata.type': `#microsoft.graph.${method.type}AuthenticationMethod`,
      ...shown(method),
    })),
  }));

  for (const type of removable)
    graph.delete(`/users/:id/authentication/${type}Methods/:method`, async (request, reply) => {
      methods.remove(userOf(request), type, idOf(request, 'method'));
      return reply.code(204).send();
    });

  graph.get('/users/:id/authentication/temporaryAccessPassMethods', async (request) => ({
    '@odata.context': contextOf(request, 'temporaryAccessPassMethods'),
    value: methods
      .of(userOf(request))
      .filter(({ type }) => type === 'temporaryAccessPass')
      .map(shown),
  }));

  graph.post('/users/:id/authentication/temporaryAccessPassMethods', async (request, reply) => {
    const method = methods.createPass(userOf(request), bodyOf(request));
    reply.code(201);
    return {
      '@odata.context': contextOf(request, 'temporaryAccessPassMethods/$entity'),
      ...shown(method),
    };
  });
}

function shown({ id, properties }: SignInMethod): Record<string, unknown> {
  return { id, ...properties };
}
