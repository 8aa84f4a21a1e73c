import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { compileProject, readProject } from '../project.ts';
import { init } from './init.ts';

const before = process.cwd();
let folder: string | undefined;

afterEach(() => {
  process.chdir(before);
  if (folder) rmSync(folder, { recursive: true, force: true });
});

it('`init --library` brings runbooks that compile and have tests once three lines are yours, and names nobody else’s domain', async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-init-')));
  await init([join(folder, 'runbooks-of-mine')], { library: true, json: true });
  process.chdir(join(folder, 'runbooks-of-mine'));
  const lines = readFileSync('organisation.yaml', 'utf8').split('\n');
  const begins = lines.findIndex((line) => line.startsWith('name:'));
  expect(lines.slice(begins, begins + 3).map((line) => line.split(':')[0])).toEqual([
    'name',
    'domain',
    'everybody',
  ]);
  const own = ['name: Nordwind', 'domain: nordwind.example', 'everybody: alle@nordwind.example'];
  writeFileSync('organisation.yaml', [...own, ...lines.slice(begins + 3)].join('\n'));
  const project = readProject([], undefined);
  const { plans, diagnostics, configuration } = compileProject({ ...project, lint: true });
  expect(diagnostics.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([]);
  expect(configuration?.organisation).toMatchObject({ domain: 'nordwind.example', names: 'first.last' });
  const hire = plans.find(({ runbook }) => runbook === 'new-hire');
  expect(hire?.organisation).toMatchObject({ domain: 'nordwind.example', names: 'first.last' });
});
