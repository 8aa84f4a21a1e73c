// Keeps what V8 compiled of dist/cli/quick.cjs, so that `countersign validate` need not compile it at each start. It is run once before: only
// functions that were called have been compiled by then. Another version of Node throws it away, and compiles as if there were none.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';
import { root } from './root.mjs';

const file = join(root, 'dist', 'cli', 'quick.cjs');
const script = new Script(readFileSync(file, 'latin1'), {
  filename: file,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
const module = { exports: {} };
const url = pathToFileURL(file).href;
script.runInThisContext()(module.exports, createRequire(url), module, url);

const folder = mkdtempSync(join(tmpdir(), 'countersign-build-'));
process.stdout.write = () => true;
try {
  // As most are: a runbook with its configuration; and one with a mistake.
  const wrong = join(folder, 'wrong.yaml');
  writeFileSync(
    wrong,
    'runbook: wrong\ntitle: Wrong\nsteps:\n  - uses: mail.sned\n    wiht: { to: "${{ inputs.who }}" }\n',
  );
  await module.exports.quick(['validate', wrong]);
  const library = join(root, 'runbooks', 'onboarding');
  const [typical] = readdirSync(library).filter((name) => /^[a-z-]+\.yaml$/.test(name));
  if (typical) await module.exports.quick(['validate', join(library, typical)]);
} finally {
  process.exitCode = 0;
  rmSync(folder, { recursive: true });
}
writeFileSync(`${file}.cache`, script.createCachedData());
