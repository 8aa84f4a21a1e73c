/** An answer that cannot be read is no answer: never "there is no such thing", never "done". Every client that speaks JSON. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { assets } from '../assets/index.ts';
import { entra } from '../entra/index.ts';
import { exchange } from '../exchange/index.ts';
import { jira } from '../jira/index.ts';
import { servicenow } from '../servicenow/index.ts';
import { slack } from '../slack/index.ts';
import { largestAnswerBytes } from './answers.ts';
import type { Connector } from './define-connector.ts';
import { attemptsOf } from './testing.ts';

let close = () => {};
afterEach(() => close());

async function answering(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    if (!request.url?.includes('/oauth2/')) return answer(request, response);
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ access_token: 't', token_type: 'Bearer', expires_in: 3600 }));
  });
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const microsoft = (url: string) => ({
  tenant: 't',
  clientId: 'c',
  clientSecret: 's',
  authority: url,
  graphUrl: url,
});

/** A read and a write of each: the read looks first, where "there is none" would be believed. */
const clients: [string, Connector, string, object, (url: string) => object][] = [
  [
    'Jira',
    jira,
    'jira.transition',
    { issue: 'A-1', to: 'Done' },
    (baseUrl) => ({ baseUrl, email: 'a@example.com', apiToken: 't' }),
  ],
  [
    'ServiceNow',
    servicenow,
    'servicenow.getTicket',
    { ticket: 'CHG1' },
    (baseUrl) => ({ baseUrl, user: 'u', password: 'p' }),
  ],
  ['Snipe-IT', assets, 'assets.find', { tag: 'A' }, (baseUrl) => ({ baseUrl, apiToken: 't' })],
  [
    'Snipe-IT, a list',
    assets,
    'assets.listOf',
    { user: 'a@example.com' },
    (baseUrl) => ({ baseUrl, apiToken: 't' }),
  ],
  ['Slack', slack, 'slack.post', { channel: '#it', text: 'x' }, (baseUrl) => ({ baseUrl, botToken: 't' })],
  ['Microsoft Graph', entra, 'entra.getUser', { user: 'a@example.com' }, microsoft],
  ['Microsoft Graph, taking away', entra, 'entra.deleteUser', { user: 'a@example.com' }, microsoft],
  [
    'Exchange',
    exchange,
    'exchange.getMailbox',
    { user: 'a@example.com' },
    (url) => ({ ...microsoft(url), exchangeUrl: url }),
  ],
];
const person = JSON.stringify({
  '@odata.context': 'x',
  id: '1',
  userPrincipalName: 'a@example.com',
  displayName: 'A',
});

/** What something in between answers in a service's place, or leaves of its answer. */
const unreadable: [string, number, string, string][] = [
  ['a sign-in page', 200, 'text/html', '<html><body>Sign in</body></html>'],
  ['a page that says it is not there', 404, 'text/html', '<html><body>Not Found</body></html>'],
  ['an empty 404', 404, 'text/plain', ''],
  ['JSON of somebody else about a 404', 404, 'application/json', '{"page":"default"}'],
  ['nothing', 200, 'application/json', ''],
  ['no content, where something was asked for', 204, 'application/json', ''],
  ['JSON that is cut', 200, 'application/json', '{"value":[{"id":"1"'],
  ['a word', 200, 'text/plain', 'OK'],
  ['null', 200, 'application/json', 'null'],
];

describe.each(clients)('%s', (service, connector, action, input, settings) => {
  it.each(unreadable)('that answers %s is asked again', async (_, status, type, body) => {
    const url = await answering((request, response) => {
      // Exchange is asked by commands; the person that they are about is there.
      if (service === 'Exchange' && !request.url?.startsWith('/adminapi')) return response.end(person);
      response.writeHead(status, { 'content-type': type }).end(body);
      return response;
    });
    const failure = await attemptsOf(connector, settings(url) as never).fails(action, input as never);
    expect({ nonRetryable: failure.nonRetryable, message: failure.message }).toEqual({
      nonRetryable: false,
      message: expect.stringMatching(
        / sent (a web page|an empty answer|an answer that is (cut|not its own)[^(]*) \(\d{3}\)\. .* check connectors\./,
      ),
    });
  });

  it('that answers without end is not read without end', async () => {
    let sent = 0;
    const url = await answering((request, response) => {
      if (service === 'Exchange' && !request.url?.startsWith('/adminapi')) return response.end(person);
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      const more = () => {
        sent += chunk.length;
        if (sent < 8 * largestAnswerBytes) response.write(chunk, () => setImmediate(more));
      };
      return more();
    });
    const failure = await attemptsOf(connector, settings(url) as never).fails(action, input as never);
    expect(failure.message).toContain('answered with more than 16 MB, which is not read');
    expect(sent).toBeLessThan(4 * largestAnswerBytes);
  });
});
