/** For tests: a domain controller with what they need, and attempts of actions on it. */
import { readFileSync } from 'node:fs';
import { Client } from 'ldapts';
import { AdClient } from '../../activities/ad/client.ts';
import type { Directory } from '../../activities/ad/directory.ts';
import { ad } from '../../activities/ad/index.ts';
import { childOf } from '../../activities/ad/names.ts';
import type { Action } from '../../activities/kit/define-action.ts';
import { type Attempts, attemptsOf } from '../../activities/kit/testing.ts';
import { type LdapProxy, ldapProxy } from './ldap-proxy.ts';
import { type SambaServer, testSambaServer } from './samba-server.ts';

export interface TestDomain {
  server: SambaServer;
  domain: string;
  /** Without the proxy. */
  client: AdClient;
  actions: Action[];
  attempts: Attempts;
  proxy: LdapProxy;
  /** Through the proxy. */
  far: Attempts;
  /** What stands under `connectors: ad:` to go through the proxy. */
  farSettings: object;
  useFar<T>(work: (directory: Directory) => Promise<T>): Promise<T>;
  /** The library itself, through the proxy. */
  farClient(): Promise<Client>;
  /** An organisational unit of its own for each call. */
  unit(): Promise<string>;
  use<T>(work: (directory: Directory) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** `options` are lines of the server's configuration. */
export async function testDomain(options?: readonly string[]): Promise<TestDomain | undefined> {
  const server = await testSambaServer(options);
  if (!server) return undefined;
  const { settings, domain } = server;
  const proxy = await ldapProxy({
    host: server.address,
    servername: settings.servername,
    ca: readFileSync(settings.ca.file, 'utf8'),
  });
  const { servername: _, ...rest } = settings;
  const farSettings = { ...rest, url: proxy.url, ca: { secret: proxy.certificate } };
  const farAway = new AdClient(farSettings);
  const client = new AdClient(settings);
  let units = 0;
  return {
    server,
    domain,
    client,
    actions: ad.actions,
    attempts: attemptsOf(ad, settings, ['password']),
    proxy,
    farSettings,
    far: attemptsOf(ad, farSettings, ['password']),
    useFar: (work) => farAway.session(work),
    async farClient() {
      const own = new Client({ url: proxy.url, tlsOptions: { ca: proxy.certificate } });
      await own.bind(settings.user, settings.password);
      return own;
    },
    async unit() {
      const dn = childOf(domain, `Unit ${++units}`, 'OU');
      await client.session((directory) => directory.add(dn, { objectClass: 'organizationalUnit' }));
      return dn;
    },
    use: (work) => client.session(work),
    async stop() {
      await proxy.stop();
      await server.stop();
    },
  };
}
