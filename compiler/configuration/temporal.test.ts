import { describe, expect, it } from '@jest/globals';
import { compile } from '../compile.ts';
import { testCatalogue, testConfiguration } from '../testing.ts';

function read(temporal: string) {
  const { configuration, diagnostics } = compile({
    files: [],
    configuration: { path: 'countersign.yaml', text: `${testConfiguration}temporal:\n${temporal}` },
    catalogue: testCatalogue,
  });
  return {
    temporal: configuration?.temporal,
    problems: diagnostics.map(({ code, message }) => `${code} ${message}`),
  };
}

const cluster = '  address: temporal.example.com:7233\n';
const secret = '"${{ secrets.token }}"';

describe('the Temporal cluster of the configuration', () => {
  it('is read with its secrets by name', () => {
    const { temporal, problems } = read(
      `${cluster}  namespace: it\n  tls: { ca: ca.pem, certificate: us.pem, privateKey: ${secret}, serverName: frontend }\n  apiKey: ${secret}\n`,
    );
    expect(problems).toEqual([]);
    expect(temporal).toEqual({
      address: 'temporal.example.com:7233',
      namespace: 'it',
      tls: { ca: 'ca.pem', certificate: 'us.pem', privateKey: { $secret: 'token' }, serverName: 'frontend' },
      apiKey: { $secret: 'token' },
    });
  });

  it('may keep runs with their build, and says how', () => {
    const own = '  address: localhost:7233\n';
    expect(read(`${own}  versioning: { deployment: it-runbooks, runs: pinned }\n`)).toMatchObject({
      problems: [],
      temporal: { versioning: { deployment: 'it-runbooks', runs: 'pinned' } },
    });
    // Temporal writes deployment and build with a dot between them.
    expect(read(`${own}  versioning: { deployment: it.runbooks, runs: pinned }\n`).problems).toHaveLength(1);
    expect(read(`${own}  versioning: { deployment: it-runbooks }\n`).problems).toHaveLength(1);
    expect(read(`${own}  versioning: { runs: newest }\n`).problems).toHaveLength(1);
  });

  it('may be on this machine without TLS', () => {
    for (const address of ['localhost:7233', '127.0.0.1:7233', '"[::1]:7233"'])
      expect(read(`  address: ${address}\n`).problems).toEqual([]);
    expect(read(`${cluster}  tls: true\n`).problems).toEqual([]);
  });

  it.each([
    [cluster, 'is another machine, so it needs `tls`'],
    [`${cluster}  tls: false\n`, 'is another machine, so it needs `tls`'],
    ['  address: localhost.example.com:7233\n', 'is another machine'],
    ['  address: https://temporal.example.com\n', 'without what stands before ://'],
    ['  address: temporal.example.com\n', 'is host and port'],
    [`  apiKey: ${secret}\n`, '`apiKey` needs `tls`'],
    [`${cluster}  tls: true\n  apiKey: abc\n`, 'stands here in plain text'],
    [`${cluster}  tls: { certificate: us.pem }\n`, '`certificate` needs its `privateKey`'],
    [`${cluster}  tls: { privateKey: ${secret} }\n`, '`privateKey` needs its `certificate`'],
    [`${cluster}  tls: { privateKey: abc, certificate: us.pem }\n`, 'stands here in plain text'],
    [`${cluster}  tls: { cert: us.pem }\n`, '`cert`'],
    ['  port: 7233\n', '`port`'],
  ])('%j is refused, saying why', (text, why) => {
    expect(read(text).problems.join('\n')).toContain(why);
  });
});
