import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../../processes/local-server.ts';
import type { OutboxMessage } from '../../store/outbox.ts';
import type { Store } from '../../store/store.ts';
import { type RunbookSource, startRunbooks } from './following.ts';

let folder: string;
let repository: string;
let sources: RunbookSource[];
let saved: { runbook: string; commit: string | undefined }[];
let mails: OutboxMessage[];
let log: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-git-'));
  repository = join(folder, 'repository');
  [sources, saved, mails, log] = [[], [], [], []];
  git('init', '--quiet', '--initial-branch', 'main', repository);
  configure();
});

afterEach(async () => {
  for (const source of sources) await source.stop();
  rmSync(folder, { recursive: true, force: true });
});

function git(...args: string[]): string {
  const [name, email] = ['user.name=Kim', 'user.email=kim.okafor@example.com'];
  const inside = args[0] === 'init' ? [] : ['-C', repository];
  const options = ['-c', name, '-c', email, '-c', 'commit.gpgsign=false', ...inside, ...args];
  return execFileSync('git', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

function runbook(name: string, more = ''): string {
  return `runbook: ${name}
title: ${name}
kind: other
owner: role:it
on: [{ manual: { by: [role:it] } }]
steps:
  - uses: mail.send
    with: { to: [a.lee@example.com], subject: Hello, text: Hello }
${more}`;
}

/** Commits these files, and gives the commit. */
function commit(files: Record<string, string | undefined>, author = 'Kim <kim.okafor@example.com>'): string {
  for (const [path, text] of Object.entries(files)) {
    const file = join(repository, path);
    if (text === undefined) rmSync(file);
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
  git('add', '--all');
  git(
    'commit',
    '--quiet',
    '--allow-empty',
    '--author',
    author,
    '-m',
    `Change ${Object.keys(files).join(', ')}`,
  );
  return git('rev-parse', 'HEAD');
}

function configure(more = '', address = repository): void {
  writeFileSync(
    join(folder, 'countersign.yaml'),
    `organisation: { name: Example }
roles: { it: { people: [kim.okafor@example.com, robin.sato@example.com] } }
separationOfDuties: [author]
git:
  repository: ${address}
  branch: main
${more}`,
  );
}

async function started(): Promise<RunbookSource> {
  const keeps = {
    runs: {
      savePlan: async ({ runbook: name }: { runbook: string }, of?: string) => {
        saved.push({ runbook: name, commit: of });
      },
    },
    declaredActions: { keep: async () => {} },
    outbox: { put: async (message: OutboxMessage) => void mails.push(message) },
  };
  const source = await startRunbooks({
    configurationPath: join(folder, 'countersign.yaml'),
    dataFolder: join(folder, 'data'),
    folder: join(folder, 'runbooks'),
    store: keeps as unknown as Store,
    log: (line) => log.push(line),
    changed: () => {},
  });
  sources.push(source);
  return source;
}

const names = ({ runbooks }: RunbookSource) => [...runbooks.current().plans.keys()].sort();
const statusFile = () => JSON.parse(readFileSync(join(folder, 'data', 'git', 'status.json'), 'utf8'));

describe('A branch that is followed', () => {
  it('gives the runbooks of its newest commit, with who last changed each', async () => {
    commit({ 'runbooks/one.yaml': runbook('one') });
    const first = commit({ 'runbooks/two.yaml': runbook('two') }, 'Robin <robin.sato@example.com>');
    const source = await started();
    expect(names(source)).toEqual(['one', 'two']);
    const { commit: used, authors } = source.runbooks.current();
    expect(used).toBe(first);
    expect(Object.fromEntries(authors)).toEqual({
      one: 'kim.okafor@example.com',
      two: 'robin.sato@example.com',
    });
    expect(saved).toEqual([
      { runbook: 'one', commit: first },
      { runbook: 'two', commit: first },
    ]);
    const next = commit({ 'runbooks/two.yaml': undefined });
    await source.follower?.look();
    expect(names(source)).toEqual(['one']);
    expect(source.runbooks.current().commit).toBe(next);
    expect(statusFile()).toMatchObject({ commit: next, state: 'success' });
  });

  it('holds a commit with errors back as a whole, says so, and takes the one that mends it', async () => {
    const good = commit({ 'runbooks/one.yaml': runbook('one') });
    const source = await started();
    const bad = commit({
      'runbooks/one.yaml': runbook('one').replace('mail.send', 'mail.sendd'),
      'runbooks/two.yaml': runbook('two'),
    });
    await source.follower?.look();
    expect(names(source)).toEqual(['one']);
    expect(source.runbooks.current().commit).toBe(good);
    expect(source.follower?.status()).toMatchObject({
      active: { id: good },
      held: {
        id: bad,
        author: 'kim.okafor@example.com',
        problems: [expect.stringMatching(/^one\.yaml:7:\d+ .*mail\.sendd/)],
      },
    });
    expect(log.join('\n')).toContain(`The commit ${bad.slice(0, 10)}`);
    expect(statusFile()).toMatchObject({ commit: bad, state: 'failure', active: good });
    await source.follower?.look();
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({
      id: `git.${bad}.held`,
      to: ['kim.okafor@example.com', 'robin.sato@example.com'],
      text: expect.stringContaining('one.yaml:7:'),
    });
    const mended = commit({ 'runbooks/one.yaml': runbook('one') });
    await source.follower?.look();
    expect(names(source)).toEqual(['one', 'two']);
    expect(source.follower?.status()).toMatchObject({ active: { id: mended } });
    expect(source.follower?.status()).not.toHaveProperty('held');
  });

  it('holds back a commit that breaks a policy', async () => {
    configure(`policies:
  - name: no-mail
    for: step.action == "mail.send" && runbook.name == "two"
    rule: "false"
    message: No mail.
`);
    const good = commit({ 'runbooks/one.yaml': runbook('one') });
    const source = await started();
    commit({ 'runbooks/two.yaml': runbook('two') });
    await source.follower?.look();
    expect(source.runbooks.current().commit).toBe(good);
    expect(source.follower?.status()?.held?.problems.join()).toContain('No mail.');
  });

  it('is followed where its history was rewritten, and kept in use where it is deleted', async () => {
    commit({ 'runbooks/one.yaml': runbook('one') });
    const source = await started();
    git('checkout', '--quiet', '--orphan', 'anew');
    const anew = commit({ 'runbooks/one.yaml': runbook('one'), 'runbooks/three.yaml': runbook('three') });
    git('branch', '--quiet', '--force', 'main', 'anew');
    await source.follower?.look();
    expect(names(source)).toEqual(['one', 'three']);
    expect(log.join('\n')).toContain('was rewritten');
    git('branch', '--quiet', '-D', 'main');
    await source.follower?.look();
    expect(names(source)).toEqual(['one', 'three']);
    expect(source.follower?.status()).toMatchObject({
      active: { id: anew },
      trouble: { says: expect.stringContaining('refs/heads/main') },
    });
  });

  it('stays in use while its repository is away, also after a start anew', async () => {
    const good = commit({ 'runbooks/one.yaml': runbook('one') });
    await (await started()).stop();
    rmSync(repository, { recursive: true });
    const again = await started();
    expect(names(again)).toEqual(['one']);
    expect(again.follower?.status()).toMatchObject({
      active: { id: good },
      trouble: { says: expect.any(String) },
    });
  });

  it('stays at its last good commit after a start anew, where a newer one has errors', async () => {
    const good = commit({ 'runbooks/one.yaml': runbook('one') });
    await (await started()).stop();
    const bad = commit({ 'runbooks/one.yaml': 'runbook: one\n' });
    const again = await started();
    expect(again.runbooks.current().commit).toBe(good);
    expect(again.follower?.status()?.held?.id).toBe(bad);
  });

  it('starts without runbooks where nothing good is known, and says so', async () => {
    commit({ 'runbooks/one.yaml': 'runbook: one\n' });
    const source = await started();
    expect(names(source)).toEqual([]);
    expect(log.join('\n')).toContain('No commit is in use.');
  });

  it('reads the folder that the configuration names, with data files beside it', async () => {
    configure('  directory: it/helpdesk\n');
    const withData = `data: { sites: { file: data/sites.csv, columns: { name: string } } }\nlet: { count: size(data.sites) }\n`;
    commit({
      'it/helpdesk/runbooks/one.yaml': runbook('one', withData)
        .replace('text: Hello', 'text: "${{ string(let.count) }}"')
        .replace('let.count', 'count'),
      'it/helpdesk/data/sites.csv': 'name\nNorth\n',
      'runbooks/other.yaml': runbook('other'),
    });
    const source = await started();
    expect(source.follower?.status()?.held?.problems).toBeUndefined();
    expect(names(source)).toEqual(['one']);
    expect(source.runbooks.current().authors.get('one')).toBe('kim.okafor@example.com');
  });

  it('follows no link out of a commit and runs nothing of the repository', async () => {
    writeFileSync(join(folder, 'secret.yaml'), runbook('stolen'));
    mkdirSync(join(repository, 'runbooks'), { recursive: true });
    symlinkSync(join(folder, 'secret.yaml'), join(repository, 'runbooks', 'linked.yaml'));
    const marker = join(folder, 'ran');
    commit({
      'runbooks/one.yaml': runbook('one'),
      '.gitattributes': '*.yaml filter=run\n',
    });
    git('config', 'filter.run.smudge', `touch ${marker}`);
    const source = await started();
    expect(names(source)).not.toContain('stolen');
    expect(source.follower?.status()?.held?.problems.join()).toMatch(/^linked\.yaml/);
    expect(existsSync(marker)).toBe(false);
  });
});

describe('Credentials', () => {
  it('reach the server and stand in no argument, message or file', async () => {
    let seen = '';
    const server = createServer((request, answer) => {
      seen = request.headers.authorization ?? '';
      answer.statusCode = 403;
      answer.end('forbidden for quite-secret-token');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    process.env.GIT_TOKEN_OF_TEST = 'quite-secret-token';
    try {
      configure(
        '  token: ${{ secrets.token }}\nsecrets: { token: { env: GIT_TOKEN_OF_TEST } }\n',
        `http://127.0.0.1:${port}/runbooks.git`,
      );
      const source = await started();
      expect(Buffer.from(seen.replace('Basic ', ''), 'base64').toString()).toBe('git:quite-secret-token');
      const { trouble } = source.follower?.status() ?? {};
      expect(trouble?.says).toContain('403');
      expect(JSON.stringify([source.follower?.status(), log])).not.toContain('quite-secret-token');
    } finally {
      delete process.env.GIT_TOKEN_OF_TEST;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('are not needed to say that nobody is there', async () => {
    configure('', `http://127.0.0.1:${await freePort()}/runbooks.git`);
    const source = await started();
    expect(source.follower?.status()?.trouble?.says).toMatch(/connect/i);
  });
});
