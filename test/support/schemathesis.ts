/** Schemathesis, which makes requests of an OpenAPI document, for tests of the gateway. `.ci/run` installs it. */
import { spawnSync } from 'node:child_process';
import { skipped } from './skipped.ts';

const program = process.env.SCHEMATHESIS ?? 'schemathesis';

/** The program, or undefined, having said why, when there is none. */
export async function testSchemathesis(): Promise<string | undefined> {
  if (spawnSync(program, ['--version']).status === 0) return program;
  skipped(
    `tests that fuzz the API, ${program}. Set SCHEMATHESIS to bin/schemathesis of a Python environment with: pip install -r test/support/schemathesis.txt`,
  );
  return undefined;
}
