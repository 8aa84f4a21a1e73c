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
import { occurrenceAt, occurrencesOf, whyNotRename } from './names.ts';
import type { Occurrence } from './occurrence.ts';
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
/** Files as the editor has them, and as they stand on disk. */
class Files {
  readonly documents = new TextDocuments(TextDocument);
  readonly workspace: Workspace;
  root = process.cwd();

  constructor(options: WorkspaceOptions) {
    this.workspace = new Workspace(options);
  }

  pathOf(uri: string): string {
    return relative(this.root, fileURLToPath(uri)).replaceAll('\\', '/');
  }

  uriOf(path: string): string {
    return pathToFileURL(resolve(this.root, path)).href;
  }

  isOurs(uri: string): boolean {
    return uri.startsWith('file:') && /\.ya?ml$/.test(uri);
  }

  /** What is asked about a place in an open document; nothing when the document is not ours. */
  at<T>(
    {
      textDocument,
      position,
    }: { textDocument: { uri: string }; position: { line: number; character: number } },
    answer: (path: string, offset: number, document: TextDocument) => T,
  ): T | undefined {
    const document = this.documents.get(textDocument.uri);
    if (!document || !this.isOurs(textDocument.uri)) return undefined;
    // The newest text counts, also before the pause is over.
    this.workspace.change(this.pathOf(textDocument.uri), document.getText());
    return answer(this.pathOf(textDocument.uri), document.offsetAt(position), document);
  }

  whole<T>(uri: string, answer: (path: string, document: TextDocument) => T): T | undefined {
    return this.at({ textDocument: { uri }, position: { line: 0, character: 0 } }, (path, _, document) =>
      answer(path, document),
    );
  }

  locationOf({ file, ...range }: Occurrence): Location {
    return { uri: this.uriOf(file), range: rangeIn(this.documentOf(file), range) };
  }

  changesOf(files: readonly { file: string; edits: readonly TextEdit[] }[]): WorkspaceEdit {
    const changes = files.map(({ file, edits }) => {
      const document = this.documentOf(file);
      return [
        this.uriOf(file),
        edits.map((edit) => ({ range: rangeIn(document, edit), newText: edit.text })),
      ];
    });
    return { changes: Object.fromEntries(changes) };
  }

  /** The text of a file that the editor need not have open. */
  private documentOf(file: string): TextDocument {
    const open = this.documents.get(this.uriOf(file));
    return open ?? TextDocument.create(this.uriOf(file), 'yaml', 0, this.workspace.anyText(file) ?? '');
  }
}

export function serve(options: WorkspaceOptions): void {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  const files = new Files(options);
  const { documents, workspace } = files;
  let pause: NodeJS.Timeout | undefined;

  function check(): void {
    clearTimeout(pause);
    pause = setTimeout(() => {
      for (const [path, found] of workspace.diagnostics())
        connection.sendDiagnostics({ uri: files.uriOf(path), diagnostics: found.map(toProtocol) });
    }, pauseMs);
  }

  connection.onInitialize(({ workspaceFolders, rootUri }) => {
    const uri = workspaceFolders?.[0]?.uri ?? rootUri;
    if (uri?.startsWith('file:')) files.root = fileURLToPath(uri);
    process.chdir(files.root);
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
    if (!files.isOurs(document.uri)) return;
    workspace.change(files.pathOf(document.uri), document.getText());
    check();
  });
  documents.onDidClose(({ document }) => {
    workspace.close(files.pathOf(document.uri));
    connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
    check();
  });
  helpAtPlaces(connection, files);
  helpWithNames(connection, files);
  helpWithWholeFiles(connection, files);
  documents.listen(connection);
  connection.listen();
}

type Editor = ReturnType<typeof createConnection>;

function helpAtPlaces(editor: Editor, files: Files): void {
  const { workspace } = files;
  editor.onHover((params) => files.at(params, (path, offset) => markdown(hover(workspace, path, offset))));
  editor.onCompletion(
    (params) =>
      files.at(params, (path, offset, document) =>
        complete(workspace, path, offset).map((suggestion) => itemOf(suggestion, document)),
      ) ?? [],
  );
  editor.onDefinition((params) =>
    files.at(params, (path, offset) => {
      const target = definition(workspace, path, offset);
      if (!target) return undefined;
      const start = { line: target.line - 1, character: target.column - 1 };
      return { uri: files.uriOf(target.file), range: { start, end: start } };
    }),
  );
  editor.onCodeAction(({ textDocument, range, context }) => {
    if (context.only && !context.only.includes(CodeActionKind.QuickFix)) return [];
    return (
      files.at({ textDocument, position: range.start }, (path, start, document) =>
        mendsAt(workspace, path, { start, end: document.offsetAt(range.end) }).map(
          ({ diagnostic, mend }): CodeAction => ({
            title: mend.title,
            kind: CodeActionKind.QuickFix,
            diagnostics: [toProtocol(diagnostic)],
            isPreferred: true,
            edit: files.changesOf([{ file: path, edits: mend.edits }]),
          }),
        ),
      ) ?? []
    );
  });
}

function helpWithNames(editor: Editor, files: Files): void {
  const { workspace } = files;
  editor.onReferences(({ context, ...params }) =>
    files.at(params, (path, offset) => {
      const found = occurrenceAt(workspace, path, offset);
      const all = found ? occurrencesOf(workspace, found) : [];
      return all
        .filter(({ defines }) => context.includeDeclaration || !defines)
        .map((each) => files.locationOf(each));
    }),
  );
  editor.onPrepareRename((params) =>
    files.at(params, (path, offset, document) => {
      const found = occurrenceAt(workspace, path, offset);
      return found && { range: rangeIn(document, found), placeholder: found.name };
    }),
  );
  editor.onRenameRequest(({ newName, ...params }) =>
    files.at(params, (path, offset) => {
      const found = occurrenceAt(workspace, path, offset);
      if (!found) throw new ResponseError(requestFailed, 'Nothing that has a name stands here.');
      const why = whyNotRename(workspace, found, newName);
      if (why !== undefined) throw new ResponseError(requestFailed, why);
      const byFile = new Map<string, TextEdit[]>();
      for (const { file, start, end } of occurrencesOf(workspace, found))
        byFile.set(file, [...(byFile.get(file) ?? []), { start, end, text: newName }]);
      return files.changesOf([...byFile].map(([file, edits]) => ({ file, edits })));
    }),
  );
}

function helpWithWholeFiles(editor: Editor, files: Files): void {
  const { workspace } = files;
  editor.onDocumentSymbol(({ textDocument }) =>
    files.whole(textDocument.uri, (path, document) =>
      (workspace.owns(path) ? outline(workspace, path) : []).map((item) => symbolOf(item, document)),
    ),
  );
  editor.onDocumentFormatting(({ textDocument }) =>
    files.whole(textDocument.uri, (path, document) =>
      (workspace.owns(path) ? format(document.getText(), workspace.expressionsOf(path)) : []).map(
        ({ text, ...range }) => ({ range: rangeIn(document, range), newText: text }),
      ),
    ),
  );
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
