import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createProtocolConnection,
  type Diagnostic,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
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
});
