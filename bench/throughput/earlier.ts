/** An earlier commit, checked out and built beside this one, once. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../store/package-root.ts';

/** Gives the folder of its package. */
export function builtAt(commit: string): string {
  const root = packageRoot();
  const run = (command: string, args: string[], cwd: string) =>
    execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  const revision = `${commit}^{commit}`;
  const id = execFileSync('git', ['rev-parse', '--verify', '--end-of-options', revision], { cwd: root })
    .toString()
    .trim();
  const folder = join(root, '.countersign', 'bench', id);
  if (existsSync(folder)) return folder;
  console.error(`Building ${id.slice(0, 10)} beside this version; that takes a minute …`);
  const draft = `${folder}.${process.pid}`;
  try {
    mkdirSync(draft, { recursive: true });
    const archive = join(draft, 'archive.tar');
    run('git', ['archive', '--format=tar', '-o', archive, id], root);
    run('tar', ['-xf', archive], draft);
    rmSync(archive);
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], draft);
    run(process.execPath, [join('scripts', 'build.mjs')], draft);
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}
