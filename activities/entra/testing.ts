/** For the tests of this connector: the Graph stand-in, attempts against it, and what an administrator does in the portal. */

import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { defined } from '../../plan/defined.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { entra } from './index.ts';

export interface EntraSandbox {
  sandbox: Sandbox;
  attempts: Attempts;
  /** How often something was changed. */
  count(effect: string): number;
  /** Loses the answer to the next request of this kind. */
  loseAnswer(path: string): void;
  /** A request as an administrator's own tools would send it. */
  graph(method: string, path: string, body?: unknown): Promise<Response>;
}

/** Started before the tests of a file, begun anew after each; read it inside of tests only. */
export function entraSandbox(): EntraSandbox {
  const held = {} as EntraSandbox;
  beforeAll(async () => {
    const sandbox = await startSandbox();
    Object.assign(held, {
      sandbox,
      attempts: attemptsOf(entra, sandbox.connectors.entra ?? {}, ['clientSecret']),
      count: (effect) => sandbox.effects.list({ effect }).length,
      loseAnswer: (path) => sandbox.faults.add({ system: 'graph', path, times: 1, kind: 'lostAnswer' }),
      graph: async (method, path, body) =>
        fetch(`${sandbox.url}/graph/v1.0${path}`, {
          method,
          headers: { authorization: await token(sandbox), 'content-type': 'application/json' },
          ...defined({ body: body === undefined ? undefined : JSON.stringify(body) }),
        }),
    } satisfies EntraSandbox);
  });
  afterEach(() => fetch(`${held.sandbox.url}/_sandbox/reset`, { method: 'POST' }));
  afterAll(() => held.sandbox.close());
  return held;
}

async function token({ url, connectors }: Sandbox): Promise<string> {
  const { tenant, clientId, clientSecret } = connectors.entra as Record<string, string>;
  const response = await fetch(`${url}/login/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId ?? '',
      client_secret: clientSecret ?? '',
      scope: 'x/.default',
    }),
  });
  return `Bearer ${((await response.json()) as { access_token: string }).access_token}`;
}
