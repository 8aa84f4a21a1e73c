import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlain } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { type AddressInfo, createServer as createSocket, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { defined } from '../../plan/defined.ts';
import { selfSigned } from '../../test/support/certificate.ts';
import { assets } from '../assets/index.ts';
import { http } from '../http/index.ts';
import { jira } from '../jira/index.ts';
import { mail } from '../mail/index.ts';
import { onedrive } from '../onedrive/index.ts';
import { procurement } from '../procurement/index.ts';
import { servicenow } from '../servicenow/index.ts';
import { slack } from '../slack/index.ts';
import { teams } from '../teams/index.ts';
import type { Connector } from './define-connector.ts';
import { Outbound } from './outbound.ts';
import { attemptsOf } from './testing.ts';

const servers: { close(done?: () => void): unknown }[] = [];
const folder = mkdtempSync(join(tmpdir(), 'countersign-ca-'));
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A service with a certificate that nobody known has signed, which answers everything with this. */
const secure = (body: string, options = {}, status = 200) => {
  const { certificate, key } = selfSigned({ host: 'localhost', ...options });
  const server = createSecure({ cert: certificate, key }, (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  return { certificate, port: listening(server) };
};

const graphAt = (url: string, ca?: object) => ({
  tenant: 't',
  clientId: 'c',
  clientSecret: 's',
  authority: url,
  graphUrl: url,
  ...defined({ ca }),
});
const supplierAt = (url: string, ca?: object) => ({
  suppliers: {
    one: {
      title: 'The supplier',
      cxml: {
        url,
        from: { domain: 'd', identity: '1' },
        to: { domain: 'd', identity: '2' },
        sender: { domain: 'd', identity: '1' },
        sharedSecret: 's',
      },
    },
  },
  buyer: {
    company: 'Example',
    address: { street: 's', city: 'c', postalCode: '1', country: 'DE' },
    contact: 'it@example.com',
  },
  ...defined({ ca }),
});
const order = {
  supplier: 'one',
  items: [{ description: 'x', partNumber: 'y', quantity: 1 }],
  deliverTo: 'Here',
};

/** Each connector that reaches out by HTTP: an action of it, its settings for an address, and where that stands. */
const reaching: [string, Connector, string, object, (url: string, ca?: object) => object, string][] = [
  [
    'Jira',
    jira,
    'jira.transition',
    { issue: 'A-1', to: 'Done' },
    (baseUrl, ca) => ({ baseUrl, email: 'a@example.com', apiToken: 't', ca }),
    'connectors.jira.baseUrl',
  ],
  [
    'ServiceNow',
    servicenow,
    'servicenow.getTicket',
    { ticket: 'CHG1' },
    (baseUrl, ca) => ({ baseUrl, user: 'u', password: 'p', ca }),
    'connectors.servicenow.baseUrl',
  ],
  [
    'Snipe-IT',
    assets,
    'assets.find',
    { tag: 'A' },
    (baseUrl, ca) => ({ baseUrl, apiToken: 't', ca }),
    'connectors.assets.baseUrl',
  ],
  [
    'Slack',
    slack,
    'slack.post',
    { channel: '#it', text: 'x' },
    (baseUrl, ca) => ({ baseUrl, botToken: 't', ca }),
    'connectors.slack.baseUrl',
  ],
  [
    'Teams',
    teams,
    'teams.post',
    { text: 'x' },
    (webhook, ca) => ({ channels: { it: { webhook } }, ca }),
    'connectors.teams.channels.it.webhook',
  ],
  [
    'Microsoft sign-in',
    onedrive,
    'onedrive.unshare',
    { user: 'a@example.com', to: 'b@example.com' },
    graphAt,
    'connectors.onedrive.authority',
  ],
  [
    'The supplier',
    procurement,
    'procurement.order',
    order,
    supplierAt,
    'connectors.procurement.suppliers.one.cxml.url',
  ],
];

function settingsOf(
  make: (url: string, ca?: object) => object,
  url: string,
  ca?: object,
): Record<string, unknown> {
  return JSON.parse(JSON.stringify(make(url, ca)));
}

describe.each(reaching)('%s', (service, connector, action, input, make, setting) => {
  it('with a certificate that nobody known has signed is a fault of the configuration, told at once', async () => {
    const port = await secure('{}').port;
    const failure = await attemptsOf(connector, settingsOf(make, `https://localhost:${port}`)).fails(
      action,
      input as never,
    );
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toBe(
      `The certificate of ${service} at localhost:${port} is signed by nobody who is known here. If a certificate authority of your own has signed it, name that under connectors.${connector.name}.ca in countersign.yaml. Else check ${setting} in countersign.yaml.`,
    );
  });

  it('is reached when its own authority is named', async () => {
    const { certificate, port } = secure('{"error":"seen"}', {}, 418);
    const file = join(folder, `${connector.name}.pem`);
    writeFileSync(file, certificate);
    const url = `https://localhost:${await port}`;
    const failure = await attemptsOf(connector, settingsOf(make, url, { file })).fails(
      action,
      input as never,
    );
    expect(failure.message).toMatch(/418/);
  });

  it('that speaks no TLS where TLS is meant is a fault of the configuration', async () => {
    const port = await listening(createPlain((_, response) => response.end('{}')));
    const failure = await attemptsOf(connector, settingsOf(make, `https://localhost:${port}`)).fails(
      action,
      input as never,
    );
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toBe(
      `${service} does not speak TLS at localhost:${port}, where ${setting} in countersign.yaml says that it does. Check the port, and whether it is secured otherwise.`,
    );
  });
});

describe('A certificate', () => {
  const [, , action, input, make] = reaching[0] ?? [];
  const jiraFails = (url: string, ca?: object) =>
    attemptsOf(jira, settingsOf(make as never, url, ca)).fails(action as string, input as never);

  it('that has expired, or is for another name, is told as what it is', async () => {
    const expired = secure('{}', { days: -2 });
    const other = secure('{}', { host: 'elsewhere.example.com' });
    for (const [{ certificate, port }, words] of [
      [expired, 'has expired'],
      [other, 'is for another name'],
    ] as const) {
      const file = join(folder, `${words.replaceAll(' ', '-')}.pem`);
      writeFileSync(file, certificate);
      const failure = await jiraFails(`https://localhost:${await port}`, { file });
      expect(failure.message).toContain(words);
      expect(failure.nonRetryable).toBe(true);
    }
  });

  it('that cannot be read, or is none, is a fault of the configuration that names it', async () => {
    const none = join(folder, 'none.pem');
    writeFileSync(none, 'no certificate');
    const messages = await Promise.all(
      [{ file: none }, { file: join(folder, 'missing.pem') }, { secret: 'text' }, {}].map(
        async (ca) => (await jiraFails('https://localhost:1', ca)).message,
      ),
    );
    expect(messages).toEqual([
      expect.stringContaining('connectors.jira.ca in countersign.yaml holds no certificate'),
      expect.stringContaining('The file of connectors.jira.ca in countersign.yaml cannot be read'),
      expect.stringContaining('holds no certificate'),
      'connectors.jira.ca in countersign.yaml needs either file or secret.',
    ]);
  });

  it('of an authority does not make others trusted', async () => {
    const file = join(folder, 'other.pem');
    writeFileSync(file, selfSigned().certificate);
    const failure = await jiraFails(`https://localhost:${await secure('{}').port}`, { file });
    expect(failure.message).toContain('signed by nobody who is known here');
  });
});

describe('What answers in another way', () => {
  it('than HTTP is a fault of the configuration', async () => {
    const port = await listening(createSocket((socket) => socket.end('SSH-2.0-Example\r\n')));
    const [, , action, input, make] = reaching[0] ?? [];
    const failure = await attemptsOf(jira, settingsOf(make as never, `http://127.0.0.1:${port}`)).fails(
      action as string,
      input as never,
    );
    expect(failure.message).toBe(
      `What answers at 127.0.0.1:${port} speaks no HTTP. Check the port in connectors.jira.baseUrl in countersign.yaml.`,
    );
    expect(failure.nonRetryable).toBe(true);
  });
});

describe('A web service', () => {
  it('is reached when its own authority is named, and told as a fault of the configuration before', async () => {
    const { certificate, port } = secure('{"seen":true}');
    const file = join(folder, 'web.pem');
    writeFileSync(file, certificate);
    const host = `localhost:${await port}`;
    const outbound = new Outbound({ allow: [host], privateNetworks: ['localhost'] });
    const before = await attemptsOf(http, {}, [], outbound).fails('http.get', { url: `https://${host}/x` });
    expect(before.nonRetryable).toBe(true);
    expect(before.message).toContain('name that under connectors.http.ca in countersign.yaml');
    const after = await attemptsOf(http, { ca: { file } }, [], outbound).call('http.get', {
      url: `https://${host}/x`,
    });
    expect(after.body).toEqual({ seen: true });
  });
});

describe('A mail server', () => {
  const message = { to: ['dana.reyes@example.com'], subject: 'Hello', text: 'x' };
  const smtp = async (options: ConstructorParameters<typeof SMTPServer>[0]) => {
    const server = new SMTPServer({
      authOptional: true,
      logger: false,
      onData: (stream, _, done) => stream.resume().on('end', done),
      ...options,
    });
    server.on('error', () => {});
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.server.address() as AddressInfo).port;
  };
  const settings = (port: number, more: object) => ({
    host: 'localhost',
    port,
    from: 'it@example.com',
    ...more,
  });

  it.each(['starttls', 'tls'] as const)(
    'by %s with a certificate that nobody known has signed is a fault of the configuration, unless its authority is named',
    async (security) => {
      const { certificate, key } = selfSigned();
      const port = await smtp({ secure: security === 'tls', cert: certificate, key });
      const failure = await attemptsOf(mail, settings(port, { security })).fails('mail.send', message);
      expect(failure.nonRetryable).toBe(true);
      expect(failure.message).toContain(
        `The certificate of the mail server at localhost:${port} is signed by nobody who is known here.`,
      );
      expect(failure.message).toContain('connectors.mail.ca in countersign.yaml');
      const file = join(folder, `mail-${security}.pem`);
      writeFileSync(file, certificate);
      const sent = await attemptsOf(mail, settings(port, { security, ca: { file } })).call(
        'mail.send',
        message,
      );
      expect(sent).toMatchObject({ accepted: message.to });
    },
  );

  it('that speaks no TLS, or offers no STARTTLS, is a fault of the configuration', async () => {
    const port = await smtp({ disabledCommands: ['STARTTLS'] });
    const plain = await attemptsOf(mail, settings(port, { security: 'tls' })).fails('mail.send', message);
    const upgraded = await attemptsOf(mail, settings(port, { security: 'starttls' })).fails(
      'mail.send',
      message,
    );
    expect([plain.nonRetryable, upgraded.nonRetryable]).toEqual([true, true]);
    expect(plain.message).toContain('does not speak TLS at');
    expect(upgraded.message).toContain('does not secure the connection by STARTTLS');
    expect(upgraded.message).toContain('connectors.mail');
  });
});
