/** A bare copy of the branch, and one folder with the files of each commit that is tried. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Access, Git, GitFailure } from '../../processes/git/program.ts';

export interface Commit {
  id: string;
  /** E-mail address of its author. */
  author: string;
  /** Its first line. */
  subject: string;
  /** When it was committed, in ISO 8601. */
  at: string;
}

const largestFiles = 20_000;
const largestTree = 256 * 1024 * 1024;
/** How far back it is looked for who last changed a file. */
const commitsRead = 5_000;

const followed = 'refs/heads/followed';
const commitId = /^[0-9a-f]{40,64}$/;

export class Mirror {
  private readonly folder: string;
  private readonly git: Git;

  /** `folder` is ours alone: `mirror.git` and `trees/` in it. */
  constructor(folder: string) {
    this.folder = folder;
    this.git = new Git(join(folder, 'ssh'), join(folder, 'mirror.git'));
  }

  /** Gets the branch as it is now, also where its history was rewritten. Rejects with a {@link GitFailure}. */
  async fetch(repository: string, branch: string, access: Access): Promise<Commit> {
    await this.prepared();
    const from = `+refs/heads/${branch}:${followed}`;
    await this.git.run(
      [
        'fetch',
        '--quiet',
        '--no-tags',
        '--no-recurse-submodules',
        '--no-write-fetch-head',
        '--end-of-options',
        repository,
        from,
      ],
      { access },
    );
    return this.commit(followed);
  }

  async commit(name: string): Promise<Commit> {
    const out = await this.git.run([
      'log',
      '-1',
      '--format=%H%x00%ae%x00%cI%x00%s',
      '--end-of-options',
      name,
    ]);
    const [id = '', author = '', at = '', subject = ''] = out.trimEnd().split('\0');
    if (!commitId.test(id)) throw new GitFailure(`${name} is no commit`);
    return { id, author, at, subject: subject.slice(0, 200) };
  }

  async has(id: string): Promise<boolean> {
    if (!existsSync(join(this.folder, 'mirror.git', 'HEAD'))) return false;
    return this.git.run(['cat-file', '-e', `${id}^{commit}`]).then(
      () => true,
      () => false,
    );
  }

  /** Whether the newer commit goes on from the older one. */
  async follows(older: string, newer: string): Promise<boolean> {
    return this.git.run(['merge-base', '--is-ancestor', older, newer]).then(
      () => true,
      () => false,
    );
  }

  /** The folder with its files. Links are left as the text that they are, and submodules left out. */
  async tree(id: string): Promise<string> {
    const folder = join(this.folder, 'trees', id);
    if (existsSync(folder)) return folder;
    await this.checkSize(id);
    const draft = `${folder}.new-${process.pid}`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true });
    const environment = { GIT_INDEX_FILE: `${draft}.index`, GIT_WORK_TREE: draft };
    try {
      await this.git.run(['read-tree', id], { environment });
      await this.git.run(['checkout-index', '--all', '--force', '--quiet'], { environment });
      await rename(draft, folder);
    } finally {
      await rm(`${draft}.index`, { force: true });
      await rm(draft, { recursive: true, force: true });
    }
    return folder;
  }

  /** File, relative to the folder -> who last changed it, by the address in the commit. */
  async authors(id: string, folder: string): Promise<Map<string, string>> {
    const prefix = folder === '' ? '' : `${folder}/`;
    const out = await this.git.run([
      'log',
      '-n',
      String(commitsRead),
      '--format=%x00%ae',
      '--name-only',
      '--no-renames',
      '-c',
      id,
      '--',
      prefix || '.',
    ]);
    const byFile = new Map<string, string>();
    for (const entry of out.split('\0')) {
      const [author = '', ...files] = entry.split('\n').filter(Boolean);
      for (const path of files) {
        const file = path.slice(prefix.length);
        if (path.startsWith(prefix) && !byFile.has(file)) byFile.set(file, author);
      }
    }
    return byFile;
  }

  /** Leaves the folders of these commits alone, and takes the others away. */
  async keepOnly(ids: readonly string[]): Promise<void> {
    const trees = join(this.folder, 'trees');
    for (const name of await readdir(trees).catch(() => []))
      if (!ids.includes(name)) await rm(join(trees, name), { recursive: true, force: true });
  }

  private async prepared(): Promise<void> {
    if (existsSync(join(this.folder, 'mirror.git', 'HEAD'))) return;
    await mkdir(join(this.folder, 'mirror.git'), { recursive: true, mode: 0o700 });
    await this.git.run(['init', '--quiet', '--bare', '--template=']);
  }

  private async checkSize(id: string): Promise<void> {
    const out = await this.git.run(['ls-tree', '-r', '-l', id]);
    const lines = out.split('\n').filter(Boolean);
    if (lines.length > largestFiles)
      throw new GitFailure(`it holds ${lines.length} files, and ${largestFiles} can be read`);
    const bytes = lines.reduce((sum, line) => sum + (Number(line.split(/\s+/)[3]) || 0), 0);
    if (bytes > largestTree)
      throw new GitFailure(
        `its files have ${Math.ceil(bytes / 1024 / 1024)} MB, and ${largestTree / 1024 / 1024} can be read`,
      );
  }
}
