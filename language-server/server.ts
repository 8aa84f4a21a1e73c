/** The language server over standard input and output: the compiler's own diagnostics, and help inside expressions. */
import { relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type CodeAction,
  CodeActionKind,
  CompletionItemKind,
  createConnection,
  DiagnosticSeverity,
  type DocumentSymbol,
  type Location,
  ProposedFeatures,
  ResponseError,
  type ServerCapabilities,
  SymbolKind,
  TextDocumentSyncKind,
  TextDocuments,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { defined } from '../plan/defined.ts';
import { complete, definition, hover, type Suggestion } from './assist.ts';
import { format, type TextEdit } from './format.ts';
import { mendsAt } from './mends/mends.ts';
import { type Occurrence, occurrenceAt, occurrencesOf, whyNotRename } from './names.ts';
import { type OutlineItem, outline } from './outline.ts';
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
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  referencesProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  documentFormattingProvider: true,
};

const symbolKinds: Record<OutlineItem['kind'], SymbolKind> = {
  runbook: SymbolKind.Module,
  section: SymbolKind.Namespace,
  input: SymbolKind.Property,
  name: SymbolKind.Variable,
  trigger: SymbolKind.Event,
  step: SymbolKind.Function,
  output: SymbolKind.Field,
};

/** The protocol's code for a request that cannot be done and is no fault of the server. */
const requestFailed = -32803;

/** Serves until the editor says `exit`. `read` is called with the workspace as the current folder. */
export function serve(options: WorkspaceOptions): void {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  const documents = new TextDocuments(TextDocument);
  const workspace = new Workspace(options);
  let root = process.cwd();
  let pause: NodeJS.Timeout | undefined;

  const pathOf = (uri: string) => relative(root, fileURLToPath(uri)).replaceAll('\\', '/');
  const uriOf = (path: string) => pathToFileURL(resolve(root, path)).href;
  const isOurs = (uri: string) => uri.startsWith('file:') && /\.ya?ml$/.test(uri);

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
  connection.onCodeAction(({ textDocument, range, context }) => {
    if (context.only && !context.only.includes(CodeActionKind.QuickFix)) return [];
    return (
      at({ textDocument, position: range.start }, (path, start, document) =>
        mendsAt(workspace, path, { start, end: document.offsetAt(range.end) }).map(
          ({ diagnostic, mend }): CodeAction => ({
            title: mend.title,
            kind: CodeActionKind.QuickFix,
            diagnostics: [toProtocol(diagnostic)],
            isPreferred: true,
            edit: changesOf([{ file: path, edits: mend.edits }]),
          }),
        ),
      ) ?? []
    );
  });
  connection.onReferences(({ context, ...params }) =>
    at(params, (path, offset) => {
      const found = occurrenceAt(workspace, path, offset);
      const all = found ? occurrencesOf(workspace, found) : [];
      return all.filter(({ defines }) => context.includeDeclaration || !defines).map(locationOf);
    }),
  );
  connection.onPrepareRename((params) =>
    at(params, (path, offset, document) => {
      const found = occurrenceAt(workspace, path, offset);
      return found && { range: rangeIn(document, found), placeholder: found.name };
    }),
  );
  connection.onRenameRequest(({ newName, ...params }) =>
    at(params, (path, offset) => {
      const found = occurrenceAt(workspace, path, offset);
      if (!found) throw new ResponseError(requestFailed, 'Nothing that has a name stands here.');
      const why = whyNotRename(workspace, found, newName);
      if (why !== undefined) throw new ResponseError(requestFailed, why);
      const byFile = new Map<string, TextEdit[]>();
      for (const { file, start, end } of occurrencesOf(workspace, found))
        byFile.set(file, [...(byFile.get(file) ?? []), { start, end, text: newName }]);
      return changesOf([...byFile].map(([file, edits]) => ({ file, edits })));
    }),
  );
  connection.onDocumentSymbol(({ textDocument }) =>
    at({ textDocument, position: { line: 0, character: 0 } }, (path, _, document) =>
      (workspace.owns(path) ? outline(workspace, path) : []).map((item) => symbolOf(item, document)),
    ),
  );
  connection.onDocumentFormatting(({ textDocument }) =>
    at({ textDocument, position: { line: 0, character: 0 } }, (path, _, document) =>
      (workspace.owns(path) ? format(document.getText(), workspace.expressionsOf(path)) : []).map(
        ({ text, ...range }) => ({ range: rangeIn(document, range), newText: text }),
      ),
    ),
  );
  documents.listen(connection);
  connection.listen();

  /** The text of a file that the editor need not have open. */
  function documentOf(file: string): TextDocument {
    const open = documents.get(uriOf(file));
    return open ?? TextDocument.create(uriOf(file), 'yaml', 0, workspace.anyText(file) ?? '');
  }

  function locationOf({ file, ...range }: Occurrence): Location {
    return { uri: uriOf(file), range: rangeIn(documentOf(file), range) };
  }

  function changesOf(files: readonly { file: string; edits: readonly TextEdit[] }[]): WorkspaceEdit {
    const changes = files.map(({ file, edits }) => {
      const document = documentOf(file);
      return [uriOf(file), edits.map((edit) => ({ range: rangeIn(document, edit), newText: edit.text }))];
    });
    return { changes: Object.fromEntries(changes) };
  }
}

function rangeIn(document: TextDocument, { start, end }: { start: number; end: number }) {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

function symbolOf({ name, detail, kind, range, selection, children }: OutlineItem, document: TextDocument) {
  // The protocol wants the part that is chosen inside the whole, and children as well.
  const whole = {
    start: Math.min(range.start, selection.start),
    end: Math.max(range.end, selection.end),
  };
  const symbol: DocumentSymbol = {
    name,
    kind: symbolKinds[kind],
    range: rangeIn(document, whole),
    selectionRange: rangeIn(document, selection),
    children: children.map((child) => symbolOf(child, document)),
    ...defined({ detail }),
  };
  return symbol;
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
