import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { connectorSources } from '../activities/declared/folders.ts';
import { readStackFile } from '../cli/dev/stack-file.ts';
import { compile } from '../compiler/compile.ts';
import { compileConnectors, settingsOf } from '../compiler/connectors/compile-connectors.ts';
import { completeExample } from '../compiler/diagnostics/registry.ts';
import { configurationKeys } from '../compiler/schema/configuration.ts';
import { readTestFile } from '../compiler/test-file/read.ts';
import { type ActionDescription, catalogueOf } from '../plan/catalogue.ts';
import { pause } from '../processes/local-server.ts';
import { packageRoot } from '../store/package-root.ts';
import { ticketSystem } from '../tickets/systems.ts';
import { parseBody } from '../tickets/ticket-system.ts';
import { testTemporal } from './support/services.ts';

interface Snippet {
  file: string;
  line: number;
  language: string;
  text: string;
}

const folder = join(packageRoot(), 'docs');
const possible = await testTemporal();
const packaged = (name: string) => JSON.parse(readFileSync(join(packageRoot(), 'schemas', name), 'utf8'));
/** The connector that docs/connectors.md makes. */
const lockers = connectorSources(join(packageRoot(), 'test/fixtures/connectors')).filter(
  ({ name }) => name === 'lockers',
);
/** The one of its scripts. */
const dhcp = connectorSources(join(packageRoot(), 'test/fixtures/scripts'));
const made = compileConnectors({ sources: [...lockers, ...dhcp], catalogue: new Map() });
const catalogue = catalogueOf([
  ...(packaged('actions.json') as ActionDescription[]),
  ...made.connectors.flatMap(({ descriptions }) => descriptions),
]);

function snippetsOf(file: string): Snippet[] {
  const text = readFileSync(join(folder, file), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length + 1,
    language: match[1] ?? '',
    text: match[2] ?? '',
  }));
}

const snippets = readdirSync(folder)
  .filter((name) => name.endsWith('.md'))
  .flatMap(snippetsOf);

/** What a part of a file cannot know: the roles, calendars, inputs and earlier steps that stand elsewhere in it. */
const elsewhere = new Set(['CS1204', 'CS1402', 'CS1403', 'CS1404', 'CS1605', 'CS1608']);

/** A file of a connector, or a part of an action, in the place of the tests' own. */
function connectorProblems(text: string): string[] {
  const [lines] = /^(connector: dhcp|action: dhcp\.)/m.test(text) ? dhcp : lockers;
  if (!lines) return ['there is no connector to compare with'];
  const isConnector = text.startsWith('connector:');
  const path = isConnector
    ? 'connector.yaml'
    : `${/^action: (?:lockers|dhcp)\.(\w+)/m.exec(text)?.[1] ?? 'part'}.action.yaml`;
  const look = /^mark:/m.test(text) ? '' : 'look:\n  get: /lockers/${{ input.locker }}\n';
  const head = `action: lockers.part\ntitle: Part\neffect: write\ninput: { locker: { type: string }, label: { type: string } }\n${look}`;
  const whole = /^(connector|action):/m.test(text) ? text : head + text;
  const files = [
    ...lines.files.filter((each) => !each.path.endsWith(`/${path}`)),
    { path: `docs/${path}`, text: whole },
  ];
  return compileConnectors({ sources: [{ ...lines, files }], catalogue: new Map() })
    .diagnostics.filter(({ file, code }) => file.startsWith('docs/') && code !== 'CS2024')
    .map(({ code, message }) => `${code} ${message}`);
}

/** What every runbook knows of the organisation, in its own file. */
function organisationProblems(text: string): string[] {
  const dataFile = (path: string) => {
    if (path === 'organisation.yaml') return text;
    throw Object.assign(new Error('there is no such file'), { code: 'ENOENT' });
  };
  const { diagnostics } = compile({
    files: [
      { path: 'part.yaml', text: completeExample('steps:\n  - end: { status: succeeded, reason: "x" }\n') },
    ],
    catalogue,
    dataFile,
  });
  return diagnostics
    .filter(({ file, severity }) => file === 'organisation.yaml' && severity === 'error')
    .map(({ code, message }) => `${code} ${message}`);
}

function problemsOf({ file, text }: Snippet): string[] {
  const content = parse(text) as unknown;
  if (file === 'connectors.md' && !Array.isArray(content) && !('connectors' in (content as object)))
    return connectorProblems(text);
  if (content === null) return [];
  const configures =
    !Array.isArray(content) && Object.keys(content as object).every((key) => key in configurationKeys);
  if (!Array.isArray(content) && 'tests' in (content as object))
    return readTestFile({ path: file, text, beside: undefined, plans: [], catalogue })
      .diagnostics.filter(({ code }) => code.startsWith('CS10') || code.startsWith('CS11'))
      .map(({ code, message }) => `${code} ${message}`);
  const secrets = [...text.matchAll(/secrets\.(\w+)/g)].map(([, name]) => name ?? '');
  const given = (content as { secrets?: object }).secrets ?? {};
  const missing = [...new Set(secrets)].filter((name) => !(name in given));
  const more = missing.map((name) => `  ${name}: { env: ${name.toUpperCase()} }\n`).join('');
  const configuration = /^secrets:\n/m.test(text)
    ? text.replace(/^secrets:\n/m, `secrets:\n${more}`)
    : `${text}${more && `secrets:\n${more}`}`;
  if (file === 'data.md' && 'departments' in (content as object)) return organisationProblems(text);
  const part = Array.isArray(content) ? `steps:\n${text.replace(/^/gm, '  ')}` : text;
  const { diagnostics } = compile({
    files: configures ? [] : [{ path: file, text: completeExample(part) }],
    ...(configures ? { configuration: { path: file, text: configuration } } : {}),
    catalogue,
    connectorSettings: { ...packaged('connectors.json'), ...settingsOf(made.connectors) },
    // A part that reads the organisation is of a repository that has its file, such as this one.
    ...(/\borganisation\./.test(text) && !configures ? { dataFile: ownFile } : {}),
  });
  return diagnostics
    .filter(({ code, severity }) => severity === 'error' && !elsewhere.has(code))
    .filter(({ message }) => !/^`inputs` has no `\w+`; it has nothing in it/.test(message))
    .map(({ code, message }) => `${code} ${message}`);
}

function ownFile(path: string): string {
  return readFileSync(join(packageRoot(), path), 'utf8');
}

/** Within single quotes of a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", `'\\''`);
}

describe('what the manual shows', () => {
  for (const snippet of snippets.filter(
    ({ language, file }) => language === 'yaml' && file !== 'first-runbook.md',
  ))
    it(`is right: ${snippet.file}, line ${snippet.line}`, () => {
      expect(problemsOf(snippet)).toEqual([]);
    });

  it('is JSON where it says so, and of a ticket system what that system’s reader takes', () => {
    const json = snippets.filter(({ language }) => language === 'json');
    expect(json.length).toBeGreaterThan(0);
    for (const { text, file } of json) {
      const body = parseBody(text);
      expect(`${file}: ${typeof body}`).toBe(`${file}: object`);
      if (file !== 'triggers.md' || !body) continue;
      expect(ticketSystem('servicenow')?.read(body)).toMatchObject({
        transition: {
          project: 'Offboard a person',
          type: 'sc_req_item',
          from: { label: 'Open' },
          to: { label: 'Work in Progress' },
          changed: ['state', 'variables.last_day'],
        },
      });
    }
  });

  it('names no command of ours that a public registry could have under its name', () => {
    for (const { text, file } of snippets)
      expect(`${file}: ${/\bnp[xm] (?!run|ci|test|install\s*$).*/.exec(text)?.[0] ?? ''}`).toBe(`${file}: `);
  });
});

describe('each command in the manual', () => {
  const main = join(packageRoot(), 'dist', 'cli', 'main.js');
  const commands = new Map<string, Set<string>>();
  for (const { text, language } of snippets) {
    if (language !== '' && language !== 'sh') continue;
    for (const line of text.split('\n')) {
      const match = /^\$?\s*countersign ([a-z-]+(?: (?:verify|show|export|setup|test))?)\b([^#]*)/.exec(line);
      if (!match) continue;
      const [, command = '', rest = ''] = match;
      const flags = commands.get(command) ?? new Set();
      for (const [flag] of rest.matchAll(/--[a-z-]+/g)) flags.add(flag);
      commands.set(command, flags);
    }
  }

  it('is there, with its options', () => {
    expect(commands.size).toBeGreaterThan(8);
    const problems = [...commands].flatMap(([command, flags]) => {
      const [name = ''] = command.split(' ');
      const { stdout, status } = spawnSync(process.execPath, [main, name, '--help'], { encoding: 'utf8' });
      if (status !== 0) return [`there is no ${command}`];
      return [...flags].filter((flag) => !stdout.includes(flag)).map((flag) => `${command} has no ${flag}`);
    });
    expect(problems).toEqual([]);
  });
});

/** The process of a stack once it is up. Throws what it said when it ends before. */
async function startedBy(terminal: ChildProcess, dataFolder: string): Promise<number> {
  let output = '';
  for (const stream of [terminal.stdout, terminal.stderr])
    stream?.on('data', (data: Buffer) => {
      output += data.toString();
    });
  for (
    const until = Date.now() + 90_000;
    Date.now() < until && terminal.exitCode === null;
    await pause(100)
  ) {
    const file = await readStackFile(dataFolder);
    if (file && output.includes(file.gateway)) return file.pid;
  }
  throw new Error(`the stack did not get ready:\n${output}`);
}

async function soon(isSo: () => boolean): Promise<void> {
  for (const until = Date.now() + 30_000; Date.now() < until; await pause(200)) if (isSo()) return;
  throw new Error('it did not come to that');
}

describe('the first runbook, as its page tells it', () => {
  const main = join(packageRoot(), 'dist', 'cli', 'main.js');
  const [undo, test] = snippetsOf('first-runbook.md').filter(({ language }) => language === 'yaml');
  const [told] = snippetsOf('first-runbook.md').filter(({ language }) => language === 'text');
  const [getIt, begin, , start, second] = snippetsOf('first-runbook.md').filter(
    ({ language }) => language === '',
  );
  let home: string;
  let repository: string;
  const countersign = (...args: string[]) => {
    const env = { ...process.env, NO_COLOR: '1' };
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
      cwd: repository,
      env,
      encoding: 'utf8',
    });
    return { status, out: stdout + stderr };
  };
  /** What is typed into a terminal that has the alias of the page. A script takes no aliases unless it is told to. */
  const shellOf = (typed: string) => {
    const alias = /^alias countersign=.*$/m.exec(getIt?.text ?? '')?.[0] ?? '';
    const script = `cd "${packageRoot()}"\n${alias}\nset -e\n${typed}`;
    return ['-O', 'expand_aliases', '-c', `eval '${quoted(script)}'`];
  };
  const env = () => ({
    ...process.env,
    HOME: home,
    NO_COLOR: '1',
    NODE_OPTIONS: '',
    COUNTERSIGN_CACHE:
      process.env.COUNTERSIGN_CACHE ??
      join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'countersign'),
    TEMPORAL_ADDRESS: '',
    DATABASE_URL: '',
  });
  const terminal = (typed: string) => spawnSync('bash', shellOf(typed), { env: env(), encoding: 'utf8' });
  const runbook = () => join(repository, 'runbooks', 'access', 'group-access.yaml');

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'countersign-first-'));
    repository = join(home, 'it-runbooks');
  });

  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('is begun, checked, tested and planned by the commands of the page as they stand there', () => {
    expect(getIt?.text).toContain('npm run build');
    const { status, stdout, stderr } = terminal(`${begin?.text}pwd\n`);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toContain('3 files checked, nothing wrong');
    expect(stdout).toContain('2 passed, 0 failed');
    expect(stdout).toContain('Add to the group (member)');
    expect(stdout.trim().split('\n').at(-1)).toBe(repository);
    expect(existsSync(join(repository, '.git'))).toBe(true);
  });

  it('says what the page says when the undo is pasted as it stands there, and is right once it is mended', () => {
    appendFileSync(runbook(), undo?.text ?? '');
    const found = countersign('validate');
    expect(found).toMatchObject({ status: 1 });
    expect(found.out.trim()).toBe(told?.text.trim());
    const mended = readFileSync(runbook(), 'utf8').replace('Membr', 'Member').replace('acount', 'account');
    writeFileSync(runbook(), mended);
    expect(countersign('validate')).toMatchObject({ status: 0 });
  });

  it('keeps what the pasted test says', () => {
    appendFileSync(runbook().replace('.yaml', '.test.yaml'), test?.text ?? '');
    const { status, out } = countersign('test');
    expect(out).toContain('3 passed, 0 failed');
    expect(status).toBe(0);
  });

  (possible ? it : it.skip)(
    'runs on this machine and is signed, shown and verified in a second terminal, as the page says',
    async () => {
      const first = spawn('bash', shellOf(`cd ~/it-runbooks\n${start?.text}`), { env: env(), stdio: 'pipe' });
      const ended = once(first, 'exit');
      const pid = await startedBy(first, join(repository, '.countersign'));
      try {
        // What section 4 does in the console.
        const inputs = [
          'person=robin.sato@example.com',
          'group=Engineering',
          'reason=Covers for a colleague',
        ];
        const asKim = ['--as', 'kim.okafor@example.com', '--json'];
        const begun = countersign(
          'run',
          'group-access',
          ...inputs.flatMap((each) => ['--input', each]),
          ...asKim,
        );
        const { id: run } = JSON.parse(begun.out) as { id: string };
        await soon(() => countersign('show', run, ...asKim).out.includes('"gate.opened"'));
        const { status, stdout, stderr } = terminal(second?.text.replaceAll('RUN', run) ?? '');
        expect({ status, stderr }).toMatchObject({ status: 0 });
        expect(stdout).toContain('Access to a group');
        await soon(
          () =>
            (JSON.parse(countersign('show', run, ...asKim).out) as { status: string }).status === 'succeeded',
        );
        const [verify = ''] = /^countersign audit verify RUN --as \S+/m.exec(second?.text ?? '') ?? [];
        const verified = terminal(`cd ~/it-runbooks\n${verify.replace('RUN', run)}\n`);
        expect(verified).toMatchObject({ status: 0 });
      } finally {
        process.kill(pid, 'SIGINT');
        await ended;
      }
    },
    180_000,
  );

  it('is checked in CI by the program of its own organisation', () => {
    const pipeline = readFileSync(join(repository, '.github', 'workflows', 'runbooks.yaml'), 'utf8');
    expect(pipeline).not.toMatch(/\bnpx\b|npm install|npm i /);
    const { jobs } = parse(pipeline) as { jobs: { check: { steps: { with?: Record<string, unknown> }[] } } };
    const [, program] = jobs.check.steps;
    expect(program?.with).toMatchObject({
      repository: expect.stringMatching(/^[\w.-]+\/[\w.-]+$/),
      ref: expect.stringMatching(/^(COMMIT|[0-9a-f]{40})$/),
    });
  });
});
