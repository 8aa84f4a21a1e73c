/** The library in a house of other names: who edits organisation.yaml and the roles edits no runbook and no test. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { compileProject, knownActions, readProject, testFiles } from '../cli/project.ts';
import { startedBy } from '../cli/test-payload.ts';
import { readTestFile } from '../compiler/test-file/read.ts';
import type { Json } from '../plan/values.ts';
import { differences } from '../rehearsal/check.ts';
import { rehearse } from '../rehearsal/rehearse.ts';
import { surroundingsOf } from '../rehearsal/world.ts';
import { packageRoot } from '../store/package-root.ts';

const root = packageRoot();
const folder = join(root, 'runbooks');
const project = readProject([folder], join(root, 'countersign.yaml'));
const shipped = readFileSync(join(root, 'countersign.yaml'), 'utf8');
const organisation: Record<string, Json> = parse(readFileSync(join(root, 'organisation.yaml'), 'utf8'));

/** Everybody who is in a role is another, and so are the suppliers. */
function elsewhere(text: string): string {
  const [from, to] = [text.indexOf('\nroles:'), text.indexOf('\napprovals:')];
  const roles = text
    .slice(from, to)
    .replace(/\b([a-z]+)\.([a-z]+)@example\.com/g, '$2.$1@houses.example.org');
  return (text.slice(0, from) + roles + text.slice(to)).replace(/^ {6}example-(\w+):/gm, '      other-$1:');
}

/** Every text, number and name of the organisation is another of its kind. Keys that runbooks name stay. */
function another(value: Json, key = ''): Json {
  if (Array.isArray(value)) return value.map((item) => another(item, key));
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return key === 'monthsAhead' ? value : value + 1;
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, another(own, name)]));
  const text = String(value);
  switch (key) {
    case 'names':
      return 'f.last';
    case 'country':
      return 'AT';
    case 'timezone':
      return 'Europe/Vienna';
    case 'currency':
      return 'CHF';
    case 'hardware':
    case 'licences':
    case 'quotations':
      return text.replace('example-', 'other-');
    case 'domain':
      return 'houses.example.org';
    case 'firewall':
      return 'https://wall.example.org/v2';
    default:
      return text.includes('@')
        ? text.replace(/([\w.-]+)@.*/, 'our-$1@houses.example.org')
        : /^[A-Z]{2,3}$/.test(text)
          ? `X${text}`
          : text.startsWith('OU=')
            ? text.replace('DC=example', 'DC=houses')
            : `Our ${text}`;
  }
}

const others = stringify(another(organisation)).replaceAll('Our SPE_', 'OTHER_');

describe('The library elsewhere', () => {
  let house: string;
  beforeAll(() => {
    house = mkdtempSync(join(tmpdir(), 'countersign-elsewhere-'));
    cpSync(join(root, 'data'), join(house, 'data'), { recursive: true });
    writeFileSync(join(house, 'countersign.yaml'), elsewhere(shipped));
    writeFileSync(join(house, 'organisation.yaml'), others);
  });
  afterAll(() => rmSync(house, { recursive: true, force: true }));

  it('passes all of its tests in an organisation of which everything is another', async () => {
    expect(elsewhere(shipped)).not.toMatch(/people: \[[^\]]*@example\.com/);
    const changed = readProject([folder], join(house, 'countersign.yaml'));
    const { plans, configuration, diagnostics } = compileProject(changed);
    expect(configuration?.organisation).toMatchObject({ domain: 'houses.example.org', currency: 'CHF' });
    expect(
      diagnostics.filter(({ severity }) => severity === 'error').map(({ file, message }) => [file, message]),
    ).toEqual([]);
    const surroundings = surroundingsOf(configuration, 'countersign.yaml');
    const catalogue = knownActions();
    const wrong: string[] = [];
    let tried = 0;
    for (const { source, beside } of testFiles([folder])) {
      const name = /^runbook: (.*)$/m.exec(beside?.text ?? '')?.[1];
      const read = readTestFile({ ...source, beside: name, plans, catalogue, names: surroundings });
      expect(read.diagnostics.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([]);
      for (const each of read.file?.tests ?? []) {
        if (!read.plan) continue;
        tried += 1;
        const started = startedBy(each, source.path, read.plan, plans);
        if ('problem' in started) {
          wrong.push(`${name}: ${each.name}: ${started.problem}`);
          continue;
        }
        const script = started.test;
        const result = await rehearse({ plan: read.plan, plans, catalogue, surroundings, script });
        const problems =
          'journal' in result
            ? [...result.problems, ...differences(result, script.expect, surroundings.calendars)]
            : result.problems;
        wrong.push(...problems.map((problem) => `${name}: ${each.name}: ${problem}`));
      }
    }
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(200);
  }, 120_000);

  it('says nothing in a runbook that the organisation says', () => {
    // What it says, wherever it stands: whole words, and no words that runbooks need for something else.
    const said = textsOf(organisation).filter((text) => text.length > 1 && !ordinary.has(text));
    const found = project.files.flatMap(({ path, text }) =>
      literalsOf(text).flatMap((literal) =>
        said.filter((each) => wholeWord(each).test(literal)).map((each) => `${path}: ${each}`),
      ),
    );
    expect(found).toEqual([]);
    // Nor addresses, licences, places in a directory, services and time zones that it might say.
    const forbidden =
      /[\w.-]+@[\w-]+\.|\bSPE_|\bENTERPRISEPACK|\bOU=\w|\bDC=\w|https?:|\b(Europe|America|Asia)\/\w/;
    expect(
      project.files.flatMap(({ path, text }) =>
        literalsOf(text).flatMap((literal) => (forbidden.test(literal) ? [`${path}: ${literal}`] : [])),
      ),
    ).toEqual([]);
  });

  it('names no group, licence or supplier of an action by itself', () => {
    const { plans } = compileProject(project);
    const named = plans.flatMap((plan) =>
      [...JSON.stringify(plan.steps).matchAll(/"(group|license|licence|supplier|project)":"([^"]+)"/g)].map(
        ([, key, value]) => `${plan.runbook}: ${key} ${value}`,
      ),
    );
    expect(named).toEqual([]);
  });
});

/** Words of the organisation's that are words of the language too: the last test asks for them where they name a project. */
const ordinary = new Set(['IT', 'HR', 'first.last']);

function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(textsOf);
}

function wholeWord(text: string): RegExp {
  return new RegExp(`(?<![\\w.-])${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`);
}

/** The texts of a runbook that do something: no comments, no examples in a description or an instruction. */
function literalsOf(runbook: string): string[] {
  const texts = (value: Json, key = ''): string[] =>
    typeof value === 'string'
      ? ['description', 'instructions', 'title', 'text', 'subject', 'pattern', 'reason'].includes(key)
        ? []
        : [value]
      : value !== null && typeof value === 'object'
        ? Object.entries(value).flatMap(([name, own]) => texts(own, Array.isArray(value) ? key : name))
        : [];
  return texts(parse(runbook) as Json);
}
