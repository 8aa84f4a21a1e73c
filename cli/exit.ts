/** How a command ends: its exit code, and one clear message. */

export const exitCodes = { done: 0, problems: 1, usage: 2, unreachable: 3 } as const;

/** Ends the command with a code and a message for people; never a stack. */
export class Exit extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export function usage(message: string): Exit {
  return new Exit(exitCodes.usage, message);
}

/** Says what ended a command, and gives its exit code. */
export function codeOf(error: unknown): number {
  if (process.env.DEBUG?.includes('countersign')) console.error(error);
  else if (error instanceof Error && error.message) console.error(error.message);
  return error instanceof Exit ? error.code : exitCodes.usage;
}
