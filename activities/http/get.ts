import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { WebClient } from './client.ts';
import { body, expect, headers, status, url } from './fields.ts';

const input = Type.Object(
  {
    url,
    headers,
    expect,
    asText: Type.Optional(
      Type.Boolean({ description: 'True to get the body as text, also where it could be parsed.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  status,
  body,
  found: Type.Boolean({ description: 'False when the service answered 404 and 404 was expected.' }),
});

export const get = defineAction({
  name: 'http.get',
  title: 'Read from a web service',
  description:
    'Asks a web service for something, at an address that the outbound rules allow. Redirects are not followed.',
  effect: 'read',
  source: 'RFC 9110: HTTP Semantics, GET',
  input,
  output,
  examples: [
    {
      title: 'A rule that may not be there yet',
      with: {
        url: 'https://firewall.example.com/api/rules/vpn-in',
        headers: { Authorization: 'Bearer ${{ secrets.firewallToken }}' },
        expect: [404],
      },
    },
  ],

  async run(request, { client }: ActionContext<WebClient>) {
    const answer = await client.send({ ...request, method: 'GET' });
    return { ...answer, found: answer.status !== 404 };
  },
});
