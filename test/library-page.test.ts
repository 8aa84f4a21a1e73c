/** docs/library.md lists what ships, in its own words. UPDATE_EXPECTED=1 writes it anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compileProject, readProject } from '../cli/project.ts';
import { packageRoot } from '../store/package-root.ts';

const root = packageRoot();
const page = join(root, 'docs/library.md');
const marker = '<!-- What follows is written by UPDATE_EXPECTED=1 and test/library-page.test.ts. -->\n';
const project = readProject([join(root, 'runbooks')], join(root, 'countersign.yaml'));
const { plans, diagnostics } = compileProject(project);

const sections: Record<string, string> = {
  onboarding: 'Somebody comes',
  offboarding: 'Somebody goes',
  access: 'Access and addresses',
  devices: 'Devices',
  procurement: 'Buying and contracts',
  change: 'Changes',
  maintenance: 'Maintenance',
  security: 'Security',
  review: 'Reviews',
  service: 'The service desk',
};

function listed(): string {
  const entries = project.files.map(({ path, text }) => {
    const name = /^runbook: (.*)$/m.exec(text)?.[1] ?? '';
    const plan = plans.find(({ runbook }) => runbook === name);
    const folder = relative(join(root, 'runbooks'), dirname(path));
    const link = `../${relative(root, path)}`;
    return { folder, line: `| [${plan?.title}](${link}) | ${plan?.description} |`, title: plan?.title ?? '' };
  });
  return Object.entries(sections)
    .map(([folder, title]) => {
      const lines = entries
        .filter((each) => each.folder === folder)
        .sort((a, b) => (a.title < b.title ? -1 : 1))
        .map(({ line }) => line);
      return `\n## ${title}\n\n| Runbook | What it does |\n| --- | --- |\n${lines.join('\n')}\n`;
    })
    .join('');
}

/** However wide the columns of its tables are. */
const unaligned = (text: string) => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');

describe('The library', () => {
  it('compiles without a warning, under the policies of its configuration', () => {
    expect(diagnostics.map(({ code, file, line }) => `${code} ${file}:${line}`)).toEqual([]);
  });

  it('is listed whole on its page, each runbook in its own words', () => {
    const text = readFileSync(page, 'utf8');
    const written = text.slice(0, text.indexOf(marker) + marker.length) + listed();
    if (process.env.UPDATE_EXPECTED) writeFileSync(page, written);
    expect(unaligned(readFileSync(page, 'utf8'))).toBe(unaligned(written));
    expect(plans.length).toBeGreaterThanOrEqual(28);
    expect(plans.filter(({ runbook }) => !written.includes(`/${runbook}.yaml)`))).toEqual([]);
  });

  it('says of every runbook what it does, and is counted in the README', () => {
    expect(plans.filter(({ description }) => !description).map(({ runbook }) => runbook)).toEqual([]);
    const others = /Beside it stand (\d+) others/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1];
    expect(Number(others)).toBe(plans.length - 1);
  });
});
