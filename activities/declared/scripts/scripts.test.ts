import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compileConnectors } from '../../../compiler/connectors/compile-connectors.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { describeWith } from '../../../test/support/services.ts';
import { testSshServer } from '../../../test/support/ssh-server.ts';
import { connectorOf } from '../connector.ts';
import { type Attempts, attemptsWith } from '../testing.ts';

const found = await testSshServer();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scripts-'));
});
afterAll(async () => {
  await found?.stop();
  await rm(folder, { recursive: true, force: true });
});

const hostSettings = {
  host: '127.0.0.1',
  port: found?.port ?? 22,
  user: found?.user ?? '',
  privateKey: found?.privateKey ?? '',
  hostKey: found?.fingerprint ?? '',
};

interface Example {
  /** `powershell: …` or `command: …`. */
  by: string;
  scripts: Record<string, string>;
  action: string;
  settings?: JsonObject;
  /** Instead of the hashes that the scripts have. */
  allow?: JsonObject;
}

const node = `command: { program: [${process.execPath}], limit: 20s }`;
const nodeThere = `command: { program: [${process.execPath}], limit: 20s, over: ssh }`;

function attempts({
  by,
  scripts,
  action,
  settings = {},
  allow,
}: Example): Attempts & { allowed: JsonObject } {
  const connector = `connector: things\ntitle: Things\nsettings: {}\n${by}\ntypes:\n  thing: { id: integer, name: string? }\n`;
  const source = {
    name: 'things',
    folder: 'connectors/things',
    files: [
      { path: 'connectors/things/connector.yaml', text: connector },
      {
        path: 'connectors/things/example.action.yaml',
        text: `action: things.example\ntitle: Example\n${action}`,
      },
    ],
    read: (file: string) => scripts[file],
  };
  const { connectors, diagnostics } = compileConnectors({ sources: [source], catalogue: new Map() });
  const [declared] = connectors;
  if (!declared || diagnostics.length > 0)
    throw new Error(diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  const own = declared.actions[0]?.action.scripts ?? {};
  const hashes = Object.fromEntries(
    Object.entries(own).map(([name, { sha256 }]) => [name, `sha256:${sha256}`]),
  );
  return { ...attemptsWith(declared, { ...settings, allow: allow ?? hashes }), allowed: hashes };
}

const said = 'const given = JSON.parse(require("fs").readFileSync(0, "utf8"));\n';
const echo = {
  scripts: {
    'say.js': `${said}console.error("aside"); console.log(JSON.stringify({ words: given.words }));`,
  },
  action:
    'effect: read\ninput: { words: { type: string } }\nlook:\n  script: say.js\n  param: { words: "${{ input.words }}" }\n  take: answer.body\n  type: { type: object, properties: { words: { type: string } }, required: [words] }\ngive: { words: { value: found.words, description: They. } }\n',
};
const hostile = ['; id', '$(id)', "'; id; '", '"$HOME"', "\\'; id #", 'é 漢字\n"', '2026-11-28T10:00:00Z'];

/** Looks into a file, and puts a line into it unless that is there. */
const keeping = {
  scripts: {
    'look.js': `${said}const fs = require("fs");\nconsole.log(JSON.stringify({ id: fs.existsSync(given.file) ? fs.readFileSync(given.file, "utf8").split("\\n").length - 1 : 0 }));`,
    'put.js': `${said}require("fs").appendFileSync(given.file, given.key + "\\n");\nif (given.breaks) process.kill(process.pid, "SIGKILL");\nif (given.fails) { console.error("The disk is full."); process.exit(given.fails); }`,
  },
  action: (rest: string) =>
    `effect: write\ninput: { file: { type: string }, breaks: { type: boolean, optional: true }, fails: { type: integer, optional: true } }\n${rest}change:\n  script: put.js\n  param: { file: "\${{ input.file }}", key: "\${{ key }}", breaks: "\${{ input.?breaks }}", fails: "\${{ input.?fails }}" }\ngive: { did: changed }\n`,
};
const looking =
  'look:\n  script: look.js\n  param: { file: "${{ input.file }}" }\n  take: answer.body\n  type: thing\nalready: found.id > 0\n';
const linesOf = async (file: string) => (await readFile(file, 'utf8')).trim().split('\n').length;

const places: [string, string, JsonObject][] = [['where the worker runs', node, {}]];
if (found) places.push(['on a host over SSH', nodeThere, hostSettings]);

describe.each(places)('A script %s', (_place, by, settings) => {
  it('gets its values as they are, whatever is in them', async () => {
    const { run } = attempts({ ...echo, by, settings });
    for (const words of hostile) expect(await run({ words }, words)).toEqual({ words });
  });

  it('changes something once, however often the step is tried', async () => {
    const { run } = attempts({ ...keeping, action: keeping.action(looking), by, settings });
    const file = join(folder, `once-${by.length}`);
    expect(await run({ file })).toEqual({ changed: true });
    expect(await run({ file })).toEqual({ changed: true });
    expect(await run({ file }, 'another')).toEqual({ changed: false });
    expect(await linesOf(file)).toBe(1);
  });

  it('that was cut off after its work is found to have done it', async () => {
    const { run } = attempts({ ...keeping, action: keeping.action(looking), by, settings });
    const file = join(folder, `cut-${by.length}`);
    await expect(run({ file, breaks: true })).rejects.toThrow();
    expect(await run({ file, breaks: true }, 'step', 2)).toEqual({ changed: true });
    expect(await linesOf(file)).toBe(1);
  });

  it('that cannot tell whether it was done is not run twice', async () => {
    const { run } = attempts({ ...keeping, action: keeping.action(''), by, settings });
    const file = join(folder, `most-${by.length}`);
    await expect(run({ file, fails: 4 })).rejects.toMatchObject({
      nonRetryable: true,
      message: expect.stringMatching(
        /its outcome is unknown: .*it ended with 4: The disk is full\. It is not sent twice/,
      ),
    });
    expect(await linesOf(file)).toBe(1);
  });

  it('says by its exit code what an end means', async () => {
    const action = `${keeping.action(looking)}answers:\n  - { exit: 75, means: retry, says: The other is at work. }\n`;
    const { run } = attempts({ ...keeping, action, by, settings });
    await expect(run({ file: join(folder, `exit-${by.length}`), fails: 75 })).rejects.toMatchObject({
      nonRetryable: false,
      message: expect.stringContaining('The other is at work.'),
    });
  });

  it('is ended with all that it began when its time is over, and leaves nothing of itself', async () => {
    const mark = join(folder, `late-${by.length}`);
    const script = `${said}const { spawn } = require("child_process");\nspawn("sh", ["-c", "sleep 4; touch " + given.mark], { stdio: "ignore" });\nsetTimeout(() => {}, 60000);`;
    const { run } = attempts({
      by: by.replace('limit: 20s', 'limit: 1s'),
      settings,
      scripts: { 'long.js': script },
      action:
        'effect: read\ninput: { mark: { type: string } }\nlook:\n  script: long.js\n  param: { mark: "${{ input.mark }}" }\n  take: answer.body\n  type: thing\ngive: { id: { value: found.id, description: It. } }\n',
    });
    // Other suites put down theirs beside it.
    const ours = (name: string) => /^(countersign-script|tmp\.)/.test(name);
    const before = await readdir(tmpdir());
    await expect(run({ mark })).rejects.toThrow(/did not end within 1 s/);
    await wait(5_000);
    expect(existsSync(mark)).toBe(false);
    const left = (await readdir(tmpdir())).filter((name) => !before.includes(name) && ours(name));
    expect(left).toEqual([]);
  }, 30_000);
});

describeWith(found)('A script over SSH', () => {
  it('was not run, and is tried again, when the host cannot be reached', async () => {
    const settings = { ...hostSettings, port: 1 };
    const { run, kept } = attempts({ ...keeping, action: keeping.action(''), by: nodeThere, settings });
    await expect(run({ file: join(folder, 'never') })).rejects.toMatchObject({
      nonRetryable: false,
      message: expect.stringContaining('could not be reached'),
    });
    expect([...kept.values()]).not.toContainEqual(expect.objectContaining({ is: 'unknown' }));
  });
});

describe('A script', () => {
  it('runs only as the configuration allows it, to the letter', async () => {
    const file = join(folder, 'forbidden');
    const example = { ...keeping, action: keeping.action(''), by: node };
    await expect(attempts({ ...example, allow: {} }).run({ file })).rejects.toMatchObject({
      nonRetryable: true,
      message: expect.stringMatching(
        /put\.js of things is not allowed\. Nothing was run\. .*"put\.js": "sha256:[0-9a-f]{64}"/,
      ),
    });
    const byNode = attempts({ ...example, by: node.replace('limit: 20s', 'limit: 19s') });
    // The same text, which another program would run.
    const bySh = { ...example, by: 'command: { program: [sh] }', allow: byNode.allowed };
    await expect(attempts(bySh).run({ file })).rejects.toThrow(/another one than was allowed/);
    const other = { 'put.js': `sha256:${'0'.repeat(64)}` };
    await expect(attempts({ ...example, allow: other }).run({ file })).rejects.toThrow(
      /another one than was allowed/,
    );
    expect(existsSync(file)).toBe(false);
  });

  it('is known by where it runs, and not by the key that lets it in nor by what may run', () => {
    const source = {
      name: 'things',
      folder: 'connectors/things',
      files: [
        {
          path: 'connectors/things/connector.yaml',
          text: 'connector: things\ntitle: Things\nsettings: {}\ncommand: { program: [sh], over: ssh }\n',
        },
      ],
      read: () => undefined,
    };
    const [declared] = compileConnectors({ sources: [source], catalogue: new Map() }).connectors;
    const made = declared && connectorOf(declared);
    expect(made?.sameSystem).toEqual(['privateKey', 'allow']);
    expect(Object.keys(made?.settings.properties ?? {})).toEqual(
      expect.arrayContaining(['host', 'port', 'user', 'privateKey', 'hostKey', 'allow']),
    );
  });

  it('sees nothing of the worker’s own settings', async () => {
    process.env.COUNTERSIGN_KEYS_EXAMPLE = 'canary-environment';
    try {
      const scripts = {
        'say.js': 'console.log(JSON.stringify({ words: Object.keys(process.env).join(" ") }));',
      };
      const { words } = await attempts({ ...echo, scripts, by: node }).run({ words: '' });
      expect(words).toContain('PATH');
      expect(words).not.toContain('COUNTERSIGN_KEYS_EXAMPLE');
    } finally {
      delete process.env.COUNTERSIGN_KEYS_EXAMPLE;
    }
  });

  it('is a failure that says so when it writes something else than JSON, or its program is not there', async () => {
    const scripts = { 'say.js': 'console.log("hello");' };
    await expect(attempts({ ...echo, scripts, by: node }).run({ words: '' })).rejects.toThrow(
      /what it wrote is no JSON: hello\. A script writes one JSON document/,
    );
    await expect(
      attempts({ ...echo, by: 'command: { program: [no-such-program] }' }).run({ words: '' }),
    ).rejects.toThrow(/no-such-program could not be started where the worker runs.*over: ssh/);
  });
});

/**
 * Keeps the contract of PowerShell, as Microsoft documents it, for the scripts of these tests: an encoded command in UTF-16, standard
 * input, one line in Base64. It is no PowerShell: that the wrapper is valid there is not shown by this.
 */
const likePowershell = `#!${process.execPath}
const words = process.argv.slice(2);
const encoded = words[words.indexOf('-EncodedCommand') + 1];
const wrapper = Buffer.from(encoded, 'base64').toString('utf16le');
const input = require('fs').readFileSync(0);
if (!wrapper.includes('[Console]::In.ReadToEnd() | ConvertFrom-Json') || input.some((byte) => byte > 126)) process.exit(70);
const read = (value) =>
  typeof value === 'string' ? value.slice(1) : Array.isArray(value) ? value.map(read)
    : value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, read(v)])) : value;
const { script, parameters, modules } = read(JSON.parse(input));
const output = [];
let failed = {};
if (/Get-Things/.test(script)) for (let id = 1; id <= parameters.Count; id++) output.push({ id, name: parameters.Name });
if (/Get-Date/.test(script)) output.push({ id: 1, name: '/Date(1767225600000)/' });
if (/Get-Modules/.test(script)) output.push({ id: modules.length, name: modules.join() });
if (/throw/.test(script)) failed = { error: 'ADIdentityNotFoundException', message: 'Cannot find an object.' };
if (/exit 9/.test(script)) { console.error('It broke.'); process.exit(9); }
console.log('Something that Write-Host has said');
console.log('countersign:' + Buffer.from(JSON.stringify({ output, ...failed })).toString('base64'));
`;

describe('A script of PowerShell', () => {
  let program = '';
  beforeAll(async () => {
    program = join(folder, 'pwsh');
    await writeFile(program, likePowershell);
    await chmod(program, 0o755);
  });
  const with_ = (script: string, action: string) =>
    attempts({
      by: `powershell: { program: ${program}, modules: [ActiveDirectory] }`,
      scripts: { 'get.ps1': `param([int] $Count, [string] $Name)\n${script}` },
      action: `effect: read\ninput: { count: { type: integer }, name: { type: string } }\nlook:\n  script: get.ps1\n  param: { Count: "\${{ input.count }}", Name: "\${{ input.name }}" }\n  take: answer.body\n${action}`,
    });
  const list = '  type: "thing[]"\ngive: { things: { value: found, description: They. } }\n';
  const one = '  type: thing\ngive: { name: { value: found.name, description: It. } }\n';

  it('gives a list of none, of one and of several as a list', async () => {
    const { run } = with_('Get-Things', list);
    for (const count of [0, 1, 3]) {
      const { things } = (await run({ count, name: 'x' }, `n${count}`)) as { things: unknown[] };
      expect(things).toHaveLength(count);
    }
  });

  it('gets texts as they are, also those that look like a moment, and gives moments in ISO form', async () => {
    const { run } = with_('Get-Things', one);
    for (const name of hostile) expect(await run({ count: 1, name }, name)).toEqual({ name });
    expect(await with_('Get-Date', one).run({ count: 1, name: '' })).toEqual({
      name: '2026-01-01T00:00:00.000Z',
    });
    expect(await with_('Get-Modules', one).run({ count: 1, name: '' })).toEqual({ name: 'ActiveDirectory' });
  });

  it('that gives two where one is expected is a failure that says so', async () => {
    await expect(with_('Get-Things', one).run({ count: 2, name: '' })).rejects.toThrow(
      /gave 2 objects, and one is expected/,
    );
  });

  it('stops at an error, by whose type the action says what it means', async () => {
    await expect(with_('throw', one).run({ count: 1, name: '' })).rejects.toThrow(
      'Things could not do it: Cannot find an object.',
    );
    const absent =
      '  absent: { error: ADIdentityNotFoundException, means: permanent, says: "No group ${{ input.name }}." }\n';
    await expect(with_('throw', absent + one).run({ count: 1, name: 'Sales' })).rejects.toThrow(
      'No group Sales.',
    );
  });

  it('that ends without an answer is told by its exit code and last words', async () => {
    await expect(with_('exit 9', one).run({ count: 1, name: '' })).rejects.toThrow(
      /it ended with 9 and gave no answer: It broke\./,
    );
  });
});
