import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { quickOptions } from '../cli/quick.ts';
import { shortRunId } from '../plan/run-name.ts';
import { packageRoot } from '../store/package-root.ts';
import { coordinator, manager, TestStack, until } from './support/stack.ts';

interface Ended {
  code: number;
  out: string;
  err: string;
}

const main = join(packageRoot(), 'dist', 'cli', 'main.js');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function countersign(args: string[], more: Record<string, string> = {}, cwd = folder): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...more },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('exit', (code) => resolve({ code: code ?? -1, out, err }));
  });
}

function runbook(name: string, text: string): string {
  mkdirSync(join(folder, 'runbooks'), { recursive: true });
  const path = join('runbooks', name);
  writeFileSync(join(folder, path), text);
  return path;
}

const good = `runbook: hello
title: Hello
kind: other
owner: kim.okafor@example.com
inputs:
  who: { type: string, format: email }
steps:
  - uses: mail.send
    with: { to: ["\${{ inputs.who }}"], subject: Hello, text: Hello }
`;

const gated = `runbook: leaver
title: Leaver
kind: offboarding
owner: kim.okafor@example.com
inputs:
  who: { type: string, format: email }
  hasPhone: { type: boolean, default: false }
steps:
  - id: signoff
    title: The manager signs
    approve: { from: [morgan.weiss@example.com], within: 2 business days }
  - id: gone
    title: Delete the account
    uses: entra.deleteUser
    with: { user: "\${{ inputs.who }}" }
  - id: phone
    if: inputs.hasPhone
    uses: mail.send
    with: { to: ["\${{ inputs.who }}"], subject: Phone, text: Please return it. }
`;

describe('countersign plan', () => {
  it('shows what is signed before each step, and which conditions the inputs decide', async () => {
    const path = runbook('leaver.yaml', gated);
    const { code, out } = await countersign(['plan', path, '--input', 'who=a.lee@example.com']);
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
      'Leaver (leaver, offboarding, owner kim.okafor@example.com)',
      '',
      'STEP | SIGNED BEFORE | DOES',
      'The manager signs (signoff) | signed by morgan.weiss@example.com, 1 signature, within 2 business days',
      'Delete the account (gone) | signoff | destroys entra.deleteUser',
      'phone | signoff | writes mail.send not with these inputs: if inputs.hasPhone',
      '',
      'Behind the signatures of signoff:',
      ' | also | inputs: who, hasPhone',
      '',
      '2 steps of 3 change something, 1 of them for good; each is signed before.',
      expect.stringMatching(/^Plan [0-9a-f]{12}$/),
      '',
    ]);
  });

  it('takes a runbook by its name, and answers programs in JSON', async () => {
    runbook('leaver.yaml', gated);
    const { code, out } = await countersign(['plan', 'leaver', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out).steps[1]).toMatchObject({
      id: 'gone',
      effect: 'destructive',
      gates: [{ id: 'signoff', signers: ['morgan.weiss@example.com'], quorum: 1 }],
    });
  });

  it('says which inputs do not fit, and which runbooks there are', async () => {
    const path = runbook('leaver.yaml', gated);
    expect(await countersign(['plan', path, '--input', 'who=nobody'])).toMatchObject({
      code: 1,
      err: 'The inputs do not fit leaver. `who` must be an e-mail address, and is "nobody".\n',
    });
    const unknown = await countersign(['plan', 'leavers']);
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('There are: ') });
  });
});

describe('countersign test', () => {
  const tests = (serial: string) => `tests:
  - name: the manager signs
    inputs: { who: a.lee@example.com }
    events: [{ approve: signoff, after: ${serial} }]
    expect: { path: [signoff, gone], takes: 1h }
`;

  it('runs the tests beside a runbook, and names what they leave out', async () => {
    const path = runbook('leaver.yaml', gated);
    runbook('leaver.test.yaml', tests('1h'));
    const { code, out } = await countersign(['test', path]);
    expect(out).toBe(`runbooks/leaver.test.yaml
  ✓ the manager signs (1 hour)
  leaver: 2 of 3 steps and 1 of 2 branches tested. Not tested:
      signoff was never refused or too late line 9
      phone never ran line 16

1 passed, 0 failed
`);
    expect(code).toBe(0);
    expect(await countersign(['test', path, '--all'])).toMatchObject({
      code: 1,
      err: '2 steps and branches are not tested, and --all asks for every one.\n',
    });
  });

  it('ends with 1 and says what differs, and answers programs in JSON', async () => {
    runbook('leaver.yaml', gated);
    const path = runbook('leaver.test.yaml', tests('2h'));
    const { code, out } = await countersign(['test', path]);
    expect(code).toBe(1);
    expect(out).toContain(
      '✗ the manager signs line 2\n      takes: expected at most 1h, and it took 2 hours\n',
    );
    expect(JSON.parse((await countersign(['test', path, '--json'])).out)).toMatchObject({
      passed: 0,
      failed: 1,
      files: [{ runbook: 'leaver', tests: [{ line: 2, spansMs: 7_200_000 }] }],
    });
  });

  it('says at which line a test names a step that is not there', async () => {
    runbook('leaver.yaml', gated);
    const path = runbook('leaver.test.yaml', tests('1h').replace('approve: signoff', 'approve: singoff'));
    const { code, err } = await countersign(['test', path]);
    expect(code).toBe(1);
    expect(err).toContain('runbooks/leaver.test.yaml:4:');
    expect(err).toContain('Did you mean `signoff`?');
    expect(await countersign(['validate', path])).toMatchObject({
      code: 1,
      out: expect.stringContaining('CS1802'),
    });
    rmSync(join(folder, path));
  });

  it('says what to do where there are no tests', async () => {
    const path = runbook('good.yaml', good);
    expect(await countersign(['test', path])).toMatchObject({
      code: 2,
      err: 'runbooks/good.yaml has no tests beside it. Write them into runbooks/good.test.yaml.\n',
    });
  });
});

describe('countersign plan --simulate', () => {
  it('tells what a run would look like, hour by hour', async () => {
    const path = runbook('leaver.yaml', gated);
    const { code, out } = await countersign(['plan', path, '--simulate']);
    expect(code).toBe(0);
    expect(out.split('\n').slice(2, 8)).toEqual([
      'Mon 5 Jan, 09:00  started for requester@example.com (manual)',
      'Mon 5 Jan, 09:00  waiting  The manager signs: asked morgan.weiss@example.com',
      'Mon 5 Jan, 10:00  approves: morgan.weiss@example.com',
      'Mon 5 Jan, 10:00  signed   The manager signs by morgan.weiss@example.com',
      'Mon 5 Jan, 10:00  done     The manager signs',
      'Mon 5 Jan, 10:00  done     Delete the account',
    ]);
  });
});

describe('countersign diff', () => {
  const repository = () => mkdtempSync(join(folder, 'repository-'));
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Kim', '-c', 'user.email=kim.okafor@example.com', ...args], { cwd });

  it('ends with 1 and says so first when a gate got weaker since a git revision', async () => {
    const cwd = repository();
    mkdirSync(join(cwd, 'runbooks'));
    writeFileSync(join(cwd, 'runbooks', 'leaver.yaml'), gated);
    git(cwd, 'init', '-q', '-b', 'main');
    git(cwd, 'add', '.');
    git(cwd, 'commit', '-q', '-m', 'Start');
    expect(await countersign(['diff', 'main'], {}, cwd)).toMatchObject({
      code: 0,
      out: 'Nothing changes in what the runbooks do.\n',
    });
    const unsigned = gated.replace(/ {2}- id: signoff\n.*\n.*\n/, '');
    writeFileSync(join(cwd, 'runbooks', 'leaver.yaml'), unsigned);
    const { code, out } = await countersign(['diff', 'main'], {}, cwd);
    expect(out).toBe(
      'Weaker gates\n  leaver: the approval `signoff` is gone: `gone` and `phone` now run unsigned.\n\nSteps\n  leaver: `signoff` (The manager signs) is gone.\n',
    );
    expect(code).toBe(1);
    expect(await countersign(['diff', 'v1'], {}, cwd)).toMatchObject({
      code: 2,
      err: 'There is no folder and no git revision "v1" here.\n',
    });
  });

  it('compares two folders', async () => {
    const cwd = repository();
    for (const [name, text] of [
      ['old', gated],
      ['new', gated.replace('Please return it.', 'Bring it back.')],
    ] as const) {
      mkdirSync(join(cwd, name));
      writeFileSync(join(cwd, name, 'leaver.yaml'), text);
    }
    expect(await countersign(['diff', 'old', 'new'], {}, cwd)).toMatchObject({
      code: 0,
      out: 'Steps\n  leaver: `phone` gets another `text`: `Bring it back.` instead of `Please return it.`.\n\nNo gate got weaker.\n',
    });
  });
});

describe('countersign init', () => {
  it('makes a repository that validates, plans and documents at once', async () => {
    const { code, out } = await countersign(['init', 'new-repository']);
    expect(code).toBe(0);
    expect(out).toContain('Wrote new-repository/runbooks/access/group-access.yaml\n');
    const cwd = join(folder, 'new-repository');
    expect(await countersign(['validate'], {}, cwd)).toMatchObject({
      code: 0,
      out: '3 files checked, nothing wrong.\n',
    });
    const tested = await countersign(['test', '--all'], {}, cwd);
    expect(tested).toMatchObject({ code: 0, out: expect.stringMatching(/\n2 passed, 0 failed\n$/) });
    expect((await countersign(['plan', 'group-access'], {}, cwd)).out).toContain('each is signed before.');
    expect((await countersign(['docs', 'group-access'], {}, cwd)).out).toContain('# Access to a group');
  });

  it('writes over nothing, and says what is there', async () => {
    const cwd = mkdtempSync(join(folder, 'mine-'));
    writeFileSync(join(cwd, 'README.md'), 'mine');
    expect(await countersign(['init'], {}, cwd)).toMatchObject({
      code: 1,
      err: '. holds README.md already, and nothing was written. Choose an empty folder: countersign init runbooks-of-mine\n',
    });
    expect(readdirSync(cwd)).toEqual(['README.md']);
  });
});

describe('countersign validate', () => {
  it('starts from what this version of Node compiled of it at the build', () => {
    const file = join(packageRoot(), 'dist', 'cli', 'quick.cjs');
    const script = new Script(readFileSync(file, 'latin1'), { cachedData: readFileSync(`${file}.cache`) });
    expect(script.cachedDataRejected).toBe(false);
    // Read as one byte a character, which another one would not survive.
    expect(readFileSync(file, 'utf8')).not.toMatch(/[^\0-\x7f]/);
  });

  it('says what every other command says of letters beyond ASCII', async () => {
    const file = join(mkdtempSync(join(folder, 'curly-')), 'curly.yaml');
    writeFileSync(
      file,
      'runbook: curly\ntitle: Curly\nkind: other\nowner: role:it\nsteps:\n  - id: a\n    if: ${{ 1 == “a” }}\n    end: succeeded\n',
    );
    const { out, err } = await countersign(['validate', file]);
    expect(out + err).toContain('curly quotes mean nothing here');
  });

  it('has a program of its own that takes each of its options, and leaves what it does not know to the whole command line', async () => {
    const { out: help } = await countersign(['validate', '--help']);
    const told = [...help.matchAll(/^ +--([a-z]+)/gm)].map(([, name]) => name).sort();
    expect(told).toEqual(Object.keys(quickOptions).sort());
    const { code, err } = await countersign(['validate', '--formt', 'json']);
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean --format?') });
  });

  it('ends with 0 where nothing is wrong', async () => {
    const path = runbook('good.yaml', good);
    expect(await countersign(['validate', path])).toMatchObject({
      code: 0,
      out: '1 file checked, nothing wrong.\n',
    });
  });

  it('ends with 1 and says what, where, and what was meant', async () => {
    const path = runbook('wrong.yaml', good.replace('mail.send', 'mail.sned'));
    const { code, out } = await countersign(['validate', path]);
    expect(code).toBe(1);
    expect(out).toContain('runbooks/wrong.yaml:8:11');
    expect(out).toContain('Did you mean `mail.send`?');
  });

  it('gives programs JSON with lines and columns from 1', async () => {
    const path = runbook('wrong.yaml', good.replace('inputs.who', 'inputs.whom'));
    const { code, out } = await countersign(['validate', '--format', 'json', path]);
    expect(code).toBe(1);
    const report = JSON.parse(out);
    expect(report.files).toEqual([path]);
    expect(report.errors[0]).toMatchObject({ file: path, line: 9, suggestion: 'who' });
  });

  it('ends with 2 when it is used wrongly', async () => {
    expect(await countersign(['validate', 'nowhere.yaml'])).toMatchObject({
      code: 2,
      err: 'nowhere.yaml does not exist.\n',
    });
    expect((await countersign(['validate', '--format', 'xml', 'runbooks'])).err).toContain(
      '--format takes one of',
    );
  });
});

describe('countersign', () => {
  it('explains every command with an example', async () => {
    const { out } = await countersign(['--help']);
    const names = [...out.matchAll(/^ {2}([a-z-]+) /gm)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'help');
    expect(names).toEqual(
      expect.arrayContaining(['validate', 'run', 'runs', 'show', 'approve', 'reject', 'retry', 'dev']),
    );
    const helps = await Promise.all(names.map((name) => countersign([name, '--help'])));
    for (const help of helps) {
      expect(help.code).toBe(0);
      expect(help.out).toContain('Example:\n  ');
      expect(help.out).toContain('--json');
    }
  }, 60_000);

  it('ends with 2 for what it does not know, without a stack trace', async () => {
    for (const args of [['frobnicate'], ['run'], ['runs', '--nonsense']]) {
      const { code, err } = await countersign(args);
      expect(code).toBe(2);
      expect(err).not.toMatch(/\n\s+at /);
    }
  });

  it('ends with 3 when nothing runs here, and says how to start it', async () => {
    const { code, err } = await countersign(['runs', '--as', coordinator, '--data', join(folder, 'empty')]);
    expect(code).toBe(3);
    expect(err).toContain('Start it with `countersign dev`');
  });
});

describe('With a running stack, countersign', () => {
  let stack: TestStack;
  const as = (person: string) => ['--as', person, '--data', stack.dataFolder];

  beforeAll(async () => {
    stack = await TestStack.start('cli');
  }, 300_000);

  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('asks the real systems what a runbook would do, and changes nothing', async () => {
    const inputs = { givenName: 'Uma', familyName: 'Rask', startDate: '2026-01-05', manager, country: 'DE' };
    const pairs = Object.entries(inputs).flatMap(([name, value]) => ['--input', `${name}=${value}`]);
    const connectors = { COUNTERSIGN_CONNECTORS: join(stack.dataFolder, 'sandbox-connectors.json') };
    const live = (more: string[]) =>
      countersign(['plan', 'new-hire', '--live', ...pairs, ...more], connectors, packageRoot());
    const { out, err } = await live([]);
    expect(err).toBe('');
    expect(out).toMatch(/Create the account {2,}would create uma\.rask@example\.com\n/);
    expect(out).toMatch(
      /Assign the licence {2,}would assign SPE_E3 once the account is there; \d+ of \d+ free\n/,
    );
    expect(await stack.effects({ subject: 'uma.rask@example.com' })).toEqual([]);
    const wrong = await live(['--input', 'manager=nobody@example.com']);
    expect(wrong.code).toBe(1);
    expect(wrong.out).toContain('Not known further: Find the manager: ');
  });

  it('starts a run, lists it for the manager, shows and signs it', async () => {
    const inputs = { givenName: 'Tom', familyName: 'Wolf', startDate: '2026-01-05', manager, country: 'DE' };
    const pairs = Object.entries(inputs).flatMap(([name, value]) => ['--input', `${name}=${value}`]);
    const ticket = await stack.ticket({ givenName: 'Tom', familyName: 'Wolf' });
    await stack.moved(ticket);

    const refused = await countersign(['run', 'new-hire', ...pairs, '--ticket', ticket, ...as(manager)]);
    expect(refused).toMatchObject({
      code: 1,
      err: `${manager} may not start new-hire. Those who may: role:it-coordinators.\n`,
    });

    const missing = await countersign(['run', 'new-hire', '--ticket', ticket, ...as(coordinator)]);
    expect(missing.code).toBe(1);
    expect(missing.err).toContain('(`givenName`) is missing.');

    const started = await countersign([
      'run',
      'new-hire',
      ...pairs,
      '--ticket',
      ticket,
      '--json',
      ...as(coordinator),
    ]);
    expect(started.code).toBe(0);
    const { id } = JSON.parse(started.out) as { id: string };

    const twice = await countersign(['run', 'new-hire', ...pairs, '--ticket', ticket, ...as(coordinator)]);
    expect(twice.err).toContain(`A run for the same is live already: ${id}`);

    await stack.gate(id);
    // The inbox follows the run by a moment.
    await until('the run in the inbox', async () => {
      const inbox = await countersign(['runs', '--waiting-for', 'me', ...as(manager)]);
      return inbox.out.includes(shortRunId(id)) ? true : undefined;
    });

    const upgrade = await countersign(['migrate-check', '--data', stack.dataFolder]);
    expect(upgrade).toMatchObject({ code: 0, out: '1 of 1 live runs can go on with this version.\n' });

    const signed = await countersign(['approve', id, 'signoff', ...as(manager)]);
    expect(signed).toMatchObject({ code: 0 });
    expect(signed.out).toContain('Licence: SPE_E3');
    expect(signed.out).toContain(`Approved as ${manager}.`);

    await stack.waitFor(id, ['succeeded']);
    const shown = await countersign(['show', id, ...as(coordinator)]);
    expect(shown.out).toContain('New hire onboarding: succeeded');
    expect(shown.out).toContain('Create the account');

    const late = await countersign(['approve', id, 'signoff', ...as(manager)]);
    expect(late.code).toBe(1);
    expect(late.err).not.toMatch(/\n\s+at /);
  }, 120_000);

  it('names an unknown run, step and runbook, and says how to find the right one', async () => {
    const run = await countersign(['show', 'nosuch', ...as(coordinator)]);
    expect(run).toMatchObject({
      code: 1,
      err: 'There is no run "nosuch". See the runs with `countersign runs`.\n',
    });
    const book = await countersign(['run', 'nosuch', ...as(coordinator)]);
    expect(book).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^There is no runbook "nosuch"\. There are: .*firewall-rule, firewall-rule-by-hand, firewall-rule-emergency, .*patch-ring.*\.\n$/,
      ),
    });
  });
});
