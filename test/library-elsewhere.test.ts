/** The library in a house of other names: who edits its addresses and people edits no runbook and no test. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compileProject, knownActions, readProject, testFiles } from '../cli/project.ts';
import { startedBy } from '../cli/test-payload.ts';
import { readTestFile } from '../compiler/test-file/read.ts';
import { differences } from '../rehearsal/check.ts';
import { rehearse } from '../rehearsal/rehearse.ts';
import { surroundingsOf } from '../rehearsal/world.ts';
import { packageRoot } from '../store/package-root.ts';

const root = packageRoot();

/** Everybody who is in a role, and every address and domain of the organisation, is another. */
function elsewhere(text: string): string {
  const [from, to] = [text.indexOf('\norganisation:'), text.indexOf('\napprovals:')];
  const block = text.slice(from, to);
  const others = block
    .replace(/\b([a-z]+)\.([a-z]+)@example\.com/g, '$2.$1@houses.example.org')
    .replace(/\b([a-z-]+)@example\.com/g, 'our-$1@houses.example.org')
    .replace('domain: example.com', 'domain: houses.example.org');
  return text.slice(0, from) + others + text.slice(to);
}

describe('The library elsewhere', () => {
  it('passes all of its tests in an organisation whose domain, addresses and people are others', async () => {
    const folder = join(root, 'runbooks');
    const project = readProject([folder], join(root, 'countersign.yaml'));
    const text = readFileSync(join(root, 'countersign.yaml'), 'utf8');
    expect(elsewhere(text)).not.toMatch(/people: \[[^\]]*@example\.com/);
    const configured = { path: 'countersign.yaml', ...project.configuration, text: elsewhere(text) };
    const { plans, configuration, diagnostics } = compileProject({ ...project, configuration: configured });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
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
});
