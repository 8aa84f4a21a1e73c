/** The branch that the runbooks are taken from: whether the repository lets us read it, and has it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { PermanentFailure } from '../../activities/kit/failures.ts';
import type { GitSettings } from '../../compiler/configuration/sections/git.ts';
import { defined } from '../../plan/defined.ts';
import { Git, GitFailure } from '../../processes/git/program.ts';
import type { Secrets } from '../../vault/secrets.ts';
import { type Finding, limitMs } from './finding.ts';

export async function lookAtBranch(
  { repository, branch, user, token, sshKey, hostKey }: GitSettings,
  { path, secrets }: { path: string; secrets: Secrets },
): Promise<Omit<Finding, 'part'>> {
  const access = defined({
    user,
    hostKey,
    token: token && (await secrets.get(token.$secret)),
    sshKey: sshKey && (await secrets.get(sshKey.$secret)),
  });
  const address = /^\.{0,2}\//.test(repository) ? resolve(dirname(path), repository) : repository;
  const keys = await mkdtemp(join(tmpdir(), 'countersign-doctor-'));
  try {
    const found = await new Git(keys).run(
      ['ls-remote', '--heads', '--end-of-options', address, `refs/heads/${branch}`],
      { access, limitMs },
    );
    const [commit = ''] = found.split('\t');
    if (commit === '')
      throw new PermanentFailure(
        `${repository} has no branch ${branch}. Check git: branch: in countersign.yaml.`,
      );
    return { state: 'ok', says: `${repository} lets us read ${branch}, which is at ${commit.slice(0, 10)}` };
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    const isAway = /resolve host|connect to|timed out|did not come to an end/i.test(error.message);
    const says = `${repository} cannot be read: ${error.message}. Check git: in countersign.yaml, and its credentials.`;
    return { state: isAway ? 'away' : 'problem', says };
  } finally {
    await rm(keys, { recursive: true, force: true });
  }
}
