import { describe, expect, it } from '@jest/globals';
import { compile } from '../compile.ts';
import { testCatalogue } from '../testing.ts';
import { readHostPattern, readPrivateNetwork } from './outbound.ts';

const found = (outbound: string) => {
  const { configuration, diagnostics } = compile({
    files: [],
    configuration: { path: 'countersign.yaml', text: `outbound:\n${outbound}` },
    catalogue: testCatalogue,
  });
  const problems = diagnostics.map(({ code, line, column, message, suggestion }) => ({
    at: `${line}:${column} ${code}`,
    message,
    suggestion,
  }));
  return { outbound: configuration?.outbound, problems };
};

describe('The outbound rules in countersign.yaml', () => {
  it('are hosts, with or without a port, and networks', () => {
    const { outbound, problems } = found(
      '  allow: [api.example.com, "*.example.com", "api.example.com:8443", 10.1.2.3, "[fd00::1]:8443"]\n  privateNetworks: [10.0.0.0/8, "fd00::/8", 10.1.2.3, "fd00::1", fw.example.com]',
    );
    expect(problems).toEqual([]);
    expect(outbound?.allow).toHaveLength(5);
    expect(readHostPattern('*.Example.com:8443')).toEqual({ host: 'example.com', below: true, port: 8443 });
  });

  it('are told where they cannot be read, with what to write instead', () => {
    expect(found('  allow: [https://api.example.com/v1]\n  privateNetworks: [10.1.0.0/8]').problems).toEqual([
      {
        at: '2:11 CS1909',
        message:
          '"https://api.example.com/v1" under `outbound.allow` is no host: a host stands here, without `https://` and without a path.',
        suggestion: 'api.example.com',
      },
      {
        at: '3:21 CS1910',
        message:
          '"10.1.0.0/8" under `outbound.privateNetworks` is no network and no host: a network is an address and a length such as 10.20.0.0/16, and nothing may stand in the address after that length.',
        suggestion: undefined,
      },
    ]);
  });

  it('cannot allow everything, half an address, or what is no host', () => {
    for (const text of [
      '*',
      '*.com',
      'api.*.com',
      '*example.com',
      '',
      'a b',
      'api..example.com',
      'x:0',
      'x:99999',
    ])
      expect([text, 'problem' in readHostPattern(text)]).toEqual([text, true]);
    for (const text of [
      '10.1',
      '010.0.0.1',
      '1.2.3.256',
      '*.0.0.1',
      '0x7f',
      'fd00::1',
      '[fd00',
      '[10.1.2.3]',
      'bücher.example',
    ])
      expect([text, 'problem' in readHostPattern(text)]).toEqual([text, true]);
    for (const text of [
      '10.0.0.0/33',
      'fd00::/129',
      '10.0.0.0/08',
      '10.0.0.0/8/8',
      'fw.example.com:443',
      '10.0.0.1/8',
    ])
      expect([text, 'problem' in readPrivateNetwork(text)]).toEqual([text, true]);
  });
});
