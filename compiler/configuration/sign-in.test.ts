import { describe, expect, it } from '@jest/globals';
import { compile } from '../compile.ts';
import { testCatalogue, testConfiguration } from '../testing.ts';

function read(signIn: string) {
  const text = `${testConfiguration}signIn:\n${signIn}`;
  const { configuration, diagnostics } = compile({
    files: [],
    configuration: { path: 'countersign.yaml', text },
    catalogue: testCatalogue,
  });
  return {
    signIn: configuration?.signIn,
    problems: diagnostics.map(({ code, message }) => `${code} ${message}`),
  };
}

const provider = `  oidc:
    issuer: https://login.example.com/tenant/v2.0
    clientId: countersign
    clientSecret: "\${{ secrets.token }}"
`;

describe('the sign-in of the configuration', () => {
  it('is read with its secret by name', () => {
    const { signIn, problems } = read(
      `  url: https://countersign.example.com\n${provider}    rolesClaim: groups\n    roles: { leads: it-director }\n`,
    );
    expect(problems).toEqual([]);
    expect(signIn).toEqual({
      url: 'https://countersign.example.com',
      oidc: {
        issuer: 'https://login.example.com/tenant/v2.0',
        clientId: 'countersign',
        clientSecret: { $secret: 'token' },
        rolesClaim: 'groups',
        roles: { leads: 'it-director' },
      },
    });
  });

  it('may be on this machine without TLS', () => {
    expect(read('  url: http://localhost:8321\n').problems).toEqual([]);
    expect(read(provider.replace('https://login.example.com', 'http://127.0.0.1:9000')).problems).toEqual([]);
  });

  it.each([
    ['  url: http://countersign.example.com\n', 'must begin with https://'],
    ['  url: http://localhost.example.com\n', 'must begin with https://'],
    ['  url: countersign.example.com\n', 'is a whole address'],
    ['  url: https://example.com/countersign\n', 'without a path'],
    ['  url: https://kim@example.com\n', 'without a path'],
    [provider.replace('https:', 'http:'), '`issuer` must begin with https://'],
    [`${provider}    roles: { leads: it-director }\n`, '`roles` needs `rolesClaim`'],
    [
      `${provider}    rolesClaim: groups\n    roles: { leads: it-directors }\n`,
      'There is no role `it-directors`',
    ],
    [provider.replace('"${{ secrets.token }}"', 'abc'), 'stands here in plain text'],
    ['  oidc: { issuer: https://login.example.com }\n', '`clientId`'],
    [`${provider}    ca: {}\n`, '`ca` takes at least one key'],
    [`${provider}    ca: { secret: abc }\n`, 'stands here in plain text'],
    ['  odic: {}\n', '`odic`'],
  ])('%j is refused, saying why', (text, why) => {
    expect(read(text).problems.join('\n')).toContain(why);
  });
});
