import { describe, expect, it } from '@jest/globals';
import { compile } from '../compile.ts';
import { compileConnectorPart } from '../connectors/testing.ts';
import { rules } from '../lints/registry.ts';
import { readTestFile } from '../test-file/read.ts';
import { compilePart, planOf, testCatalogue, testConfiguration } from '../testing.ts';
import { explain, registry } from './registry.ts';

/** Their examples need more than one file, or cannot be shown. */
const special = new Set([
  'CS2046',
  'CS2108',
  'CS2208',
  'CS2210',
  'CS2211',
  'CS2212',
  'CS1001',
  'CS1018',
  'CS1099',
  'CS1405',
  'CS1407',
  'CS1611',
  'CS1712',
]);
/** Their examples name things that the tests' configuration has no reason to have. */
const right = new Set(['CS1001', 'CS1404']);

const tested = `inputs: { who: { type: string, format: email } }
steps:
  - { id: look, uses: entra.getUser, with: { user: "\${{ inputs.who }}" } }
  - { id: signoff, approve: { from: [role:it-managers] } }`;

/** Each rule of good habit weighs as a warning. */
const allRules = `${testConfiguration}\nrules: { ${rules.map(({ name }) => `${name}: warning`).join(', ')} }\n`;

/** The .ics files of the examples. */
function calendarFile(path: string): string {
  if (path === 'missing.ics') throw new Error('there is no such file');
  const start = path === 'broken.ics' ? '' : 'DTSTART;VALUE=DATE:20260501\n';
  return `BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n${start}END:VEVENT\nEND:VCALENDAR\n`;
}

const tables: Record<string, string> = {
  'data/contracts.csv': 'vendor,endDate\n"Lee, Jr",2026-12-31\n',
  'data/wrong.csv': 'vendor,endDate\nExample,31.12.2026\n',
  'data/ragged.csv': 'vendor,endDate\nExample\n',
  'data/large.csv': `vendor,endDate\n${'Example Supplies of Example Town,2026-12-31\n'.repeat(9_000)}`,
};

/** The data files of the examples. */
function dataFile(path: string): string {
  const text = tables[path];
  if (text === undefined) throw Object.assign(new Error('there is no such file'), { code: 'ENOENT' });
  return text;
}

function codesOf(code: string, example: string): string[] {
  if (code.startsWith('CS18')) {
    const file = { path: 'example.test.yaml', text: example };
    const read = readTestFile({ ...file, plans: [planOf(tested)], catalogue: testCatalogue });
    return read.diagnostics.map((diagnostic) => diagnostic.code);
  }
  if (code.startsWith('CS20'))
    return compileConnectorPart(example).diagnostics.map((diagnostic) => diagnostic.code);
  const diagnostics = code.startsWith('CS19')
    ? compile({
        files: [],
        configuration: { path: 'countersign.yaml', text: example },
        catalogue: testCatalogue,
        calendarFile,
        now: Date.UTC(2026, 0, 1),
      }).diagnostics
    : code === 'CS1015' || code === 'CS1016'
      ? compile({ files: [{ path: 'x.yaml', text: example }], catalogue: testCatalogue }).diagnostics
      : code.startsWith('CS22')
        ? compilePart(example, { configuration: allRules, lint: {} }).diagnostics
        : compilePart(example, { dataFile }).diagnostics;
  return diagnostics.map((diagnostic) => diagnostic.code);
}

describe('every diagnostic', () => {
  it('has a code of its own', () => {
    const codes = registry.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.every((code) => /^CS[12]\d{3}$/.test(code))).toBe(true);
  });

  it('is explained by its code', () => {
    expect(explain('cs1304')?.title).toBe('Unknown name');
    expect(explain('CS0000')).toBeUndefined();
  });

  for (const { code, title, wrong, right: good, explanation } of registry) {
    describe(`${code} ${title}`, () => {
      if (!special.has(code))
        it('is what its wrong example gets', () => {
          expect(codesOf(code, wrong)).toContain(code);
        });

      if (!right.has(code))
        it('is not what its right example gets', () => {
          expect(codesOf(code, good).filter((found) => found === code)).toEqual([]);
        });

      it('is explained in whole sentences', () => {
        expect(explanation).toMatch(/^[A-Z`0-9].*[.!]$/s);
        expect(title).not.toMatch(/[.!]$/);
      });
    });
  }
});
