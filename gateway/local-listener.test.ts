import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, testDatabase } from '../test/support/services.ts';
import { type LocalListener, listenLocally } from './local-listener.ts';
import { TestGateway } from './testing.ts';

const database = await testDatabase();

describeWith(database)('With a public address, a code by mail', () => {
  let gateway: TestGateway;
  let own: LocalListener;
  let behindProxy: string;
  beforeAll(async () => {
    gateway = await TestGateway.start({
      database: database?.url ?? '',
      runbooks: [],
      configuration: 'signIn: { url: "https://countersign.example.com", local: true }\n',
    });
    behindProxy = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    own = await listenLocally(gateway.app, gateway.hosts, 0);
  });
  afterAll(async () => {
    await own.close();
    await gateway.stop();
    await database?.drop();
  });

  const ask = (url: string) =>
    fetch(`${url}/api/v1/sign-in/code`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'c.kim@example.com' }),
    });

  it('is not sent for what a plain proxy passes on, which looks like this machine', async () => {
    expect((await ask(behindProxy)).status).toBe(403);
    expect(await (await fetch(`${behindProxy}/api/v1/sign-in`)).json()).toMatchObject({ local: false });
  });

  it('is sent at the listener of the machine’s own', async () => {
    expect((await ask(own.url)).status).toBe(204);
    expect(await (await fetch(`${own.url}/api/v1/sign-in`)).json()).toMatchObject({ local: true });
    expect(gateway.mails).toHaveLength(1);
  });
});
