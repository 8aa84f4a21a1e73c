import { describe, expect, it } from '@jest/globals';
import { compile } from '../../compiler/compile.ts';
import { testCatalogue } from '../../compiler/testing.ts';
import type { JsonObject, JsonSchema } from '../../plan/plan.ts';
import { Seal } from '../../vault/seal.ts';
import { ConfiguredSecrets } from '../../vault/secrets.ts';
import { connectorSettings, connectors } from '../index.ts';
import { systemOf } from './acting-system.ts';

const seal = new Seal({ current: 'k', keys: { k: Buffer.alloc(32, 1) } });
const over = (settings: Record<string, JsonObject>) => ({
  seal,
  secrets: new ConfiguredSecrets({}),
  settings: (name: string) => settings[name],
});

const named = (name: string) => {
  const found = connectors.find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
};

/** Paths of all settings; `*` stands for names of one's own. */
function pathsOf(schema: JsonSchema, path: string[] = []): string[] {
  const { properties = {}, additionalProperties } = schema as {
    properties?: Record<string, JsonSchema>;
    additionalProperties?: JsonSchema | boolean;
  };
  const inner: [string, JsonSchema][] = Object.entries(properties);
  if (typeof additionalProperties === 'object') inner.push(['*', additionalProperties]);
  if (inner.length === 0) return [path.join('.')];
  return [path.join('.'), ...inner.flatMap(([name, each]) => pathsOf(each, [...path, name]))];
}

describe('By its settings a connector', () => {
  it('is known by address, tenant and account, and by what stands for what is not written', async () => {
    const entra = { tenant: 'example.com', clientId: 'c1', clientSecret: 's' };
    const services = over({ entra, exchange: { exchangeUrl: 'https://outlook.example.com/' } });
    const graph = {
      tenant: 'example.com',
      clientId: 'c1',
      authority: 'https://login.microsoftonline.com',
      graphUrl: 'https://graph.microsoft.com',
    };
    expect(await systemOf(named('entra'), services)).toEqual(graph);
    expect(await systemOf(named('exchange'), services)).toEqual({
      ...graph,
      exchangeUrl: 'https://outlook.example.com',
    });
    const key = 'https://bot:word@assets.example.com/';
    expect(await systemOf(named('assets'), over({ assets: { baseUrl: key, apiToken: 't' } }))).toEqual({
      baseUrl: 'https://assets.example.com',
    });
    expect(await systemOf(named('jamf'), over({}))).toEqual({});
  });

  it('names no setting that it does not have as one that may change', () => {
    const wrong = connectors.flatMap(({ name, settings, sameSystem }) => {
      const known = new Set(pathsOf(settings as unknown as JsonSchema));
      return sameSystem.filter((each) => !known.has(each)).map((each) => `${name}: ${each}`);
    });
    expect(wrong).toEqual([]);
  });

  it('tells nothing that is secret', () => {
    const secret = /secret|token|password|privatekey|apikey|webhook/i;
    const told = connectors.flatMap(({ name, settings, sameSystem }) =>
      pathsOf(settings as unknown as JsonSchema)
        .filter((path) => secret.test(path.split('.').at(-1) ?? ''))
        .filter((path) => !sameSystem.some((each) => path === each || path.startsWith(`${each}.`)))
        .map((path) => `${name}: ${path}`),
    );
    expect(told).toEqual([]);
  });

  it('may say in the configuration what it was called before, which is checked like its settings', () => {
    const problems = (formerly: string) => {
      const text = `connectors:\n  entra:\n    tenant: new.example.com\n    clientId: c\n    clientSecret: \${{ secrets.S }}\n    formerly: ${formerly}\nsecrets: { S: { env: S } }\n`;
      const { diagnostics } = compile({
        files: [],
        configuration: { path: 'countersign.yaml', text },
        catalogue: testCatalogue,
        connectorSettings: connectorSettings(),
      });
      return diagnostics.map(({ code, message }) => `${code} ${message}`);
    };
    expect(problems('[{ tenant: old.example.com }, { graphUrl: null }, {}]')).toEqual([]);
    expect(problems('[{ tenent: old.example.com }]').join()).toMatch(/tenent/);
    expect(problems('[{ tenant: 7 }]').join()).toMatch(/tenant/);
    expect(problems('{ tenant: old.example.com }').join()).toMatch(/formerly/);
  });
});
