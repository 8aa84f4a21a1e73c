/** Schemathesis asks every route of the real server for what its OpenAPI document allows, and for what it does not. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePort } from '../../processes/local-server.ts';
import { testSchemathesis } from '../../test/support/schemathesis.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();
const program = await testSchemathesis();

const coordinator = 'c.kim@example.com';
const manager = 'm.roth@example.com';

const trigger = 'on: [ { manual: { by: [role:it-coordinators] } } ]';

const rule = `runbook: rule
title: Firewall rule
kind: change
owner: role:it-coordinators
${trigger}
inputs: { host: { type: string } }
steps:
  - id: signoff
    approve: { from: [${coordinator}, ${manager}], quorum: 2, within: 2d, show: { host: "\${{ inputs.host }}" } }
  - id: tell
    uses: mail.send
    with: { to: ${manager}, subject: Done, text: "\${{ inputs.host }}" }
`;

const desk = `runbook: desk
title: Place a laptop
kind: other
owner: role:it-coordinators
${trigger}
steps:
  - id: place
    task: { to: ${coordinator}, instructions: Place it., form: { serial: { type: string } }, within: 1d }
`;

interface Parameter {
  name: string;
  in: string;
  schema?: object;
}
interface Document {
  paths: Record<string, Record<string, { parameters?: Parameter[] }>>;
  components: { securitySchemes: Record<string, object> };
  security: object[];
}

/** What has not come to its end by then is ended, so that what it found is shown. */
const longestMs = 120_000;
/** What stays open until somebody leaves, and what leads to a provider that is not there. */
const notAsked = '/events$|/sign-in/oidc';
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'ignored_auth',
];

describeWith(database && program)('whatever a program sends', () => {
  let gateway: TestGateway;
  let folder = '';
  let port = 0;
  let runs: string[] = [];
  beforeAll(async () => {
    gateway = await TestGateway.start({
      database: database?.url ?? '',
      runbooks: [rule, desk],
      records: true,
    });
    runs = [
      await gateway.startRun(coordinator, 'rule', { host: 'gw-1' }),
      await gateway.startRun(coordinator, 'rule', { host: 'gw-2' }),
      await gateway.startRun(coordinator, 'desk', {}),
    ];
    folder = await mkdtemp(join(tmpdir(), 'schemathesis-'));
    port = await freePort();
    await gateway.app.listen({ port, host: '127.0.0.1' });
  });
  afterAll(async () => {
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
    await database?.drop();
  });

  /** The document as it is answered, with what is there in place of any id: what is made up would find nothing but 404. */
  async function documentWithIds(): Promise<string> {
    const document = structuredClone(gateway.app.swagger()) as unknown as Document;
    // It signs in by the token alone: beside a good token a bad cookie is rightly believed.
    delete document.components.securitySchemes.session;
    document.security = [{ local: [] }];
    const there: Record<string, string[]> = { id: runs, step: ['signoff', 'place'], name: ['rule', 'desk'] };
    for (const { parameters = [] } of Object.values(document.paths).flatMap((each) => Object.values(each)))
      for (const parameter of parameters) {
        const values = parameter.in === 'path' ? there[parameter.name] : undefined;
        if (values) parameter.schema = { type: 'string', enum: values };
      }
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    return file;
  }

  it('is answered as the document says, never by a mistake of ours, and nothing is told to whoever is not signed in', async () => {
    const { authorization = '' } = gateway.headersOf(coordinator);
    const { code, output } = await ended([
      '--no-color',
      'run',
      await documentWithIds(),
      ...['--url', `http://127.0.0.1:${port}`],
      ...['--header', `Authorization: ${authorization}`, '--header', `X-Countersign-As: ${coordinator}`],
      ...['--phases', 'coverage,fuzzing', '--max-examples', '5', '--max-time', '30', '--seed', '1'],
      '--generation-deterministic',
      ...['--checks', checks.join(','), '--exclude-path-regex', notAsked],
      ...['--request-timeout', '10', '--continue-on-failure'],
    ]);
    const mistakes = gateway.log.filter((line) => line.startsWith('An error that should not be'));
    expect({ output: code === 0 ? '' : output, mistakes }).toEqual({ output: '', mistakes: [] });
    expect(output).toMatch(/Tested:\s+\d{2,}/);
  }, 150_000);

  function ended(given: string[]): Promise<{ code: number | null; output: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(program ?? '', given, {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: longestMs,
      });
      let output = '';
      const take = (data: Buffer) => {
        output += String(data);
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, output }));
    });
  }
});
