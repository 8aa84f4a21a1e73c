/** What the language has that others lack stands in the reference, is checked, is offered by the editor, and is used by the library. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { registry } from '../compiler/diagnostics/registry.ts';
import { testCatalogue, testConfiguration } from '../compiler/testing.ts';
import { complete, hover } from '../language-server/assist.ts';
import { Workspace } from '../language-server/workspace.ts';
import { packageRoot } from '../store/package-root.ts';

interface Row {
  what: string;
  /** Keys as the schema of runbooks, or of tests, offers them, each with words of its own. */
  keys?: string[];
  ofTests?: true;
  /** Where it is told whole, unless it is the reference of the language. */
  page?: string;
  functions?: string[];
  /** What refuses it where it is wrong. */
  codes: string[];
  /** As the library writes it, in a runbook or its tests. */
  used: RegExp[];
}

const rows: Row[] = [
  {
    what: 'lists of which only some fields are kept',
    keys: ['forEach', 'collect', 'upTo'],
    functions: ['groupBy'],
    codes: ['CS1104', 'CS1752'],
    used: [/pick: \[/, /\.groupBy\(/, /collect: /],
  },
  {
    what: 'tasks that chase',
    keys: ['due', 'remind', 'escalate', 'except'],
    codes: ['CS1701', 'CS1714'],
    used: [/due: /, /remind: /, /escalate: /, /except: \[/],
  },
  {
    what: 'values that live',
    keys: ['form', 'state', 'set'],
    codes: ['CS1728', 'CS1756'],
    used: [/form:/, /state:/, /set:/],
  },
  {
    what: 'a moment beside an event',
    keys: ['until', 'onExpiry', 'within', 'for', 'every'],
    codes: ['CS1501', 'CS1511', 'CS1722'],
    used: [/until: \$\{\{/, /onExpiry: /],
  },
  {
    what: 'an item that is failed and taken back',
    keys: ['fail', 'onItemError', 'tolerate'],
    codes: ['CS1726', 'CS1727', 'CS2207'],
    used: [/fail: /, /onItemError: undo/, /tolerate: /],
  },
  {
    what: 'functions',
    functions: [
      'parseCsv',
      'fromJson',
      'flatten',
      'sum',
      'sort',
      'groupBy',
      'range',
      'urlEncode',
      'htmlEscape',
      'hoursBetween',
    ],
    codes: ['CS1316', 'CS1317'],
    used: [
      /parseCsv\(/,
      /fromJson\(/,
      /flatten\(/,
      /range\(/,
      /urlEncode\(/,
      /sum\(/,
      /sort\(/,
      /htmlEscape\(/,
      /hoursBetween\(/,
    ],
  },
  {
    what: 'reports',
    functions: ['table', 'htmlTable'],
    codes: ['CS2209'],
    used: [/attachments:/, /csv: /, /\btable\(/, /htmlTable\(/],
  },
  {
    what: 'data of the repository',
    page: 'docs/data.md',
    keys: ['data', 'columns', 'file'],
    codes: ['CS2101', 'CS2103', 'CS2104', 'CS2105', 'CS2106'],
    used: [/^data:/m, /columns:/],
  },
  { what: 'a subject', keys: ['subject'], codes: ['CS1617'], used: [/^subject: /m] },
  {
    what: 'tests',
    ofTests: true,
    page: 'docs/testing.md',
    keys: ['absent', 'payload', 'notTold', 'rounds', 'called', 'calls', 'times', 'fails'],
    codes: ['CS1803', 'CS1804', 'CS1808', 'CS1809'],
    used: [/absent: \[/, /notContains: /, /notTold:/, /rounds: /, /times: /, /called: /],
  },
];

const root = packageRoot();
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const library = readdirSync(join(root, 'runbooks'), { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => read(join('runbooks', name)))
  .join('\n');

/** Of each key, the words that the editor shows with it. */
function described(schema: unknown, found = new Map<string, string[]>()): Map<string, string[]> {
  if (typeof schema !== 'object' || schema === null) return found;
  const { properties } = schema as { properties?: Record<string, { description?: unknown }> };
  for (const [name, property] of Object.entries(properties ?? {}))
    if (typeof property?.description === 'string')
      found.set(name, [...(found.get(name) ?? []), property.description]);
  for (const inner of Object.values(schema)) described(inner, found);
  return found;
}

const ofRunbooks = described(JSON.parse(read('schemas/runbook.schema.json')));
const ofTests = described(JSON.parse(read('schemas/test.schema.json')));

function editorAt(expression: string) {
  const before =
    'runbook: example\ntitle: Example\nkind: other\nowner: role:it-coordinators\nsteps:\n  - if: ';
  const workspace = new Workspace({
    read: () => ({
      files: [{ path: 'a.yaml', text: '' }],
      configuration: { path: 'countersign.yaml', text: testConfiguration },
    }),
    catalogue: testCatalogue,
  });
  workspace.change('a.yaml', `${before}${expression}\n    end: { status: succeeded }\n`);
  return {
    offered: complete(workspace, 'a.yaml', before.length + 2).map(({ label }) => label),
    told: hover(workspace, 'a.yaml', before.length + 2),
  };
}

describe.each(rows.map((row) => [row.what, row] as const))('The language: %s', (_, row) => {
  it('stands in the reference', () => {
    const language = read(row.page ?? 'docs/reference/language.md');
    const functions = read('docs/reference/functions.md');
    expect((row.keys ?? []).filter((key) => !new RegExp(`\\b${key}\\b`).test(language))).toEqual([]);
    expect((row.functions ?? []).filter((name) => !functions.includes(`| \`${name}\``))).toEqual([]);
  });

  it('is refused with a diagnostic that is explained where it is wrong', () => {
    const known = new Set(registry.map(({ code }) => code));
    expect(row.codes.filter((code) => !known.has(code))).toEqual([]);
  });

  it('is offered and told by the editor', () => {
    const schema = row.ofTests ? ofTests : ofRunbooks;
    expect((row.keys ?? []).filter((key) => !schema.has(key))).toEqual([]);
    for (const name of row.functions ?? []) {
      const { offered, told } = editorAt(`${name}("", "") == ""`);
      expect(offered).toContain(name);
      expect(told).toContain(`${name}(`);
    }
  });

  it('is used by the library', () => {
    expect(row.used.filter((form) => !form.test(library)).map(String)).toEqual([]);
  });
});
