import { type Static, Type } from 'typebox';
import type { Json } from '../../plan/plan.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { WebClient } from './client.ts';
import { body, expect, headers, status, url } from './fields.ts';

const input = Type.Object(
  {
    method: Type.Enum(['POST', 'PUT', 'PATCH', 'DELETE'], { description: 'What to do there.' }),
    url,
    headers,
    body: Type.Optional(
      Type.Unsafe<Json>({
        description:
          'What to send: text as it is, everything else as data in the form that web services use.',
      }),
    ),
    expect,
    idempotencyHeader: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Name of the header with a key that is the same at every try of this step, by which the service knows a repetition. POST sends Idempotency-Key unless another name stands here; the other methods send one only when it is named.',
      }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({ status, body });

type Context = ActionContext<WebClient>;

export const request = defineAction({
  name: 'http.request',
  title: 'Change something in a web service',
  description:
    'Sends a change to a web service, at an address that the outbound rules allow. After a lost answer it is sent again. That does no harm where something is set or removed by its name; with POST goes a key by which many services know a repetition. Redirects are not followed.',
  effect: 'write',
  delivery: 'at least once',
  source: 'RFC 9110: HTTP Semantics',
  input,
  output,
  examples: [
    {
      title: 'Set a rule of a firewall',
      with: {
        method: 'PUT',
        url: 'https://firewall.example.com/api/rules/vpn-in',
        headers: { Authorization: 'Bearer ${{ secrets.firewallToken }}' },
        body: { source: '198.51.100.0/24', destination: 'vpn', port: 443, protocol: 'tcp', action: 'allow' },
      },
    },
    {
      title: 'Take it away, also when it is gone already',
      with: {
        method: 'DELETE',
        url: 'https://firewall.example.com/api/rules/vpn-in',
        headers: { Authorization: 'Bearer ${{ secrets.firewallToken }}' },
        expect: [404],
      },
    },
  ],

  async run(given, { client, key }: Context) {
    const { idempotencyHeader: _, ...sent } = given;
    return client.send({ ...sent, headers: { ...given.headers, ...keyHeader(given, key) } });
  },

  async preview({ method, url: address }, { client }: Context) {
    return { summary: `would send ${method} to ${address}`, ...problemsOf(client, address) };
  },
});

/** One that the author set stays: it may be a key of their own. */
function keyHeader(given: Static<typeof input>, key: string): Record<string, string> {
  const name = given.idempotencyHeader ?? (given.method === 'POST' ? 'Idempotency-Key' : undefined);
  const isSet = Object.keys(given.headers ?? {}).some(
    (header) => header.toLowerCase() === name?.toLowerCase(),
  );
  return name === undefined || isSet ? {} : { [name]: key };
}

function problemsOf(client: WebClient, address: string): { problems?: string[] } {
  try {
    client.check(address);
    return {};
  } catch (error) {
    if (error instanceof PermanentFailure) return { problems: [error.message] };
    throw error;
  }
}
