/** `git`: the branch from which the server takes its runbooks. */
import { badGit } from '../../diagnostics/registry/configuration.ts';
import { childOf, textOf } from '../../source/tree.ts';
import { type Around, readMap, type Section } from '../section.ts';

export interface GitSettings {
  /** Address of the repository, or its folder on this machine. */
  repository: string;
  branch: string;
  /** The folder in it that holds `runbooks/`. */
  directory?: string;
  /** Between two looks, in seconds. */
  everySeconds?: number;
  user?: string;
  token?: { $secret: string };
  sshKey?: { $secret: string };
  hostKey?: string;
  webhookSecret?: { $secret: string };
  tell?: string[];
}

const text = (description: string) => ({ type: 'string', minLength: 1, description });

/** What is no option of git's, no other program of its choice, and carries no credentials. */
const ways =
  /^(https:\/\/[^\s@]+|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\/[^\s@]*|ssh:\/\/[^\s]+|file:\/\/\/[^\s]+|[A-Za-z0-9_.]+@[A-Za-z0-9.-]+:[^\s]+|\.{0,2}\/[^\s]*)$/;

export const git = {
  rank: 14,
  schema: {
    type: 'object',
    description:
      'Takes the runbooks from a branch instead of the folder runbooks/ beside this file: each commit is compiled, and used when nothing in it is wrong.',
    properties: {
      repository: text(
        'Address of the repository, such as https://git.example.com/it/runbooks.git, or its folder on this machine.',
      ),
      branch: { ...text('The branch that is followed.'), pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]*$' },
      directory: {
        ...text('The folder in the repository that holds runbooks/ and data/, unless these are at its top.'),
        pattern: '^[A-Za-z0-9_][A-Za-z0-9_./-]*$',
      },
      everySeconds: {
        type: 'integer',
        minimum: 5,
        description: 'How often it is looked for a new commit, in seconds: every 60 unless said.',
      },
      user: text('The user to whom the token belongs, where the server asks for one.'),
      token: text('The secret with the token by which it may be read over HTTPS.'),
      sshKey: text('The secret with the private key by which it may be read over SSH.'),
      hostKey: text('The public key of the SSH server: a line of ssh-keyscan without the name of the host.'),
      webhookSecret: text(
        'The secret with which the repository signs what it sends to /hooks/git when somebody pushes.',
      ),
      tell: {
        type: 'array',
        items: { type: 'string' },
        description:
          'Who is told of a commit that cannot be used: people and roles. Unless said, the owners of the runbooks in it that have errors.',
      },
    },
    required: ['repository', 'branch'],
    additionalProperties: false,
  },
  secrets: true,
  check(node, around: Around) {
    const report = (key: string, what: string) =>
      around.reporter.report(badGit, childOf(node, key) ?? node, { what });
    const repository = textOf(childOf(node, 'repository'));
    const has = (key: string) => childOf(node, key) !== undefined;
    if (repository !== undefined && !ways.test(repository))
      report(
        'repository',
        '`repository` is an address that begins with https:// or ssh://, git@HOST:PATH, or a folder of this machine that begins with / or ./. Credentials stand under `token` or `sshKey`.',
      );
    const bySsh = /^(ssh:|[A-Za-z0-9_.]+@)/.test(repository ?? '');
    if (bySsh && has('sshKey') !== has('hostKey'))
      report(has('sshKey') ? 'sshKey' : 'hostKey', '`sshKey` and `hostKey` belong together.');
    if (!bySsh && has('sshKey')) report('sshKey', '`sshKey` is for an address over SSH.');
    if (has('token') && !/^https?:/.test(repository ?? ''))
      report('token', '`token` is for an address over HTTPS.');
    const directory = textOf(childOf(node, 'directory'));
    if (directory?.split('/').includes('..'))
      report('directory', '`directory` is a folder in the repository.');
    const tell = childOf(node, 'tell');
    for (const person of tell?.kind === 'list' ? tell.items : []) around.checkPerson(person, '`tell`');
  },
  read: (node, around: Around) =>
    node === undefined ? undefined : (readMap(node, around) as unknown as GitSettings),
} satisfies Section<GitSettings | undefined>;
