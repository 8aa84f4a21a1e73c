import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { knownActions } from '../cli/project.ts';
import { compile } from '../compiler/compile.ts';
import { completeExample } from '../compiler/diagnostics/registry.ts';
import { renderText } from '../compiler/diagnostics/render-text.ts';
import { readTestFile } from '../compiler/test-file/read.ts';
// @ts-expect-error: the scripts are plain JavaScript.
import { bundleExtension, packExtension } from '../scripts/editor.mjs';
import { packageRoot } from '../store/package-root.ts';
import { programOf, taskArguments } from './cli.ts';

const root = packageRoot();
const json = (path: string) => JSON.parse(readFileSync(join(root, 'editor', path), 'utf8'));
const manifest = json('package.json');
const cli = join(root, 'dist', 'cli', 'main.js');

const runbook = `runbook: hello
title: Hello
kind: other
owner: kim.okafor@example.com
inputs:
  who: { type: string, format: email }
steps:
  - id: find
    uses: entra.getUser
    with: { user: "\${{ inputs.whom }}" }
`;

let folder: string;
let bundle: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-editor-'));
  mkdirSync(join(folder, 'runbooks'));
  writeFileSync(join(folder, 'countersign.yaml'), 'roles: { cab: { people: [kim.okafor@example.com] } }\n');
  writeFileSync(join(folder, 'runbooks', 'hello.yaml'), runbook);
  bundle = await bundleExtension(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  what: string;
  value: unknown;
}

/** The extension in a process of its own, with a stand-in where the editor is. */
class Editor {
  readonly said: Said[] = [];
  private readonly process: ChildProcess;
  private ended = false;

  constructor(settings: Record<string, unknown>) {
    const files = manifest.contributes.configuration.properties['countersign.files'].default;
    const args = [
      join(root, 'editor', 'stand-in.cjs'),
      bundle,
      folder,
      JSON.stringify({ files, ...settings }),
    ];
    this.process = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.process.stdout)
      createInterface({ input: this.process.stdout }).on('line', (line) => this.said.push(JSON.parse(line)));
    this.process.on('exit', () => {
      this.ended = true;
    });
  }

  do(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  async until(what: string, holds: (value: never) => boolean = () => true): Promise<never> {
    const patience = Date.now() + 40_000;
    for (;;) {
      const found = this.said.find((each) => each.what === what && holds(each.value as never));
      if (found) return found.value as never;
      if (this.ended || Date.now() > patience)
        throw new Error(`It never said "${what}", but: ${JSON.stringify(this.said)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

describe('the extension', () => {
  it('starts the language server, shows what it finds, and offers all that the server can do', async () => {
    const editor = new Editor({ cli });
    await editor.until('active');
    expect(await editor.until('commands')).toEqual(
      [
        ...manifest.contributes.commands.map(({ command }: { command: string }) => command),
        'tasks of countersign',
      ].sort(),
    );
    await editor.until(
      'diagnostics',
      ({ file, count }: { file: string; count: number }) => file === 'hello.yaml' && count > 0,
    );
    const provided = new Set(
      editor.said
        .filter(({ what }) => what === 'provides')
        .map(({ value }) => (value as { kind: string }).kind),
    );
    expect([...provided].sort()).toEqual([
      'CodeActions',
      'CompletionItem',
      'Definition',
      'DocumentFormattingEdit',
      'DocumentSymbol',
      'Hover',
      'Reference',
      'Rename',
    ]);
    expect(await editor.until('provides')).toMatchObject({
      patterns: manifest.contributes.configuration.properties['countersign.files'].default,
    });

    editor.do('countersign.plan');
    expect(await editor.until('task')).toEqual({
      definition: { type: 'countersign', command: 'plan', file: 'runbooks/hello.yaml' },
      name: 'plan runbooks/hello.yaml',
      command: 'node',
      args: [cli, 'plan', 'runbooks/hello.yaml'],
      cwd: folder,
      problemMatchers: ['$countersign'],
    });
    expect(await editor.until('saved')).toBe('hello.yaml');
    editor.do('tasks of countersign');
    expect(await editor.until('offers')).toMatchObject([{ name: 'validate' }, { name: 'test' }]);
    expect(await editor.until('resolves')).toMatchObject({ args: [cli, 'validate'] });

    // Another program, by the setting: the one before ends, and that this one is missing is said.
    editor.do(`set ${JSON.stringify({ cli: join(folder, 'missing') })}`);
    const told = await editor.until('error', (text: string) => text.startsWith('Countersign could'));
    expect(told).toMatch(/could not be started .*missing.*countersign\.cli/);
    editor.do('end');
    await editor.until('ended');
  });
});

describe('the command line', () => {
  const place = { folder: '/srv/runbooks', setting: '', platform: 'linux' as const, exists: () => false };

  it('is the one that is set, that the folder has, or that is on the PATH', () => {
    expect(programOf(place, ['lsp'])).toEqual({ command: 'countersign', args: ['lsp'] });
    expect(programOf({ ...place, platform: 'win32' }, [])).toEqual({ command: 'countersign.cmd', args: [] });
    const own = '/srv/runbooks/node_modules/countersign/dist/cli/main.js';
    const has = { ...place, exists: (path: string) => path === own };
    expect(programOf(has, ['lsp'])).toEqual({ command: 'node', args: [own, 'lsp'] });
    expect(programOf({ ...has, setting: '/opt/countersign' }, [])).toEqual({
      command: '/opt/countersign',
      args: [],
    });
    expect(programOf({ ...has, setting: '${workspaceFolder}/main.mjs' }, [])).toEqual({
      command: 'node',
      args: ['/srv/runbooks/main.mjs'],
    });
  });

  it('plans the runbook of a test, and tests a test', () => {
    expect(taskArguments('plan', 'runbooks/hello.test.yaml')).toEqual(['plan', 'runbooks/hello.yaml']);
    expect(taskArguments('test', 'runbooks/hello.test.yaml')).toEqual(['test', 'runbooks/hello.test.yaml']);
    expect(taskArguments('validate', undefined)).toEqual(['validate']);
  });

  it('prints what the problem matcher reads', () => {
    const file = { path: 'runbooks/hello.yaml', text: runbook };
    const { diagnostics } = compile({ files: [file], catalogue: knownActions() });
    const lines = renderText(diagnostics, { sources: new Map([[file.path, file.text]]) }).split('\n');
    const [first, second] = manifest.contributes.problemMatchers[0].pattern;
    const at = lines.findIndex((line) => line.includes('CS1305'));
    expect(new RegExp(first.regexp).exec(lines[at] ?? '')?.slice(1)).toEqual([
      file.path,
      '10',
      '31',
      'error',
      'CS1305',
    ]);
    expect(new RegExp(second.regexp).exec(lines[at + 1] ?? '')?.[1]).toMatch(/^`inputs` has no `whom`/);
  });
});

describe('the grammar', () => {
  const [{ begin, patterns }] = Object.values(json('syntaxes/expressions.json').repository) as [
    { begin: string; patterns: { name: string; match: string }[] },
  ];
  /** The name of the first pattern that takes a word, as an editor would: the earliest place, then the earliest pattern. */
  const nameAt = (text: string, word: string) => {
    let at = 0;
    while (at < text.length) {
      const found = patterns
        .map(({ name, match }) => ({ name, match: new RegExp(match, 'g') }))
        .map(({ name, match }) => {
          match.lastIndex = at;
          return { name, hit: match.exec(text) };
        })
        .filter(({ hit }) => hit !== null)
        .sort((a, b) => (a.hit?.index ?? 0) - (b.hit?.index ?? 0));
      const [first] = found;
      if (!first?.hit) return undefined;
      if (first.hit[0].includes(word)) return first.name.replace('.countersign', '');
      at = first.hit.index + first.hit[0].length;
    }
    return undefined;
  };

  it('knows an expression, and not the characters themselves', () => {
    expect(new RegExp(begin).test('a ${{ b }}')).toBe(true);
    expect(new RegExp(begin).test('a $${{ b }}')).toBe(false);
  });

  it.each([
    ['inputs.who', 'inputs', 'variable.language'],
    ['steps.data.output', 'data', 'variable.other.property'],
    ['slug(name)', 'slug', 'entity.name.function'],
    ['a in ["x.y"]', 'x.y', 'string.quoted.double'],
    [String.raw`a == \"x\"`, 'x', 'string.quoted.double'],
    ['a == 12.5', '12.5', 'constant.numeric'],
    ['a && true', 'true', 'constant.language'],
    ['a in b', 'in', 'keyword.operator.word'],
  ])('in `%s` takes `%s` for %s', (text, word, name) => {
    expect(nameAt(text, word)).toBe(name);
  });
});

describe('the snippets', () => {
  const snippets = Object.entries(
    json('snippets/runbooks.json') as Record<string, { prefix: string; body: string[] }>,
  );
  /** What stands there when every stop is left as it is offered. */
  const expanded = (body: string[]) => {
    const defaults = new Map<string, string>();
    let text = body.join('\n');
    const stop = /\$\{(\d+)(?::((?:\\.|[^}\\])*)|\|([^,|]*)[^|]*\|)?\}|\$(\d+)/g;
    for (const [, number = '', shown, choice] of text.matchAll(stop))
      if (shown !== undefined || choice !== undefined) defaults.set(number, shown ?? choice ?? '');
    text = text.replace(stop, (_, number, _shown, _choice, plain) => defaults.get(number ?? plain) ?? '');
    return text.replace(/\\([$}\\])/g, '$1');
  };
  const errorsOf = (text: string) =>
    compile({ files: [{ path: 'x.yaml', text }], catalogue: knownActions() }).diagnostics.filter(
      ({ severity }) => severity === 'error',
    );

  it.each(snippets.map(([name, { body }]) => [name, body] as const))(
    '%s has no error as it is offered',
    (name, body) => {
      const text = expanded(body);
      if (name === 'Runbook') return expect(errorsOf(text)).toEqual([]);
      const inputs = 'inputs: { who: { type: string, format: email } }\nsubject: ${{ inputs.who }}\n';
      const whole = completeExample(`${inputs}steps:\n${text.replace(/^(?=.)/gm, '  ')}`);
      if (name !== 'Tests') return expect(errorsOf(whole)).toEqual([]);
      const { plans } = compile({
        files: [{ path: 'x.yaml', text: completeExample(`${inputs}steps: [{ wait: { for: 1m } }]`) }],
        catalogue: knownActions(),
      });
      const read = readTestFile({
        path: 'x.test.yaml',
        text,
        beside: 'example',
        plans,
        catalogue: knownActions(),
      });
      return expect(read.diagnostics).toEqual([]);
    },
  );
});

describe('the package', () => {
  /** By path, what a zip file has, read by its own directory. */
  function unzipped(archive: Buffer): Map<string, Buffer> {
    const files = new Map<string, Buffer>();
    const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
    let at = archive.readUInt32LE(end + 16);
    for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
      const size = archive.readUInt32LE(at + 20);
      const nameLength = archive.readUInt16LE(at + 28);
      const name = archive.subarray(at + 46, at + 46 + nameLength).toString();
      const local = archive.readUInt32LE(at + 42);
      const body = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
      const content = inflateRawSync(archive.subarray(body, body + size));
      expect(content.length).toBe(archive.readUInt32LE(at + 24));
      files.set(name, content);
      at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    }
    return files;
  }

  it('has the manifest that an editor reads and every file that it names, and is the same each time', () => {
    const archive: Buffer = packExtension(bundle);
    expect(packExtension(bundle).equals(archive)).toBe(true);
    const files = unzipped(archive);
    const vsix = files.get('extension.vsixmanifest')?.toString() ?? '';
    expect(vsix).toContain(`Id="countersign-runbooks" Version="${manifest.version}" Publisher="countersign"`);
    const named = [...vsix.matchAll(/Path="([^"]+)"/g)].map(([, path = '']) => path);
    const { contributes, main } = manifest;
    for (const path of [main, ...[...contributes.grammars, ...contributes.snippets].map((each) => each.path)])
      named.push(join('extension', path));
    expect(named.filter((path) => !files.has(path))).toEqual([]);
    const extensions = [...files.keys()].map((path) => /\.\w+$/.exec(path)?.[0]);
    const types = files.get('[Content_Types].xml')?.toString() ?? '';
    expect(extensions.filter((each) => each !== '.xml' && !types.includes(`Extension="${each}"`))).toEqual(
      [],
    );
    expect(manifest.version).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
    // All that it needs but the editor itself is in it.
    const outside = [
      ...(files.get('extension/dist/extension.cjs')?.toString() ?? '').matchAll(/require\("([^"]+)"\)/g),
    ];
    expect(
      new Set(outside.map(([, name = '']) => name).filter((name) => !/^(node:)?[a-z_/]+$/.test(name))),
    ).toEqual(new Set());
  });
});
