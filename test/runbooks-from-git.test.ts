/** A branch that a real gateway follows: by its webhook, past a commit that cannot be used, and over its own death. */
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { coordinator, TestStack, until } from './support/stack.ts';

interface Catalogue {
  runbooks: { runbook: string }[];
  source?: { active?: { id: string }; held?: { id: string; problems: string[] } };
}

const secret = 'a-secret-of-the-repository';
let folder: string;
let repository: string;
let stack: TestStack;

function git(...args: string[]): string {
  const author = ['-c', 'user.name=Kim', '-c', 'user.email=kim.okafor@example.com'];
  return execFileSync('git', ['-C', repository, ...author, ...args], { encoding: 'utf8' }).trim();
}

function committed(text: string): string {
  mkdirSync(join(repository, 'runbooks'), { recursive: true });
  writeFileSync(join(repository, 'runbooks', 'hello.yaml'), text);
  git('add', '--all');
  git('commit', '--quiet', '-m', 'Change it');
  return git('rev-parse', 'HEAD');
}

function hello(action: string): string {
  return `runbook: hello
title: Hello
kind: other
owner: role:it
on: [{ manual: { by: [role:it] } }]
steps:
  - id: asked
    title: Somebody looks
    approve: { from: [morgan.weiss@example.com] }
  - uses: ${action}
    with: { to: [a.lee@example.com], subject: Hello, text: Hello }
`;
}

async function pushed(signed = secret): Promise<number> {
  const body = '{"ref":"refs/heads/main"}';
  const signature = createHmac('sha256', signed).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
  return (await fetch(`${stack.stack.addresses.gateway}/hooks/git`, { method: 'POST', headers, body }))
    .status;
}

const catalogue = async () => (await stack.api<Catalogue>(coordinator, 'GET', '/runbooks')).body;
const health = async () =>
  (await (await fetch(`${stack.stack.addresses.gateway}/health`)).json()) as { notices?: string[] };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-branch-'));
  repository = join(folder, 'repository');
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'main', repository]);
  committed(hello('mail.send'));
  writeFileSync(join(folder, 'secret'), secret);
  writeFileSync(
    join(folder, 'countersign.yaml'),
    `organisation: { name: Example }
roles: { it: { people: [${coordinator}] } }
secrets: { push: { file: ./secret } }
git: { repository: ./repository, branch: main, everySeconds: 3600, webhookSecret: "\${{ secrets.push }}" }
`,
  );
  stack = await TestStack.start('runbooks-from-git', { folder });
}, 300_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

it('starts runs by the commit in use, holds a broken one back, and stays with the good one over its own death', async () => {
  const good = git('rev-parse', 'HEAD');
  expect(await catalogue()).toMatchObject({
    runbooks: [{ runbook: 'hello' }],
    source: { active: { id: good } },
  });
  const { body } = await stack.api<{ id: string }>(coordinator, 'POST', '/runs', { runbook: 'hello' });
  const run = await stack.waitFor(body.id, ['waiting']);
  const evidence = await stack.api<{ records: { kind: string; data: object }[] }>(
    coordinator,
    'GET',
    `/runs/${body.id}/audit`,
  );
  expect(evidence.body.records.find(({ kind }) => kind === 'run.started')?.data).toMatchObject({
    commit: good,
    file: 'hello.yaml',
    planHash: run.planHash,
  });

  const bad = committed(hello('mail.sendd'));
  expect(await pushed('another secret')).toBe(401);
  expect(await pushed()).toBe(202);
  await until('the commit to be held back', async () => (await catalogue()).source?.held);
  expect((await catalogue()).source).toMatchObject({
    active: { id: good },
    held: { id: bad, problems: [expect.stringContaining('hello.yaml:10:')] },
  });
  expect((await health()).notices?.join()).toContain('cannot be used');

  stack.stack.parts.gateway.kill('SIGKILL');
  await until('the gateway to be back', async () => ((await health()).notices ? true : undefined));
  expect((await catalogue()).source).toMatchObject({ active: { id: good }, held: { id: bad } });

  const mended = committed(hello('mail.send').replace('title: Hello', 'title: Hello again'));
  expect(await pushed()).toBe(202);
  await until('the mended commit to be in use', async () =>
    (await catalogue()).source?.active?.id === mended ? true : undefined,
  );
  expect((await health()).notices).toBeUndefined();
  // The run goes on with the plan that it began with.
  expect((await stack.run(body.id)).planHash).toBe(run.planHash);
}, 120_000);
