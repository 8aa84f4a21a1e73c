/** Starts the language server for a folder of runbooks, and offers what the command line does. */

import { existsSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/node';
import { isBatch, languageServer, type Program, programOf, type TaskCommand, taskArguments } from './cli.ts';

/** Once it has started: one that could not be cannot be stopped either. */
let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const folder = await folderOf();
  if (folder === undefined) return;
  const { commands, tasks, workspace } = vscode;
  context.subscriptions.push(
    commands.registerCommand('countersign.validate', () => run(folder, 'validate')),
    commands.registerCommand('countersign.test', () => runOnOpen(folder, 'test')),
    commands.registerCommand('countersign.plan', () => runOnOpen(folder, 'plan')),
    commands.registerCommand('countersign.restart', () => restart(folder)),
    tasks.registerTaskProvider('countersign', {
      provideTasks: () => (['validate', 'test'] as const).map((command) => taskOf(folder, command)),
      resolveTask: (task) => {
        const { command, file } = task.definition as unknown as { command: TaskCommand; file?: string };
        return taskOf(folder, command, file, task.definition);
      },
    }),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('countersign')) void restart(folder);
    }),
  );
  await start(folder);
}

export function deactivate(): Promise<void> | undefined {
  return client?.stop();
}

/** The folder of the first countersign.yaml, or else the first that is open. */
async function folderOf(): Promise<string | undefined> {
  const [found] = await vscode.workspace.findFiles('**/countersign.yaml', '**/node_modules/**', 1);
  return found ? dirname(found.fsPath) : vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
}

async function start(folder: string): Promise<void> {
  const { command, args } = program(folder, languageServer);
  const settings = vscode.workspace.getConfiguration('countersign');
  const uri = vscode.Uri.file(folder);
  const starting = new LanguageClient(
    'countersign',
    'Countersign',
    // A command file of Windows is started by its shell alone.
    isBatch(command)
      ? { command: `"${command}"`, args, options: { cwd: folder, shell: true } }
      : { command, args, options: { cwd: folder } },
    {
      documentSelector: settings
        .get<string[]>('files', [])
        .map((pattern) => ({ scheme: 'file', language: 'yaml', pattern })),
      // The server looks at this folder, which need not be one of those that are open.
      workspaceFolder: { uri, name: 'runbooks', index: 0 },
      synchronize: {
        fileEvents: vscode.workspace.createFileSystemWatcher('**/*.{yaml,yml,csv,json,ics}'),
      },
    },
  );
  try {
    await starting.start();
    client = starting;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(
      `Countersign could not be started (${[command, ...args].join(' ')}): ${why}. Install it in the folder, or name it in the setting countersign.cli.`,
    );
  }
}

async function restart(folder: string): Promise<void> {
  const before = client;
  client = undefined;
  await before?.stop();
  await start(folder);
}

function program(folder: string, args: readonly string[]): Program {
  const setting = vscode.workspace.getConfiguration('countersign').get<string>('cli', '');
  return programOf({ folder, setting, platform: process.platform, exists: existsSync }, args);
}

async function runOnOpen(folder: string, command: TaskCommand): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.uri.scheme !== 'file') {
    void vscode.window.showInformationMessage('Open a runbook first.');
    return;
  }
  // What is tested and planned is the file on disk.
  await document.save();
  await run(folder, command, relative(folder, document.uri.fsPath));
}

async function run(folder: string, command: TaskCommand, file?: string): Promise<void> {
  await vscode.tasks.executeTask(taskOf(folder, command, file));
}

function taskOf(
  folder: string,
  command: TaskCommand,
  file?: string,
  definition: vscode.TaskDefinition = {
    type: 'countersign',
    command,
    ...(file === undefined ? {} : { file }),
  },
): vscode.Task {
  const { command: executable, args } = program(folder, taskArguments(command, file));
  // A process and no shell: the name of a file is never read as a command.
  const execution = new vscode.ProcessExecution(executable, args, { cwd: folder });
  const name = [command, file].filter((part) => part !== undefined).join(' ');
  const scope = vscode.workspace.workspaceFolders?.[0] ?? vscode.TaskScope.Workspace;
  return new vscode.Task(definition, scope, name, 'countersign', execution, ['$countersign']);
}
