import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { connectorSettings, descriptions } from '../activities/index.ts';
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

describe('the reference in docs/', () => {
  for (const [path, text] of Object.entries(referenceFiles(descriptions())))
    it(`${path} is what \`npm run schemas\` writes`, () => {
      expect(readFileSync(join(packageRoot(), path), 'utf8')).toBe(text);
    });
});
