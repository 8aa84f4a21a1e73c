import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type CodeAction,
  createProtocolConnection,
  type Diagnostic,
  type DocumentSymbol,
  type Location,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { packageRoot } from '../store/package-root.ts';

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
let server: ChildProcess;
let connection: ProtocolConnection;
const published = new Map<string, Diagnostic[]>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-lsp-'));
  mkdirSync(join(folder, 'runbooks'));
  writeFileSync(join(folder, 'runbooks', 'hello.yaml'), '# Nothing yet.\n');
  server = spawn(process.execPath, [join(packageRoot(), 'dist', 'cli', 'main.js'), 'lsp', '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!server.stdout || !server.stdin) throw new Error('no pipes');
  connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  connection.onNotification(
    'textDocument/publishDiagnostics',
    ({ uri, diagnostics }: { uri: string; diagnostics: Diagnostic[] }) => {
      published.set(uri, diagnostics);
    },
  );
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: {},
  });
  await connection.sendNotification('initialized', {});
});

afterAll(async () => {
  await connection.sendRequest('shutdown');
  const ended = new Promise((resolve) => server.on('exit', resolve));
  await connection.sendNotification('exit');
  await ended;
  connection.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe('countersign lsp', () => {
  it('tells the compiler’s diagnostics of what is open, and helps inside an expression', async () => {
    const uri = pathToFileURL(join(folder, 'runbooks', 'hello.yaml')).href;
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'yaml', version: 1, text: runbook },
    });
    const until = Date.now() + 10_000;
    while (!published.get(uri)?.some(({ code }) => code === 'CS1305') && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(published.get(uri)?.find(({ code }) => code === 'CS1305')).toMatchObject({
      source: 'countersign',
      severity: 1,
      range: { start: { line: 9 } },
    });
    const position = { line: 9, character: runbook.split('\n')[9]?.indexOf('whom') ?? 0 };
    const offered = await connection.sendRequest<{ label: string }[]>('textDocument/completion', {
      textDocument: { uri },
      position,
    });
    expect(offered.map(({ label }) => label)).toEqual(['who']);
    await connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [{ text: runbook.replace('whom', 'who') }],
    });
    const hover = await connection.sendRequest('textDocument/hover', { textDocument: { uri }, position });
    expect(hover).toMatchObject({ contents: { value: '`inputs.who`: an e-mail address' } });
    const target = await connection.sendRequest('textDocument/definition', {
      textDocument: { uri },
      position,
    });
    expect(target).toMatchObject({ uri, range: { start: { line: 5, character: 2 } } });
  });

  const uri = (name: string) => pathToFileURL(join(folder, 'runbooks', name)).href;
  let version = 1;

  /** Opens a document, or shows it anew, and answers its address. */
  async function shown(name: string, text: string): Promise<string> {
    version += 1;
    if (version === 2 || !opened.has(name))
      await connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: uri(name), languageId: 'yaml', version, text },
      });
    else
      await connection.sendNotification('textDocument/didChange', {
        textDocument: { uri: uri(name), version },
        contentChanges: [{ text }],
      });
    opened.add(name);
    return uri(name);
  }
  const opened = new Set<string>();
  const placeOf = (text: string, part: string) => {
    const before = text.slice(0, text.indexOf(part)).split('\n');
    return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  };
  const withEdits = (text: string, edits: TextEdit[]) =>
    TextDocument.applyEdits(TextDocument.create('file:///x', 'yaml', 0, text), edits);

  it('offers what a diagnostic suggests as an action that takes it away', async () => {
    const at = await shown('mend.yaml', runbook);
    const position = placeOf(runbook, 'whom');
    const ask = (only?: string[]) =>
      connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
        textDocument: { uri: at },
        range: { start: position, end: position },
        context: { diagnostics: [], ...(only ? { only } : {}) },
      });
    const [action] = await ask();
    expect(action).toMatchObject({
      title: 'Write `who`',
      kind: 'quickfix',
      isPreferred: true,
      diagnostics: [{ code: 'CS1305', source: 'countersign' }],
    });
    const mended = withEdits(runbook, action?.edit?.changes?.[at] ?? []);
    expect(mended).toBe(runbook.replace('whom', 'who'));
    expect(await ask(['source.organizeImports'])).toEqual([]);
    await shown('mend.yaml', mended);
    expect(await ask()).toEqual([]);
  });

  it('finds and renames a step everywhere, its tests on disk included, and says why not', async () => {
    const text = `${runbook.replace('whom', 'who')}outputs: { id: "\${{ steps.find.output.id }}" }\n`;
    const tests = 'tests:\n  - name: it works\n    expect: { path: [find] }\n';
    writeFileSync(join(folder, 'runbooks', 'rename.yaml'), text);
    writeFileSync(join(folder, 'runbooks', 'rename.test.yaml'), tests);
    await connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [] });
    const at = await shown('rename.yaml', text);
    const place = { textDocument: { uri: at }, position: placeOf(text, 'find\n') };
    const found = await connection.sendRequest<Location[]>('textDocument/references', {
      ...place,
      context: { includeDeclaration: false },
    });
    expect(found.map((each) => [each.uri.split('/').at(-1), each.range.start.line])).toEqual([
      ['rename.yaml', 10],
      ['rename.test.yaml', 2],
    ]);
    expect(await connection.sendRequest('textDocument/prepareRename', place)).toMatchObject({
      placeholder: 'find',
    });
    const edit = await connection.sendRequest<WorkspaceEdit>('textDocument/rename', {
      ...place,
      newName: 'person',
    });
    expect(withEdits(text, edit.changes?.[at] ?? [])).toBe(text.replaceAll('find', 'person'));
    expect(withEdits(tests, edit.changes?.[uri('rename.test.yaml')] ?? [])).toBe(
      tests.replace('find', 'person'),
    );
    await expect(connection.sendRequest('textDocument/rename', { ...place, newName: 'a-b' })).rejects.toThrow(
      '`a-b` cannot be a name',
    );
  });

  it('shows a runbook as an outline, and lays it out', async () => {
    const text = runbook
      .replace('    uses', '      uses')
      .replace('    with', '      with')
      .replace('- id', '-   id');
    const at = await shown('outline.yaml', text);
    const symbols = await connection.sendRequest<DocumentSymbol[]>('textDocument/documentSymbol', {
      textDocument: { uri: at },
    });
    expect(symbols.map(({ name, children }) => [name, children?.map((each) => each.name)])).toEqual([
      ['inputs', ['who']],
      ['steps', ['find']],
    ]);
    const edits = await connection.sendRequest<TextEdit[]>('textDocument/formatting', {
      textDocument: { uri: at },
      options: { tabSize: 4, insertSpaces: true },
    });
    expect(withEdits(text, edits)).toBe(runbook);
  });

  const hostile: [string, string][] = [
    ['half a key', `${runbook}  - i`],
    ['half an expression', runbook.replace('inputs.whom }}"', 'inputs.')],
    ['tabs', runbook.replaceAll('    ', '\t')],
    ['line breaks of Windows', runbook.replaceAll('\n', '\r\n')],
    ['a list in the place of everything', '- a\n- b\n'],
    ['nothing', ''],
    ['brackets without an end', `${runbook}outputs: ${'['.repeat(3_000)}`],
    ['aliases of aliases', `${runbook}data: &a [&b [&c [*a, *b]]]\n`],
    ['a megabyte', `${runbook}${'  - uses: entra.getUser\n    with: { user: a }\n'.repeat(20_000)}`],
    ['letters of no use', '\u0000\u0001\uFEFF\uD800: \uDFFF\n'],
  ];
  it.each(hostile)('answers everything for a document with %s', async (_, text) => {
    const at = await shown('hostile.yaml', text);
    const lines = text.split('\n');
    const end = { line: Math.max(0, lines.length - 2), character: 3 };
    for (const position of [{ line: 0, character: 0 }, { line: 9, character: 30 }, end]) {
      const place = { textDocument: { uri: at }, position };
      await connection.sendRequest('textDocument/codeAction', {
        ...place,
        range: { start: position, end: position },
        context: { diagnostics: [] },
      });
      await connection.sendRequest('textDocument/references', {
        ...place,
        context: { includeDeclaration: true },
      });
      await connection.sendRequest('textDocument/prepareRename', place);
      await connection.sendRequest('textDocument/hover', place);
      await connection.sendRequest('textDocument/completion', place);
    }
    const symbols = await connection.sendRequest<DocumentSymbol[]>('textDocument/documentSymbol', {
      textDocument: { uri: at },
    });
    for (const each of symbols) expect(each.name).not.toBe('');
    const edits = await connection.sendRequest<TextEdit[]>('textDocument/formatting', {
      textDocument: { uri: at },
      options: { tabSize: 2, insertSpaces: true },
    });
    expect(withEdits(text, edits).replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
    await shown('hostile.yaml', '');
  });

  it('leaves the files of other programs alone', async () => {
    const text = 'services:\n    web:\n        image:   nginx\n';
    const at = pathToFileURL(join(folder, 'compose.yaml')).href;
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: at, languageId: 'yaml', version: 1, text },
    });
    const edits = await connection.sendRequest('textDocument/formatting', {
      textDocument: { uri: at },
      options: { tabSize: 2, insertSpaces: true },
    });
    expect(edits).toEqual([]);
    const until = Date.now() + 10_000;
    while (!published.has(at) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(published.get(at)).toEqual([]);
  });
});
