/** A program on the machine that the worker runs on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PermanentFailure, RetryableFailure } from '../../kit/failures.ts';
import { Tail } from '../../kit/ssh/tail.ts';
import { mostOutput, type Run, type RunEnded, signalExit, tooMuch } from './program.ts';

/** What a program may need to know of this machine. The worker's own settings hold its keys, so that nothing else goes on. */
const passedOn = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'SystemRoot',
  'SystemDrive',
  'ComSpec',
  'PATHEXT',
  'PSModulePath',
  'ProgramFiles',
  'ProgramData',
  'APPDATA',
  'LOCALAPPDATA',
  'USERPROFILE',
  'TEMP',
  'TMP',
];

export async function runHere(run: Run, signal: AbortSignal): Promise<RunEnded> {
  signal.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'countersign-script-'));
  try {
    const [program = '', ...rest] = run.words;
    const file = join(folder, 'script');
    if (run.script !== undefined) await writeFile(file, run.script, { mode: 0o600 });
    const child = spawn(program, run.script === undefined ? rest : [...rest, file], {
      cwd: folder,
      env: Object.fromEntries(
        passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
      ),
      // A group of its own, so that it is ended with all that it began.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    return await followed(child, run, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function followed(
  child: ChildProcess,
  { words, input, limitMs }: Run,
  signal: AbortSignal,
): Promise<RunEnded> {
  const output = new Tail(mostOutput);
  const errors = new Tail();
  let broken: unknown;
  return new Promise((resolve, reject) => {
    const stop = (why: unknown) => {
      broken ??= why;
      endTree(child);
    };
    const abort = () => stop(signal.reason);
    const limit = setTimeout(
      () => stop(new RetryableFailure(`${words[0]} did not end within ${limitMs / 1000} s, and was ended.`)),
      limitMs,
    );
    signal.addEventListener('abort', abort, { once: true });
    const settle = (done: () => void) => {
      clearTimeout(limit);
      signal.removeEventListener('abort', abort);
      done();
    };
    child.stdout?.on('data', (chunk: Buffer) => {
      output.add(chunk);
      if (output.truncated) endTree(child);
    });
    child.stderr?.on('data', (chunk: Buffer) => errors.add(chunk));
    // One that ends without reading is told by how it ended.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
    child.once('error', (error) => settle(() => reject(notStarted(words[0] ?? '', error))));
    child.once('close', (code, name) =>
      settle(() => {
        if (broken !== undefined) reject(broken);
        else if (output.truncated) resolve(tooMuch);
        else if (code === null)
          resolve({ exit: signalExit, output: '', errors: `${errors.text()}\nIt was ended by ${name}.` });
        else resolve({ exit: code, output: output.text(), errors: errors.text() });
      }),
    );
  });
}

function notStarted(program: string, error: Error): PermanentFailure {
  return new PermanentFailure(
    `${program} could not be started where the worker runs: ${error.message}. Install it there, or run the scripts on another host (\`over: ssh\`).`,
  );
}

/** With all that it has started. */
function endTree({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true }).on('error', () => {});
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
