import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { Seal } from '../../vault/seal.ts';
import { ConfiguredSecrets } from '../../vault/secrets.ts';
import { connectorSettings, mailNotices } from './configured-services.ts';

describe('notices by mail', () => {
  const taken: string[] = [];
  let refused = 0;
  const server = new SMTPServer({
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'countersign' && password === 'canary-password') return done(null, { user: username });
      refused += 1;
      done(new Error('wrong password'));
    },
    onData: (stream, _session, done) => {
      let text = '';
      stream.on('data', (chunk) => {
        text += String(chunk);
      });
      stream.on('end', () => {
        taken.push(text);
        done();
      });
    },
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  const notice = { id: 'n1', to: ['kim@example.com'], subject: 'Please sign', text: 'A run waits.' };
  const services = (password: string) => ({
    seal: new Seal({ current: 'k', keys: { k: Buffer.alloc(32) } }),
    secrets: new ConfiguredSecrets({ mailPassword: { env: 'MAIL_PASSWORD' } }, { MAIL_PASSWORD: password }),
  });
  const settings = () => ({
    host: '127.0.0.1',
    port: (server.server.address() as AddressInfo).port,
    security: 'none',
    user: 'countersign',
    password: { $secret: 'mailPassword' },
    from: 'it@example.com',
  });

  it('are sent with the password that the configuration names', async () => {
    await mailNotices(settings(), services('canary-password'))(notice);
    expect(taken).toHaveLength(1);
    expect(taken[0]).toContain('Subject: Please sign');
    expect(taken[0]).toContain('Message-ID: <n1@countersign.example.com>');
  });

  it('fail, saying which setting to look at, when the password is wrong', async () => {
    const sending = mailNotices(settings(), services('another'))(notice);
    await expect(sending).rejects.toThrow('refused the credentials');
    expect(refused).toBe(1);
  });

  it('are left out where no mail server is configured', async () => {
    await expect(mailNotices(undefined, services(''))(notice)).resolves.toBeUndefined();
  });
});

it('A file that a connector names is beside the configuration', async () => {
  const jira = { baseUrl: 'https://jira.example.com', ca: { file: 'company.pem' } };
  const configuration = { connectors: { jira, slack: { botToken: 't' } } } as never;
  expect(await connectorSettings(configuration, '/srv/runbooks/countersign.yaml')).toEqual({
    jira: { ...jira, ca: { file: '/srv/runbooks/company.pem' } },
    slack: { botToken: 't' },
  });
});
