import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { parse } from 'yaml';
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

it('`init`’s pipeline publishes the procedures of what is merged, commits only what has changed, and lets no other job write', async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-init-')));
  const project = join(folder, 'runbooks-of-mine');
  await init([project], { json: true });
  const pipeline = parse(readFileSync(join(project, '.github/workflows/runbooks.yaml'), 'utf8'));
  const { check, publish } = pipeline.jobs;
  expect([pipeline.permissions, check.permissions]).toEqual([{ contents: 'read' }, undefined]);
  expect(publish).toMatchObject({ needs: 'check', permissions: { contents: 'write' } });
  expect(publish.if).toContain("github.event_name == 'push' && github.ref_name ==");
  const script = publish.steps.at(-1).run;
  expect(script).toContain('$COUNTERSIGN publish folder docs/procedures\n');
  // What the command writes has tests of its own.
  const standIn = join(folder, 'publish.sh');
  writeFileSync(standIn, 'mkdir -p "$3" && cp countersign.yaml "$3/group-access.md"\n');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: project, encoding: 'utf8' }).trim();
  const origin = join(folder, 'origin.git');
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', origin]);
  git('init', '--quiet', '--initial-branch', 'main');
  git('remote', 'add', 'origin', origin);
  git('config', 'user.name', 'Lee');
  git('config', 'user.email', 'lee@example.com');
  git('add', 'countersign.yaml');
  git('commit', '--quiet', '--message', 'Begin');
  git('push', '--quiet', '--set-upstream', 'origin', 'main');
  for (const _ of ['a merge', 'a merge that changes no procedure'])
    execFileSync('bash', ['-e', '-c', script], {
      cwd: project,
      env: { ...process.env, COUNTERSIGN: `bash ${standIn}` },
      stdio: 'pipe',
    });
  expect(git('log', '--format=%s', 'origin/main').split('\n')).toEqual(['Publish the procedures', 'Begin']);
  expect(git('show', '--format=', '--name-only', 'origin/main')).toBe('docs/procedures/group-access.md');
});
