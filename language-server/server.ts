/** The language server over standard input and output: the compiler's own diagnostics, and help inside expressions. */
import { relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  CompletionItemKind,
  createConnection,
  DiagnosticSeverity,
  ProposedFeatures,
  type ServerCapabilities,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { defined } from '../plan/defined.ts';
import { complete, definition, hover, type Suggestion } from './assist.ts';
import { Workspace, type WorkspaceOptions } from './workspace.ts';

/** Typing pauses this long before everything is checked anew. */
const pauseMs = 150;

const kinds: Record<Suggestion['kind'], CompletionItemKind> = {
  step: CompletionItemKind.Module,
  field: CompletionItemKind.Field,
  function: CompletionItemKind.Function,
  name: CompletionItemKind.Variable,
  action: CompletionItemKind.Method,
};

const capabilities: ServerCapabilities = {
  textDocumentSync: TextDocumentSyncKind.Incremental,
  hoverProvider: true,
  definitionProvider: true,
  completionProvider: { triggerCharacters: ['.', '{', ' '] },
};

/** Serves until the editor says `exit`. `read` is called with the workspace as the current folder. */
export function serve(options: WorkspaceOptions): void {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  const documents = new TextDocuments(TextDocument);
  const workspace = new Workspace(options);
  let root = process.cwd();
  let pause: NodeJS.Timeout | undefined;

  const pathOf = (uri: string) => relative(root, fileURLToPath(uri)).replaceAll('\\', '/');
  const uriOf = (path: string) => pathToFileURL(resolve(root, path)).href;
  const isOurs = (uri: string) =>
    uri.startsWith('file:') && /\.ya?ml$/.test(uri) && !/\.test\.ya?ml$/.test(uri);

  function check(): void {
    clearTimeout(pause);
    pause = setTimeout(() => {
      for (const [path, found] of workspace.diagnostics())
        connection.sendDiagnostics({ uri: uriOf(path), diagnostics: found.map(toProtocol) });
    }, pauseMs);
  }

  /** What is asked about a place in an open document; nothing when the document is not ours. */
  function at<T>(
    {
      textDocument,
      position,
    }: { textDocument: { uri: string }; position: { line: number; character: number } },
    answer: (path: string, offset: number, document: TextDocument) => T,
  ): T | undefined {
    const document = documents.get(textDocument.uri);
    if (!document || !isOurs(textDocument.uri)) return undefined;
    // The newest text counts, also before the pause is over.
    workspace.change(pathOf(textDocument.uri), document.getText());
    return answer(pathOf(textDocument.uri), document.offsetAt(position), document);
  }

  connection.onInitialize(({ workspaceFolders, rootUri }) => {
    const uri = workspaceFolders?.[0]?.uri ?? rootUri;
    if (uri?.startsWith('file:')) root = fileURLToPath(uri);
    process.chdir(root);
    return {
      capabilities,
      serverInfo: { name: 'countersign' },
    };
  });
  connection.onInitialized(check);
  connection.onDidChangeWatchedFiles(() => {
    workspace.refresh();
    check();
  });
  documents.onDidChangeContent(({ document }) => {
    if (!isOurs(document.uri)) return;
    workspace.change(pathOf(document.uri), document.getText());
    check();
  });
  documents.onDidClose(({ document }) => {
    workspace.close(pathOf(document.uri));
    connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
    check();
  });
  connection.onHover((params) => at(params, (path, offset) => markdown(hover(workspace, path, offset))));
  connection.onCompletion(
    (params) =>
      at(params, (path, offset, document) =>
        complete(workspace, path, offset).map((suggestion) => itemOf(suggestion, document)),
      ) ?? [],
  );
  connection.onDefinition((params) =>
    at(params, (path, offset) => {
      const target = definition(workspace, path, offset);
      if (!target) return undefined;
      const start = { line: target.line - 1, character: target.column - 1 };
      return { uri: uriOf(target.file), range: { start, end: start } };
    }),
  );
  documents.listen(connection);
  connection.listen();
}

function markdown(value: string | undefined) {
  return value === undefined ? undefined : { contents: { kind: 'markdown' as const, value } };
}

function itemOf({ label, kind, detail, documentation, replace }: Suggestion, document: TextDocument) {
  const range = { start: document.positionAt(replace.start), end: document.positionAt(replace.end) };
  return {
    label,
    kind: kinds[kind],
    ...defined({ detail, documentation }),
    textEdit: { range, newText: label },
  };
}

function toProtocol({ code, severity, message, suggestion, line, column, endLine, endColumn }: Diagnostic) {
  return {
    code,
    source: 'countersign',
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    message: suggestion === undefined ? message : `${message}\nDid you mean \`${suggestion}\`?`,
    range: {
      start: { line: line - 1, character: column - 1 },
      end: { line: endLine - 1, character: endColumn - 1 },
    },
  };
}
