/**
 * The program `git`, run without a shell: with an environment of its own, so that neither the machine's configuration nor the repository
 * makes it run anything else, within a time limit, and with credentials that stand in no argument.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Access {
  user?: string;
  token?: string;
  sshKey?: string;
  /** Type and key, as ssh-keyscan gives them. */
  hostKey?: string;
}

/** Git could not do it. The message holds no credential. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure';
}

const usualLimitMs = 120_000;
const largestOutput = 64 * 1024 * 1024;
/** Below it the other side counts as gone, in bytes a second, for so many seconds. */
const [slowest, slowSeconds] = ['1000', '20'];

/** What is handed on of the environment: how programs are found, and how this machine reaches others. */
const handedOn = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LANG',
  'SystemRoot',
  'https_proxy',
  'HTTPS_PROXY',
  'http_proxy',
  'HTTP_PROXY',
  'no_proxy',
  'NO_PROXY',
  'GIT_SSL_CAINFO',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

export class Git {
  private readonly folder: string | undefined;
  private readonly keys: string;

  /** `folder` is the bare repository, absent where only another one is asked; in `keys` the SSH key is put down while it is needed. */
  constructor(keys: string, folder?: string) {
    this.folder = folder;
    this.keys = keys;
  }

  /** What it writes. Rejects with a {@link GitFailure} in git's own words. */
  async run(
    args: readonly string[],
    {
      access,
      environment = {},
      limitMs = usualLimitMs,
    }: { access?: Access; environment?: Record<string, string>; limitMs?: number } = {},
  ): Promise<string> {
    const own = access ? await this.environmentOf(access) : {};
    const env = { ...baseEnvironment(), ...own, ...environment };
    const ended = await output(
      [...(this.folder === undefined ? [] : ['--git-dir', this.folder]), ...args],
      env,
      limitMs,
    );
    if (ended.code === 0) return ended.out;
    const said = ended.late
      ? `it did not come to an end within ${limitMs / 1_000} s`
      : ended.tooMuch
        ? 'it wrote more than can be read'
        : wordsOf(ended.err);
    throw new GitFailure(withoutCredentials(said, access));
  }

  private async environmentOf({
    user = 'git',
    token,
    sshKey,
    hostKey,
  }: Access): Promise<Record<string, string>> {
    const environment: Record<string, string> = {};
    if (token !== undefined) {
      // In the environment, where other users of the machine do not see it, as they see arguments.
      const basic = Buffer.from(`${user}:${token}`).toString('base64');
      Object.assign(environment, {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'http.extraHeader',
        GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
      });
    }
    if (sshKey !== undefined && hostKey !== undefined)
      environment.GIT_SSH_COMMAND = await this.sshCommand(sshKey, hostKey);
    return environment;
  }

  /** Git takes a command line; all that varies in it is the path of a file that is ours. */
  private async sshCommand(sshKey: string, hostKey: string): Promise<string> {
    const folder = this.keys;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = (name: string) => join(folder, name);
    await writeOwn(file('key'), sshKey.endsWith('\n') ? sshKey : `${sshKey}\n`);
    await writeOwn(file('known_hosts'), `countersign ${hostKey.trim()}\n`);
    const lines = [
      `IdentityFile "${file('key')}"`,
      'IdentitiesOnly yes',
      'BatchMode yes',
      'StrictHostKeyChecking yes',
      'HostKeyAlias countersign',
      `UserKnownHostsFile "${file('known_hosts')}"`,
      'GlobalKnownHostsFile /dev/null',
      'ConnectTimeout 20',
    ];
    await writeOwn(file('config'), `${lines.join('\n')}\n`);
    return `ssh -F '${file('config').replaceAll("'", "'\\''")}'`;
  }
}

async function writeOwn(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
}

function baseEnvironment(): Record<string, string> {
  const kept = handedOn.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_LFS_SKIP_SMUDGE: '1',
    // Else a transport can be any program: ext::.
    GIT_ALLOW_PROTOCOL: 'file:https:http:ssh',
    GIT_HTTP_LOW_SPEED_LIMIT: slowest,
    GIT_HTTP_LOW_SPEED_TIME: slowSeconds,
    LC_ALL: 'C',
  };
}

/** Of the repository nothing is ever run, and a link in it stays the text that it is. */
const safely = [
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.symlinks=false',
  '-c',
  'core.autocrlf=false',
  '-c',
  'protocol.version=2',
  '-c',
  'safe.directory=*',
  '-c',
  'gc.auto=0',
];

interface Ended {
  code: number | null;
  out: string;
  err: string;
  late: boolean;
  tooMuch: boolean;
}

function output(args: readonly string[], env: Record<string, string>, limitMs: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...safely, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    let size = 0;
    let err = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > largestOutput) child.kill('SIGKILL');
      else out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err = (err + chunk.toString()).slice(-4_000);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(
        error.code === 'ENOENT'
          ? new GitFailure('the program git is not installed where the gateway runs, or not on its PATH')
          : error,
      );
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, out: Buffer.concat(out).toString('utf8'), err, late, tooMuch: size > largestOutput });
    });
  });
}

/** Git's last words that say something. */
function wordsOf(err: string): string {
  const lines = err.split('\n').map((line) => line.replace(/^(fatal|error|remote): /, '').trim());
  const said = lines.filter((line) => line !== '' && !/^(hint|warning):/.test(line));
  return said.slice(0, 3).join(' ').slice(0, 500) || 'it gave no reason';
}

function withoutCredentials(text: string, { token, user = 'git' }: Access = {}): string {
  if (!token) return text;
  return text
    .replaceAll(token, '[secret]')
    .replaceAll(Buffer.from(`${user}:${token}`).toString('base64'), '[secret]');
}
