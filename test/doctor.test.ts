import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { programmed } from '../activities/index.ts';
import { examine } from '../cli/doctor/doctor.ts';
import { freePort } from '../processes/local-server.ts';
import { type Sandbox, startSandbox } from '../sandbox/start.ts';
import { openStore } from '../store/store.ts';
import { selfSigned } from './support/certificate.ts';
import { type TestDatabase, testDatabase, testTemporal } from './support/services.ts';

const temporal = await testTemporal();
const closing: (() => Promise<unknown>)[] = [];
const before = { ...process.env };
let sandbox: Sandbox;
let folder: string;
let database: TestDatabase | undefined;

beforeAll(async () => {
  sandbox = await startSandbox();
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'countersign-doctor-'));
});

afterEach(async () => {
  sandbox.faults.clear();
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  for (const close of closing.splice(0)) await close();
});

afterAll(async () => {
  await sandbox.close();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

const roles = `organisation: { name: Example }
roles: { it: { people: [kim.okafor@example.com] } }
`;

/** What `countersign doctor` finds of one part, with this configuration. */
async function findings(configuration: string, runbook?: string): Promise<Record<string, string>> {
  const path = join(mkdtempSync(join(folder, 'repository-')), 'countersign.yaml');
  writeFileSync(path, `${roles}${configuration}`);
  const runbooks = join(path, '..', 'runbooks');
  mkdirSync(runbooks);
  if (runbook) writeFileSync(join(runbooks, 'one.yaml'), runbook);
  const found = await examine({ path, runbooks: [runbooks], data: join(path, '..', 'data') });
  return Object.fromEntries(found.findings.map(({ part, state, says }) => [part, `${state}: ${says}`]));
}

async function connectorFindings(connectors: Record<string, unknown>): Promise<Record<string, string>> {
  const file = join(folder, 'connectors.json');
  writeFileSync(file, JSON.stringify(connectors));
  process.env.COUNTERSIGN_CONNECTORS = file;
  return findings('');
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

describe('The check of each connector', () => {
  it('is written for all that are programmed, as a read or as the reason why there is none', () => {
    expect(programmed.filter(({ check }) => check === undefined).map(({ name }) => name)).toEqual([]);
  });

  it('finds every stand-in well by reads alone, and says which cannot be checked', async () => {
    const { ad: _, ssh: __, ...known } = sandbox.connectors;
    const found = await connectorFindings(known);
    const of = (state: string) =>
      Object.entries(found)
        .filter(([part, says]) => part.startsWith('connector ') && says.startsWith(state))
        .map(([part]) => part.slice('connector '.length));
    expect(Object.values(found).filter((says) => /^(problem|away)/.test(says))).toEqual([]);
    expect(of('unchecked')).toEqual(['http', 'pagerduty', 'procurement', 'teams']);
    expect(of('ok')).toEqual(
      Object.keys(known)
        // Under such a name stands what plays further actions of the same system.
        .filter((name) => !name.endsWith('-declared') && !of('unchecked').includes(name))
        .sort(),
    );
    expect(sandbox.effects.list()).toEqual([]);
  });

  it('takes what the settings leave out from the connector’s own default', async () => {
    const found = await connectorFindings({ entra: { ...sandbox.connectors.entra, graphUrl: undefined } });
    expect(found['connector entra']).toContain('graph.microsoft.com');
    const { baseUrl: _, ...defender } = sandbox.connectors.defender ?? {};
    expect((await connectorFindings({ defender }))['connector defender']).toContain(
      'api.security.microsoft.com',
    );
  });

  it('names a wrong password, what is forbidden and who is away, each with what to mend', async () => {
    const { jira, servicenow, mail, zendesk, slack } = sandbox.connectors;
    sandbox.faults.add({ system: 'servicenow', kind: 'status', status: 403 });
    const found = await connectorFindings({
      jira: { ...jira, apiToken: 'not-the-token' },
      servicenow,
      mail: { ...mail, port: await freePort() },
      zendesk: { ...zendesk, apiToken: 'not-the-token' },
      slack: { ...slack, baseUrl: `http://127.0.0.1:${await freePort()}` },
    });
    expect(found['connector jira']).toMatch(
      /^problem: Jira refused the credentials \(401\).*Check the connector/,
    );
    expect(found['connector servicenow']).toMatch(
      /^problem: ServiceNow does not allow it \(403\).*permissions/,
    );
    expect(found['connector zendesk']).toMatch(/^problem: .*refused the credentials \(401\)/);
    expect(found['connector mail']).toMatch(/^away: The mail server 127.0.0.1 could not be reached/);
    expect(found['connector slack']).toMatch(/^away: Slack could not be reached .*connection refused/);
  });

  it('names a certificate that nobody knows', async () => {
    const { certificate: cert, key } = selfSigned({ host: '127.0.0.1' });
    const port = await listening(createSecureServer({ cert, key }, (_, answer) => answer.end('{}')));
    const found = await connectorFindings({
      jira: { ...sandbox.connectors.jira, baseUrl: `https://127.0.0.1:${port}` },
    });
    expect(found['connector jira']).toMatch(/^problem: The certificate of Jira .*connectors\.jira\.ca/);
  });

  it('says which runbooks use what is not configured', async () => {
    const found = await findings(
      '',
      `runbook: hello
title: Hello
kind: other
owner: role:it
steps:
  - uses: jira.comment
    with: { issue: IT-1, text: Hello }
`,
    );
    expect(found['connector jira']).toMatch(/^problem: Jira is not configured.*Used by hello\.$/);
  });
});

describe('Secrets', () => {
  it('are named and never shown, also where an answer holds one', async () => {
    process.env.JIRA_TOKEN = 'quite-secret-token';
    const port = await listening(
      createServer((_, answer) => {
        answer.writeHead(400, { 'content-type': 'application/json' });
        answer.end(JSON.stringify({ errorMessages: ['Not with quite-secret-token'] }));
      }),
    );
    const found = await findings(`secrets:
  jiraToken: { env: JIRA_TOKEN }
  other: { env: NOT_SET_AT_ALL }
connectors:
  jira: { baseUrl: "http://127.0.0.1:${port}", email: it@example.com, apiToken: "\${{ secrets.jiraToken }}" }
`);
    expect(found['secret jiraToken']).toBe('ok: is there');
    expect(found['secret other']).toMatch(/^problem: .*NOT_SET_AT_ALL, which is not set/);
    expect(found['connector jira']).toContain('Not with [secret]');
    expect(JSON.stringify(found)).not.toContain('quite-secret-token');
  });
});

describe('The database', () => {
  it('is found well once its migrations are applied, and said to lack them before', async () => {
    if (!database) return;
    process.env.DATABASE_URL = database.url;
    expect((await findings('')).database).toMatch(
      /^problem: PostgreSQL .* migrations are still to be applied/,
    );
    const store = await openStore(database.url);
    await store.close();
    expect((await findings('')).database).toMatch(/^ok: PostgreSQL \d+/);
  });

  it('is told from one that refuses the password, one that does not exist and one that is away', async () => {
    if (!database) return;
    const url = new URL(database.url);
    url.pathname = '/no_such_database';
    process.env.DATABASE_URL = url.href;
    expect((await findings('')).database).toMatch(/^problem: There is no database of this name/);
    url.port = String(await freePort());
    url.password = 'quite-secret-password';
    process.env.DATABASE_URL = url.href;
    const away = (await findings('')).database;
    expect(away).toMatch(/^away: It cannot be reached/);
    expect(away).not.toContain('quite-secret-password');
    url.href = database.url;
    url.password = 'wrong';
    process.env.DATABASE_URL = url.href;
    expect((await findings('')).database).toMatch(
      /^problem: It refused the password|^ok|^problem: PostgreSQL/,
    );
  });
});

describe('Temporal', () => {
  it('is told with its namespace, from one without it and one that is away', async () => {
    if (!temporal) return;
    process.env.TEMPORAL_ADDRESS = temporal.address;
    process.env.TEMPORAL_NAMESPACE = temporal.namespace;
    expect((await findings('')).temporal).toMatch(/^ok: .* answers, with the namespace/);
    process.env.TEMPORAL_NAMESPACE = 'no-such-namespace';
    expect((await findings('')).temporal).toMatch(/^problem: .*temporal operator namespace create/);
    process.env.TEMPORAL_ADDRESS = `127.0.0.1:${await freePort()}`;
    expect((await findings('')).temporal).toMatch(/^away: /);
  });

  it('has a certificate that is checked', async () => {
    const { certificate: cert, key } = selfSigned({ host: '127.0.0.1' });
    const port = await listening(createSecureServer({ cert, key, ALPNProtocols: ['h2'] }));
    const found = await findings(`temporal: { address: "127.0.0.1:${port}", tls: true }\n`);
    expect(found.temporal).toMatch(/^problem: The certificate of Temporal .*temporal\.tls\.ca/);
  });
});

describe('The sign-in provider', () => {
  const withIssuer = (issuer: string) => `secrets: { oidc: { env: OIDC_SECRET } }
signIn:
  url: https://countersign.example.com
  oidc: { issuer: "${issuer}", clientId: countersign, clientSecret: "\${{ secrets.oidc }}" }
`;
  const provider = (document: (url: string) => object): RequestListener => {
    return ({ headers }, answer) => {
      answer.setHeader('content-type', 'application/json');
      answer.end(JSON.stringify(document(`http://${headers.host}`)));
    };
  };

  it('is asked for its discovery document, which must be its own and whole', async () => {
    process.env.OIDC_SECRET = 'a-client-secret';
    const whole = (issuer: string) => ({
      issuer,
      authorization_endpoint: `${issuer}/a`,
      token_endpoint: `${issuer}/t`,
      jwks_uri: `${issuer}/k`,
    });
    const good = await listening(createServer(provider(whole)));
    const other = await listening(createServer(provider(() => whole('https://other.example.com'))));
    const half = await listening(createServer(provider((issuer) => ({ issuer }))));
    const said = async (port: number) => (await findings(withIssuer(`http://127.0.0.1:${port}`)))['sign-in'];
    expect(await said(good)).toMatch(/^ok: /);
    expect(await said(other)).toMatch(/^problem: .*calls itself https:\/\/other.example.com/);
    expect(await said(half)).toMatch(/^problem: .*lacks authorization_endpoint/);
    expect(await said(await freePort())).toMatch(/^away: /);
  });
});

describe('A webhook', () => {
  it('lacks its secret, or waits for the first delivery', async () => {
    expect((await findings('tickets: { jira: {} }\n'))['webhook jira']).toMatch(/^problem: .*webhookSecret/);
    process.env.JIRA_WEBHOOK = 'a-webhook-secret';
    const configured = `secrets: { hook: { env: JIRA_WEBHOOK } }
signIn: { url: "https://countersign.example.com" }
tickets: { jira: { webhookSecret: "\${{ secrets.hook }}" } }
`;
    expect((await findings(configured))['webhook jira']).toMatch(
      /^unchecked: .*https:\/\/countersign.example.com\/hooks\/jira/,
    );
  });
});

describe('The branch of the runbooks', () => {
  it('is read, or said to be gone, its repository to be none, or away', async () => {
    const repository = join(folder, 'runbooks.git');
    const git = (...args: string[]) => execFileSync('git', args, { stdio: 'ignore' });
    git('init', '--quiet', '--initial-branch', 'main', repository);
    const author = ['-c', 'user.name=Kim', '-c', 'user.email=kim.okafor@example.com'];
    git('-C', repository, ...author, 'commit', '--quiet', '--allow-empty', '-m', 'First');
    const said = async (address: string, branch: string) =>
      (await findings(`git: { repository: "${address}", branch: ${branch} }\n`)).git;
    expect(await said(repository, 'main')).toMatch(/^ok: .* lets us read main, which is at [0-9a-f]{10}$/);
    expect(await said(repository, 'other')).toMatch(/^problem: .* has no branch other/);
    expect(await said(join(folder, 'nowhere.git'), 'main')).toMatch(/^problem: .* cannot be read/);
    expect(await said(`http://127.0.0.1:${await freePort()}/a.git`, 'main')).toMatch(/^away: /);
  });
});
