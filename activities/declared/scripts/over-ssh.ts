/** A program on another host, over SSH. */
import { RetryableFailure } from '../../kit/failures.ts';
import { AnswerLost, EndedBySignal, runOverSsh, type SshHost } from '../../kit/ssh/connection.ts';
import { mostOutput, type Run, type RunEnded, signalExit, tooMuch } from './program.ts';

/** The connection or the time ended before the program had: what it did is not known. */
export class RunLost extends RetryableFailure {}

export async function runThere(host: SshHost, run: Run, signal: AbortSignal): Promise<RunEnded> {
  const limit = AbortSignal.timeout(run.limitMs);
  const { script = '', input } = run;
  const line = run.script === undefined ? run.words.join(' ') : shellLine(run);
  try {
    const ended = await runOverSsh(
      host,
      { line, input: script + input, keepBytes: mostOutput },
      AbortSignal.any([signal, limit]),
    );
    return ended.truncated ? tooMuch : { exit: ended.exitCode, output: ended.output, errors: ended.errors };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof EndedBySignal) return { exit: signalExit, output: '', errors: error.message };
    if (limit.aborted)
      throw new RunLost(
        `${run.words[0]} did not end within ${run.limitMs / 1000} s on ${host.name}, and was ended.`,
      );
    if (error instanceof AnswerLost)
      throw new RunLost(`The connection to ${host.name} was lost while ${run.words[0]} ran.`);
    throw error;
  }
}

/**
 * For a POSIX shell. The script comes first on standard input, its input behind it, so that nothing of either stands in a command line.
 * What is not over in time is ended there too, with all that it began, whatever became of the connection.
 */
const endAll = '[ -n "$p" ] && { kill -9 -"$p" || kill -9 "$p"; } 2>/dev/null';

function shellLine({ words, script = '', limitMs }: Run): string {
  const seconds = Math.ceil(limitMs / 1000);
  const text = [
    'umask 077',
    'd=$(mktemp -d) || exit 126',
    'p=; w=; g=',
    `trap '[ -n "$w" ] && kill "$w" 2>/dev/null; ${endAll}; rm -rf "$d"' EXIT`,
    "trap 'exit 143' HUP INT TERM PIPE",
    `dd bs=1 count=${Buffer.byteLength(script)} of="$d/script" 2>/dev/null`,
    'exec 3<&0',
    // A group of its own, so that it is ended with all that it began. macOS has no setsid.
    'if command -v setsid >/dev/null 2>&1; then g=setsid',
    "elif command -v perl >/dev/null 2>&1; then g='perl -e setpgrp(0,0);exec(@ARGV)'; fi",
    `(cd "$d" && exec $g ${words.join(' ')} "$d/script") <&3 3<&- &`,
    'p=$!',
    `(s=; trap 'kill "$s"; exit' TERM; sleep ${seconds} & s=$!; wait "$s"; ${endAll}) </dev/null >/dev/null 2>&1 3<&- &`,
    'w=$!',
    'wait "$p"',
    'exit $?',
  ].join('\n');
  return `exec sh -c '${text.replaceAll("'", "'\\''")}'`;
}
