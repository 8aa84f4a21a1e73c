import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compiledForShipping } from '../activities/declared/repository.ts';
import { shippedFiles } from '../activities/declared/shipped.ts';
import { connectorSettings, descriptions, programmed } from '../activities/index.ts';
import { schemaFiles } from '../compiler/schema/files.ts';
import { catalogueOf } from '../plan/catalogue.ts';
import { referenceFiles } from '../presentation/reference.ts';
import { packageRoot } from '../store/package-root.ts';

describe('the files in schemas/', () => {
  for (const { path, text } of schemaFiles(catalogueOf(descriptions()), connectorSettings()))
    it(`${path} is what \`npm run schemas\` writes`, () => {
      expect(readFileSync(join(packageRoot(), path), 'utf8')).toBe(text);
    });
});

describe('the connectors that ship as data', () => {
  const folder = join(packageRoot(), 'connectors');
  it('are shipped as they are compiled', () => {
    const catalogue = catalogueOf(descriptions(programmed));
    expect(readdirSync(folder).length).toBeGreaterThan(0);
    const { connectors: compiled, diagnostics } = compiledForShipping(catalogue);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    for (const { path, text } of shippedFiles(compiled))
      expect({ path, text: readFileSync(join(packageRoot(), path), 'utf8') }).toEqual({ path, text });
  });
});

describe('the reference in docs/', () => {
  for (const [path, text] of Object.entries(referenceFiles(descriptions())))
    it(`${path} is what \`npm run schemas\` writes`, () => {
      expect(readFileSync(join(packageRoot(), path), 'utf8')).toBe(text);
    });
});
