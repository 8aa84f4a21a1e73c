/** Starts `cli/quick.ts` as `npm run build` left it: one script, and beside it what V8 compiled of it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { constants, Script } from 'node:vm';

type Quick = typeof import('./quick.ts');

/** False when it was nothing for the quick program, or when there is none, as in the sources. */
export async function startQuickly(args: string[]): Promise<boolean> {
  if (args[0] !== 'validate') return false;
  const file = fileURLToPath(new URL('quick.cjs', import.meta.url));
  const [source, cachedData] = [textOf(file), dataOf(`${file}.cache`)];
  if (source === undefined) return false;
  // V8 takes what it made only where it is the very same V8, and else compiles as ever.
  const script = new Script(source, {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(cachedData ? { cachedData } : {}),
  });
  const module = { exports: {} as Quick };
  script.runInThisContext()(module.exports, createRequire(import.meta.url), module, import.meta.url);
  return module.exports.quick(args);
}

function textOf(file: string): string | undefined {
  // Of one byte a character, as the build writes it.
  return dataOf(file)?.toString('latin1');
}

function dataOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
