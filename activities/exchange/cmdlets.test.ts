/** What the stand-in does not do: pages, and refusals in forms that Exchange has had. From a server that answers as told. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cmdlets } from './cmdlets.ts';

interface Request {
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

let server: Server;
let base = '';
let cmdlets: Cmdlets;
let asked: Request[] = [];
let answers: { status?: number; body: unknown }[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = await text(request);
    const { url = '', headers } = request;
    const isToken = url.endsWith('/token');
    if (!isToken) asked.push({ url, headers, body });
    const token = { token_type: 'Bearer', expires_in: 3_600, access_token: body.slice(-40) };
    const answer = isToken ? { body: token } : (answers.shift() ?? { body: { value: [] } });
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', 'request-id': 'r-1' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = {
    tenant: 'example.onmicrosoft.com',
    clientId: 'id',
    clientSecret: 'secret',
    authority: base,
  };
  cmdlets = new Cmdlets('exchange', settings, base);
});
afterAll(() => {
  server.close();
});

const options = { mailbox: 'ann.lee@example.com' };

function invoke(...given: typeof answers): Promise<unknown[]> {
  asked = [];
  answers = given;
  return cmdlets.invoke('Get-MobileDevice', { Mailbox: 'ann.lee@example.com' }, options);
}

function refusal(message: string, status: number) {
  return { status, body: { error: { message: 'Error executing cmdlet', details: [{ message }] } } };
}

const notFound = (status: number) =>
  refusal(
    "Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|The object 'x' couldn't be found.",
    status,
  );

describe('A command of Exchange', () => {
  it('is sent as the module sends it, to where the mailbox is, and followed over all pages', async () => {
    const path = '/adminapi/beta/example.onmicrosoft.com/InvokeCommand';
    const link = `${base}${path}?$skiptoken=1`;
    const rows = await invoke({ body: { value: [1], '@odata.nextLink': link } }, { body: { value: [2] } });
    expect(rows).toEqual([1, 2]);
    expect(asked.map(({ url }) => url)).toEqual([path, `${path}?$skiptoken=1`]);
    for (const { headers, body } of asked) {
      expect(headers['x-anchormailbox']).toBe('UPN:ann.lee@example.com');
      expect(JSON.parse(body)).toEqual({
        CmdletInput: { CmdletName: 'Get-MobileDevice', Parameters: { Mailbox: 'ann.lee@example.com' } },
      });
    }
  });

  it('does not follow a page to another service, which would get the token', async () => {
    const elsewhere = { body: { value: [], '@odata.nextLink': 'https://elsewhere.test/adminapi' } };
    await expect(invoke(elsewhere)).rejects.toThrow('a page at elsewhere.test, which is not 127.0.0.1');
    expect(asked).toHaveLength(1);
  });

  it('that finds nothing says so, whatever the status', async () => {
    for (const status of [400, 404, 500]) {
      answers = [notFound(status)];
      expect(await cmdlets.find('Get-Mailbox', { Identity: 'x' }, options)).toBeUndefined();
    }
  });

  it('is refused in the words of Exchange, without its own marks, and with the id of the request', async () => {
    const words = 'Ex0001|Microsoft.Exchange.Tasks.InvalidException|That cannot be done.';
    await expect(invoke(refusal(words, 400))).rejects.toMatchObject({
      name: 'PermanentFailure',
      message: 'Exchange refused it (400): That cannot be done.',
      details: { requestId: 'r-1' },
    });
    await expect(invoke(refusal(words, 500))).rejects.toMatchObject({ name: 'RetryableFailure' });
  });
});
