/**
 * `countersign validate` as one program by itself, of which `npm run build` keeps what V8 made: reading and compiling the modules of the whole
 * command line took most of its time.
 */
import { parseArgs } from 'node:util';
import { validate } from './commands/validate.ts';
import { codeOf } from './exit.ts';

/** What `validate` takes. Whatever else is given, help included, is for the whole command line to answer. */
export const quickOptions = {
  format: { type: 'string' },
  config: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** False when it is not for this program, which has then done nothing. */
export async function quick(args: string[]): Promise<boolean> {
  const given = understood(args);
  if (!given) return false;
  try {
    await validate(given.positionals, given.values);
  } catch (error) {
    process.exitCode = codeOf(error);
  }
  return true;
}

function understood([command, ...args]: string[]) {
  if (command !== 'validate') return undefined;
  try {
    return parseArgs({ args, options: quickOptions, allowPositionals: true });
  } catch {
    return undefined;
  }
}
