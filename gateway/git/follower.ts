/**
 * Follows a branch: each new commit is compiled, and used when nothing in it is wrong. One that has errors, or breaks a policy, is held
 * back: the last good one stays in use, and whom it concerns is told.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { GitSettings } from '../../compiler/configuration/sections/git.ts';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import { type Access, GitFailure } from '../../processes/git/program.ts';
import type { Place } from '../place.ts';
import { type Commit, Mirror } from './mirror.ts';

export interface HeldCommit extends Commit {
  /** `file:line:column message`, each. */
  problems: string[];
}

/** As people see it. */
export interface Followed {
  repository: string;
  branch: string;
  /** The commit in use. */
  active?: Commit;
  /** The newest commit, where it cannot be used. */
  held?: HeldCommit;
  /** Why it is not known what is new. */
  trouble?: { says: string; since: string };
  lookedAt?: string;
}

export interface FollowerParts {
  /** Ours alone. */
  folder: string;
  /** Of countersign.yaml: a folder of this machine is relative to it. */
  configuration: string;
  settings(): GitSettings | undefined;
  secret(name: string): Promise<string>;
  /** Compiles what stands there and uses it if nothing is wrong. Gives all that is wrong. */
  attempt(place: Place): Promise<string[]>;
  /** Tells whom a commit concerns that cannot be used. */
  tell(held: HeldCommit): Promise<void>;
  log: (line: string) => void;
}

interface Remembered {
  repository: string;
  branch: string;
  directory: string;
  commit: string;
}

const usualEverySeconds = 60;
const mostProblems = 50;
const runbooksFolder = 'runbooks';

export class GitFollower {
  private readonly parts: FollowerParts;
  private readonly mirror: Mirror;
  private active: Commit | undefined;
  private held: HeldCommit | undefined;
  private trouble: Followed['trouble'];
  private lookedAt: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private again = false;
  private stopped = false;

  constructor(parts: FollowerParts) {
    this.parts = parts;
    this.mirror = new Mirror(parts.folder);
  }

  /** Where the commit stands that was in use last, if it is still known: also when the repository is away. */
  async lastGood(): Promise<Place | undefined> {
    const settings = this.parts.settings();
    const known = settings && (await this.remembered());
    if (!known || !isSame(known, settings) || !(await this.mirror.has(known.commit))) return undefined;
    try {
      this.active = await this.mirror.commit(known.commit);
      return await this.placeOf(this.active, settings);
    } catch (error) {
      this.parts.log(`The commit of the runbooks that was in use last cannot be read: ${errorText(error)}`);
      return undefined;
    }
  }

  /** Looks once, then again and again. */
  async start(): Promise<void> {
    await this.look();
    this.plan();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  /** Looks at the branch now, or once more after the look that is under way. Never rejects. */
  async look(): Promise<void> {
    if (this.looking) {
      this.again = true;
      return this.looking;
    }
    this.looking = this.lookOnce();
    await this.looking;
    this.looking = undefined;
    if (!this.again || this.stopped) return;
    this.again = false;
    await this.look();
  }

  status(): Followed | undefined {
    const settings = this.parts.settings();
    if (!settings) return undefined;
    const { repository, branch } = settings;
    return {
      repository,
      branch,
      ...defined({ active: this.active, held: this.held, trouble: this.trouble, lookedAt: this.lookedAt }),
    };
  }

  private plan(): void {
    if (this.stopped) return;
    const { everySeconds = usualEverySeconds } = this.parts.settings() ?? {};
    this.timer = setTimeout(() => void this.look().finally(() => this.plan()), everySeconds * 1_000);
    this.timer.unref();
  }

  private async lookOnce(): Promise<void> {
    const settings = this.parts.settings();
    if (!settings) return;
    try {
      const head = await this.mirror.fetch(
        this.addressOf(settings),
        settings.branch,
        await this.accessOf(settings),
      );
      this.lookedAt = new Date().toISOString();
      this.says(undefined);
      if (head.id === this.active?.id) await this.release();
      else if (head.id !== this.held?.id) await this.take(head, settings);
    } catch (error) {
      this.says(errorText(error));
    }
  }

  private async take(head: Commit, settings: GitSettings): Promise<void> {
    const before = this.active;
    const problems = await this.problemsOf(head, settings);
    if (problems.length > 0) {
      this.held = { ...head, problems: problems.slice(0, mostProblems) };
      const kept = before ? `${short(before)} stays in use.` : 'No commit is in use.';
      const words = `The commit ${short(head)} ("${head.subject}") cannot be used: ${problems.length} problems. ${kept}`;
      this.parts.log([words, ...this.held.problems].join('\n  '));
      await this.writeStatus('failure', head, problems);
      await this.parts
        .tell(this.held)
        .catch((error) => this.parts.log(`Nobody could be told of it: ${errorText(error)}`));
      return;
    }
    if (before && !(await this.mirror.follows(before.id, head.id)))
      this.parts.log(
        `The branch ${settings.branch} was rewritten: ${short(head)} does not go on from ${short(before)}.`,
      );
    this.active = head;
    this.held = undefined;
    this.parts.log(`The runbooks of ${short(head)} ("${head.subject}") are in use.`);
    await this.remember(head, settings);
    await this.writeStatus('success', head, []);
    // A reading of the one before may still be under way.
    await this.mirror.keepOnly([head.id, ...(before ? [before.id] : [])]);
  }

  private async problemsOf(head: Commit, settings: GitSettings): Promise<string[]> {
    try {
      return await this.parts.attempt(await this.placeOf(head, settings));
    } catch (error) {
      return [errorText(error)];
    }
  }

  /** The branch is back at what is in use: nothing is held back any more. */
  private async release(): Promise<void> {
    if (!this.held || !this.active) return;
    this.held = undefined;
    this.parts.log(`The branch is back at ${short(this.active)}, which is in use.`);
    await this.writeStatus('success', this.active, []);
  }

  private async placeOf(commit: Commit, { directory = '' }: GitSettings): Promise<Place> {
    const tree = await this.mirror.tree(commit.id);
    const within = directory === '' ? runbooksFolder : `${directory}/${runbooksFolder}`;
    if (!existsSync(join(tree, within))) throw new GitFailure(`It has no folder ${within}/.`);
    return {
      folder: join(tree, within),
      beside: join(tree, directory, 'countersign.yaml'),
      commit: commit.id,
      authors: () => this.mirror.authors(commit.id, within),
    };
  }

  /** Said once, until it is another thing or over. */
  private says(trouble: string | undefined): void {
    if (trouble === this.trouble?.says) return;
    if (trouble === undefined) this.parts.log('The repository of the runbooks is there again.');
    else this.parts.log(`The branch of the runbooks could not be read: ${trouble}. ${this.goesOn()}`);
    this.trouble = trouble === undefined ? undefined : { says: trouble, since: new Date().toISOString() };
  }

  private goesOn(): string {
    return this.active ? `${short(this.active)} stays in use.` : 'There are no runbooks until it can.';
  }

  private addressOf({ repository }: GitSettings): string {
    return /^\.{0,2}\//.test(repository)
      ? resolve(dirname(this.parts.configuration), repository)
      : repository;
  }

  private async accessOf({ user, token, sshKey, hostKey }: GitSettings): Promise<Access> {
    const { secret } = this.parts;
    return defined({
      user,
      hostKey,
      token: token && (await secret(token.$secret)),
      sshKey: sshKey && (await secret(sshKey.$secret)),
    });
  }

  private async remembered(): Promise<Remembered | undefined> {
    try {
      return JSON.parse(await readFile(join(this.parts.folder, 'active.json'), 'utf8')) as Remembered;
    } catch {
      return undefined;
    }
  }

  private remember({ id }: Commit, { repository, branch, directory = '' }: GitSettings): Promise<void> {
    return this.write('active.json', { repository, branch, directory, commit: id } satisfies Remembered);
  }

  /** For whatever shows a commit's state where it was pushed: in the terms that such services have. */
  private writeStatus(
    state: 'success' | 'failure',
    { id, subject }: Commit,
    problems: string[],
  ): Promise<void> {
    const description = state === 'success' ? 'in use' : `held back: ${problems.length} problems`;
    return this.write('status.json', {
      context: 'countersign',
      commit: id,
      subject,
      state,
      description,
      problems: problems.slice(0, mostProblems),
      ...defined({ active: this.active?.id }),
      at: new Date().toISOString(),
    });
  }

  /** Whoever reads it sees all of it or what was before. */
  private async write(name: string, content: object): Promise<void> {
    await mkdir(this.parts.folder, { recursive: true, mode: 0o700 });
    const file = join(this.parts.folder, name);
    await writeFile(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`);
    await rename(`${file}.new`, file);
  }
}

function isSame(known: Remembered, { repository, branch, directory = '' }: GitSettings): boolean {
  return known.repository === repository && known.branch === branch && known.directory === directory;
}

export function short({ id }: Pick<Commit, 'id'>): string {
  return id.slice(0, 10);
}
