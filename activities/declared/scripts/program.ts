/** One run of a program, wherever that is. */
export interface Run {
  /** The program and its arguments. A script file, if there is one, is the last of them. */
  words: readonly string[];
  script?: string;
  /** What it reads. */
  input: string;
  limitMs: number;
}

export interface RunEnded {
  exit: number;
  output: string;
  /** The end of what it wrote as errors. */
  errors: string;
}

/** More than this is not read, in bytes. */
export const mostOutput = 4 * 1024 * 1024;

/** As shells tell that a signal has ended a program. */
export const signalExit = 137;

export const tooMuch: RunEnded = {
  exit: 1,
  output: '',
  errors: `It wrote more than ${mostOutput / 1024 / 1024} MB, which is not read. Let it write less.`,
};
