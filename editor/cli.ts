/** How the command line of Countersign is started from an editor. */

/** A program and what is said to it. */
export interface Program {
  command: string;
  args: string[];
}

export interface Place {
  /** The folder with countersign.yaml. */
  folder: string;
  /** The setting `countersign.cli`. */
  setting: string;
  platform: NodeJS.Platform;
  exists(path: string): boolean;
}

/** Where a folder may have it: as a package, or as the sources of Countersign themselves once they are built. */
const installed = ['node_modules/countersign/dist/cli/main.js', 'dist/cli/main.js'];

/** What is set, what the folder has, or what is on the PATH, with these arguments. */
export function programOf({ folder, setting, platform, exists }: Place, args: readonly string[]): Program {
  const own = installed.map((file) => `${folder}/${file}`).find(exists);
  const file = setting.trim().replaceAll('${workspaceFolder}', folder) || own;
  if (file === undefined)
    return { command: platform === 'win32' ? 'countersign.cmd' : 'countersign', args: [...args] };
  return /\.[cm]?js$/.test(file)
    ? { command: 'node', args: [file, ...args] }
    : { command: file, args: [...args] };
}

export const isBatch = (command: string): boolean => /\.(cmd|bat)$/i.test(command);

export const languageServer = ['lsp', '--stdio'] as const;

export type TaskCommand = 'validate' | 'test' | 'plan';

/** A test stands beside its runbook: both mean the runbook to `plan`. */
export function taskArguments(command: TaskCommand, file: string | undefined): string[] {
  if (file === undefined) return [command];
  return [command, command === 'plan' ? file.replace(/\.test\.(ya?ml)$/, '.$1') : file];
}
