/**
 * For the extension's test: stands where Visual Studio Code stands, and runs the bundle as it would be loaded. Only what the extension
 * itself calls is more than a shell; everything else that the language client asks for is there, and does nothing.
 *
 * Prints one line of JSON for each thing that the test may want to know, and takes one command a line.
 */
const Module = require('node:module');
const { EventEmitter } = require('node:events');
const { readdirSync } = require('node:fs');
const { join, basename } = require('node:path');
const { pathToFileURL, fileURLToPath } = require('node:url');
const readline = require('node:readline');

const [, , bundle, folder, settingsText] = process.argv;
const settings = JSON.parse(settingsText);
const say = (what, value) => process.stdout.write(`${JSON.stringify({ what, value })}\n`);
const nothing = { dispose() {} };
const registered = new Map();
const changes = new EventEmitter();

class Uri {
  constructor(fsPath) {
    this.scheme = 'file';
    this.fsPath = fsPath;
    this.path = fsPath;
  }
  static file(path) {
    return new Uri(path);
  }
  static parse(text) {
    return new Uri(fileURLToPath(text));
  }
  toString() {
    return pathToFileURL(this.fsPath).href;
  }
}

/** Callable, extendable, and whatever is asked of it again. */
function shell(known = {}) {
  return new Proxy(
    class {
      dispose() {}
    },
    {
      get: (target, key) => {
        if (key in known) return known[key];
        if (key in target || typeof key === 'symbol') return target[key];
        known[key] = /^[A-Z]/.test(key) ? shell() : () => nothing;
        return known[key];
      },
      apply: () => nothing,
    },
  );
}

class Task {
  constructor(definition, scope, name, source, execution, problemMatchers) {
    Object.assign(this, { definition, scope, name, source, execution, problemMatchers });
  }
}

class ProcessExecution {
  constructor(process, args, options) {
    Object.assign(this, { process, args, options });
  }
}

class Disposable {
  constructor(end) {
    this.dispose = end ?? (() => {});
  }
}

class Emitter {
  event = () => nothing;
  fire() {}
  dispose() {}
}

class CancellationTokenSource {
  token = { isCancellationRequested: false, onCancellationRequested: () => nothing };
  cancel() {
    this.token.isCancellationRequested = true;
  }
  dispose() {}
}

const document = {
  uri: Uri.file(join(folder, 'runbooks', 'hello.yaml')),
  save: async () => say('saved', basename(document.uri.fsPath)),
};

// An object with a shell behind it, as a bundle copies what a module has of its own.
const vscode = Object.assign(Object.create(shell()), {
  version: '1.91.0',
  Uri,
  Task,
  ProcessExecution,
  Disposable,
  CancellationTokenSource,
  EventEmitter: Emitter,
  TaskScope: { Workspace: 2, Global: 1 },
  env: shell({ appName: 'stand-in', language: 'en' }),
  workspace: shell({
    workspaceFolders: [{ uri: Uri.file(folder), name: 'folder', index: 0 }],
    textDocuments: [],
    notebookDocuments: [],
    isTrusted: true,
    findFiles: async () =>
      readdirSync(folder)
        .filter((name) => name === 'countersign.yaml')
        .map((name) => Uri.file(join(folder, name))),
    getConfiguration: () => ({
      get: (key, otherwise) => settings[key] ?? otherwise,
      has: (key) => key in settings,
    }),
    createFileSystemWatcher: (pattern) => {
      say('watches', pattern);
      return {
        onDidChange: () => nothing,
        onDidCreate: () => nothing,
        onDidDelete: () => nothing,
        dispose() {},
      };
    },
    onDidChangeConfiguration: (listener) => {
      changes.on('configuration', () => listener({ affectsConfiguration: (name) => name === 'countersign' }));
      return nothing;
    },
  }),
  commands: shell({
    registerCommand: (name, does) => {
      registered.set(name, does);
      return nothing;
    },
  }),
  tasks: shell({
    registerTaskProvider: (type, provider) => {
      registered.set(`tasks of ${type}`, () => {
        say('offers', provider.provideTasks().map(taskWords));
        const { definition } = provider.provideTasks()[0];
        say('resolves', taskWords(provider.resolveTask({ definition })));
      });
      return nothing;
    },
    executeTask: async (task) => say('task', taskWords(task)),
  }),
  languages: shell({
    ...Object.fromEntries(
      [
        'CodeActions',
        'CompletionItem',
        'Definition',
        'DocumentFormattingEdit',
        'DocumentSymbol',
        'Hover',
        'Reference',
        'Rename',
      ].map((kind) => [
        `register${kind}Provider`,
        (selector) => {
          say('provides', { kind, patterns: selector.map(({ pattern }) => pattern) });
          return nothing;
        },
      ]),
    ),
    createDiagnosticCollection: () => ({
      set: (uri, found) =>
        say('diagnostics', { file: basename(String(uri.fsPath)), count: found?.length ?? 0 }),
      delete() {},
      clear() {},
      dispose() {},
    }),
    match: () => 0,
  }),
  window: shell({
    activeTextEditor: { document },
    visibleTextEditors: [],
    tabGroups: shell({ all: [] }),
    createOutputChannel: () =>
      shell({ append: (text) => say('log', text), appendLine: (text) => say('log', text) }),
    showErrorMessage: (text) => {
      say('error', text);
      return Promise.resolve(undefined);
    },
    showInformationMessage: (text) => {
      say('information', text);
      return Promise.resolve(undefined);
    },
  }),
});

function taskWords({ definition, name, execution, problemMatchers }) {
  const { process: command, args, options } = execution;
  return { definition, name, command, args, cwd: options.cwd, problemMatchers };
}

const load = Module._load;
Module._load = (request, ...rest) => (request === 'vscode' ? vscode : load(request, ...rest));

const extension = require(bundle);
const context = { subscriptions: [], extensionPath: folder };

(async () => {
  await extension.activate(context);
  say('commands', [...registered.keys()].sort());
  say('active', context.subscriptions.length);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line === 'end') break;
    if (line.startsWith('set ')) {
      Object.assign(settings, JSON.parse(line.slice(4)));
      changes.emit('configuration');
      continue;
    }
    await registered.get(line)?.();
    say('did', line);
  }
  await extension.deactivate();
  say('ended', true);
  process.exit(0);
})().catch((error) => {
  say('failed', String(error.stack));
  process.exit(1);
});
