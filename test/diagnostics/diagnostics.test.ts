/**
 * Every wrong runbook of this folder, with exactly what its author is told: code, message, line, column, caret, suggestion.
 * After a change that is meant, write the expectations anew with UPDATE_EXPECTED=1 and read the difference.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compile } from '../../compiler/compile.ts';
import { renderText } from '../../compiler/diagnostics/render-text.ts';
import { testCatalogue, testConfiguration } from '../../compiler/testing.ts';

const folder = import.meta.dirname;
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length));

describe('a wrong runbook', () => {
  it('stands here for each of the usual mistakes', () => {
    expect(names.length).toBeGreaterThanOrEqual(60);
  });

  for (const name of names) {
    it(`${name} is explained`, () => {
      const path = `${name}.yaml`;
      const text = readFileSync(join(folder, path), 'utf8');
      const { diagnostics } = compile({
        files: [{ path, text }],
        configuration: { path: 'countersign.yaml', text: testConfiguration },
        catalogue: testCatalogue,
      });
      const told = renderText(diagnostics, { sources: new Map([[path, text]]) });
      const expectedFile = join(folder, `${name}.expected.txt`);
      if (process.env.UPDATE_EXPECTED) writeFileSync(expectedFile, told);
      expect(told).toBe(readFileSync(expectedFile, 'utf8'));
    });
  }
});
