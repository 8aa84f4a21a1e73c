/** An invented firewall's rule API, for change runbooks that call a web service of their own. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { defined } from '../../plan/defined.ts';
import type { Rule, Rules } from './rules.ts';

export const token = 'sandbox-firewall-token';
const prefix = '/firewall/api';

class FirewallError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function firewallRoutes(app: FastifyInstance, rules: Rules): void {
  app.register(
    async (firewall) => {
      firewall.addHook('onRequest', async (request) => {
        if (request.headers.authorization !== `Bearer ${token}`)
          throw new FirewallError(401, 'The access token is missing or wrong.');
      });
      firewall.setErrorHandler((error, _request, reply) => {
        const { status, statusCode, message } = error as Partial<FirewallError> & { statusCode?: number };
        return reply.code(status ?? statusCode ?? 500).send({ error: message });
      });
      firewall.setNotFoundHandler(async (request) => {
        throw new FirewallError(404, `There is no ${request.method} ${request.url}.`);
      });

      firewall.get('/health', async () => ({ ...rules.health, revision: rules.revision }));
      firewall.get('/rules', async () => ({ revision: rules.revision, rules: rules.list() }));
      firewall.get('/rules/:name', async (request) => {
        const name = nameOf(request);
        const rule = rules.find(name);
        if (!rule) throw noRule(name);
        return rule;
      });
      firewall.put('/rules/:name', async (request) => {
        const rule = checkedRule(nameOf(request), request.body);
        rules.set(rule);
        return { revision: rules.revision, rule };
      });
      firewall.delete('/rules/:name', async (request, reply) => {
        const name = nameOf(request);
        if (!rules.remove(name)) throw noRule(name);
        return reply.code(204).send();
      });
    },
    { prefix },
  );
}

/** What happens to the device itself. */
export function peopleAtFirewall(app: FastifyInstance, rules: Rules): void {
  app.post('/_sandbox/firewall/health', async (request, reply) => {
    const { healthy, detail } = (request.body ?? {}) as { healthy?: unknown; detail?: unknown };
    if (typeof healthy !== 'boolean') return reply.code(400).send({ message: '"healthy" is true or false.' });
    const words = healthy ? 'All interfaces are up.' : 'The outside interface drops packets.';
    rules.feel({ healthy, detail: typeof detail === 'string' ? detail : words });
    return reply.code(204).send();
  });
}

function nameOf(request: FastifyRequest): string {
  return (request.params as { name: string }).name;
}

function noRule(name: string): FirewallError {
  return new FirewallError(404, `There is no rule ${name}.`);
}

function checkedRule(name: string, body: unknown): Rule {
  const { source, destination, port, protocol, action, comment, ...unknown } = (body ?? {}) as Record<
    string,
    unknown
  >;
  const [other] = Object.keys(unknown);
  const checks: [boolean, string][] = [
    [/^[a-z0-9][a-z0-9-]{0,62}$/.test(name), 'The name of a rule has small letters, digits and hyphens.'],
    [other === undefined, `A rule has no ${other}.`],
    [isText(source) && isText(destination), 'source and destination are needed.'],
    [
      Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536,
      'port is a number from 1 to 65535.',
    ],
    [protocol === 'tcp' || protocol === 'udp', 'protocol is tcp or udp.'],
    [action === 'allow' || action === 'deny', 'action is allow or deny.'],
    [comment === undefined || typeof comment === 'string', 'comment is a text.'],
  ];
  const problem = checks.find(([fits]) => !fits)?.[1];
  if (problem) throw new FirewallError(422, problem);
  return {
    name,
    source,
    destination,
    port,
    protocol,
    action,
    ...defined({ comment: comment || undefined }),
  } as Rule;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
