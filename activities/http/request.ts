import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import type { Json } from '../../plan/plan.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { WebClient } from './client.ts';
import { compare, differenceOf, holds, isSo, look, problemWith } from './comparing.ts';
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
    compare: Type.Optional(compare),
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

const output = Type.Object({
  status,
  body,
  sent: Type.Optional(
    Type.Boolean({
      description: 'With `compare`: true when this step sent it, false when all was so already.',
    }),
  ),
  before: Type.Optional(
    Type.Unsafe<Json>({
      description: 'With `compare`: what was there before this step, and nothing where nothing was.',
    }),
  ),
});

type Context = ActionContext<WebClient>;

/** What a method does to an address, for those who sign it. */
const verbs = { POST: 'send something to', PUT: 'set', PATCH: 'change a part of', DELETE: 'remove' } as const;

export const request = defineAction({
  name: 'http.request',
  title: 'Change something in a web service',
  description:
    'Sends a change to a web service, at an address that the outbound rules allow. After a lost answer it is sent again. That does no harm where something is set or removed by its name; with POST goes a key by which many services know a repetition. Redirects are not followed. With `compare`, people are shown what is there and what would be before they sign, it is sent only if it is not so already, and read back afterwards.',
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

  async run(given, context: Context) {
    const { compare: comparing, ...plain } = given;
    if (comparing === undefined) return send(plain, context);
    const found = await look(context.client, given);
    const before = await context.rememberBeforeWrite(async () => found.body);
    const sent = !isSo(given, before);
    if (isSo(given, found.body)) return { ...found, sent, before };
    const inTheWay = problemWith(given, found.body);
    if (inTheWay !== undefined) throw new PermanentFailure(inTheWay);
    return { ...(await send(plain, context)), sent, before };
  },

  async preview(given, { client }: Context) {
    const summary = `would ${verbs[given.method]} ${given.url}`;
    const problems = problemsOf(client, given.url);
    if (given.compare === undefined || problems.problems !== undefined) return { summary, ...problems };
    const { body: found } = await look(client, given);
    if (isSo(given, found)) return { summary: `${given.url} is so already`, nothingToDo: true };
    const inTheWay = problemWith(given, found);
    return {
      summary,
      ...defined({
        difference: differenceOf(given, found),
        problems: inTheWay === undefined ? undefined : [inTheWay],
      }),
    };
  },

  async verify(given, { client }: Context) {
    // Of what is sent without one, the answer is all that is known.
    if (given.compare === undefined) return undefined;
    const { body: found } = await look(client, given);
    return holds(given, found);
  },
});

async function send(given: Omit<Static<typeof input>, 'compare'>, { client, key }: Context) {
  const { idempotencyHeader: _, ...sent } = given;
  return client.send({ ...sent, headers: { ...given.headers, ...keyHeader(given, key) } });
}

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
