// Builds dist/: the command line and its processes by esbuild, the workflow bundle by Temporal's bundler, the web console by
// Vite. Each part is skipped when nothing it reads has changed since the last build.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { ensureInstalled } from './install.mjs';
import { root } from './root.mjs';

const dist = join(root, 'dist');
const engineFolders = ['workflows', 'compiler', 'plan'];
const programFolders = [
  ...engineFolders,
  'activities',
  'worker',
  'gateway',
  'store',
  'sandbox',
  'vault',
  'organisation',
  'tickets',
  'processes',
  'presentation',
  'rehearsal',
  'language-server',
  'cli',
  'bench',
  // What measurements share with tests.
  ...['chaos', 'engine', 'support'].map((name) => `test/${name}`),
];

/** Of the engine: read once a worker instead of once a run. None of it keeps anything of a run, which `test/architecture` holds. */
export const preloaded = ['error-stacks.ts', 'expressions.ts', 'run.ts', 'batches/run-batch.ts'].map(
  (file) => `workflows/${file}`,
);

/** `programsBuilt` is called when dist/ has the programs, while the rest is still to be built. */
export async function build({ quiet = false, programsBuilt } = {}) {
  ensureInstalled();
  mkdirSync(dist, { recursive: true });
  const say = quiet ? () => {} : (line) => console.log(line);
  await ifChanged(
    'programs',
    [...programFolders, 'schemas'],
    ['cli/main.js', 'cli/quick.cjs', 'cli/quick.cjs.cache'],
    async () => {
      say('Building the programs …');
      await buildPrograms();
      await buildQuick();
    },
  );
  programsBuilt?.();
  await ifChanged('workflows', engineFolders, ['workflow-bundle.js'], async () => {
    say('Building the workflow bundle …');
    await buildWorkflows();
  });
  await ifChanged('console', ['console', 'plan', 'presentation'], ['console/index.html'], async () => {
    say('Building the console …');
    await buildConsole();
  });
}

/** Packages that go into the programs: reading them from many small files would take most of `validate`'s time. */
const quickToLoad = [
  'ajv',
  'ajv-formats',
  '@marcbachmann/cel-js',
  'commander',
  'fast-deep-equal',
  'fast-uri',
  'ical.js',
  'json-schema-traverse',
  'picocolors',
  'rrule-temporal',
  'windows-iana',
  'yaml',
];

/** Every other package stays outside and is loaded from node_modules. */
function bundleOnly(names) {
  return {
    name: 'bundle-only',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path }) => {
        if (path.startsWith('node:') || names.some((name) => path === name || path.startsWith(`${name}/`)))
          return undefined;
        return { path, external: true };
      });
    },
  };
}

async function buildPrograms() {
  const { build: esbuild } = await import('esbuild');
  const programs = [
    'cli/main.ts',
    'cli/demo/main.ts',
    ...['temporal', 'postgres', 'sandbox'].map((name) => `cli/dev/${name}-process.ts`),
    'cli/dev/get-temporal.ts',
    'worker/process.ts',
    'gateway/process.ts',
    'presentation/write-reference.ts',
  ];
  const benches = readdirSync(join(root, 'bench')).flatMap((name) => [
    `bench/${name}/main.ts`,
    `bench/${name}/worker.ts`,
    `bench/${name}/collect.ts`,
  ]);
  const entryPoints = [...programs, ...benches].filter((file) => existsSync(join(root, file)));
  for (const folder of ['cli', 'worker', 'gateway', 'sandbox', 'bench', 'chunks']) {
    rmSync(join(dist, folder), { recursive: true, force: true });
  }
  await esbuild({
    absWorkingDir: root,
    entryPoints,
    outdir: dist,
    outbase: root,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    plugins: [bundleOnly(quickToLoad)],
    // Bundled CommonJS packages still ask for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    sourcemap: true,
    logLevel: 'warning',
  });
}

/** One script, as `cli/quick-start.ts` starts it, and what V8 makes of it. */
/** It is read as one byte a character. Regular expressions are what the bundler leaves as they are; an escape means the same in them. */
function toAscii(file) {
  const text = readFileSync(file, 'utf8');
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  writeFileSync(file, text.replace(/[\u0080-\uffff]/g, escaped));
}

async function buildQuick() {
  const { build: esbuild } = await import('esbuild');
  await esbuild({
    absWorkingDir: root,
    entryPoints: ['cli/quick.ts'],
    outfile: join(dist, 'cli', 'quick.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    plugins: [bundleOnly([...quickToLoad, 'csv-parse'])],
    minifyWhitespace: true,
    minifySyntax: true,
    define: { 'import.meta.url': 'ownUrl', 'process.env.NODE_ENV': '"production"' },
    banner: { js: '(function (exports, require, module, ownUrl) {' },
    footer: { js: '})' },
    logLevel: 'warning',
  });
  toAscii(join(dist, 'cli', 'quick.cjs'));
  execFileSync(process.execPath, [join(root, 'scripts', 'code-cache.mjs')], { cwd: root, stdio: 'inherit' });
}

async function buildWorkflows() {
  const { bundleWorkflowCode, DefaultLogger, Runtime } = await import('@temporalio/worker');
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const bundle = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows', 'temporal', 'workflow.ts'),
    workflowInterceptorModules: [join(root, 'workflows', 'temporal', 'interceptors.ts')],
    preloadModules: preloaded.map((file) => join(root, file)),
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(join(dist, 'workflow-bundle.js'), bundle.code);
}

async function buildConsole() {
  const { build: viteBuild } = await import('vite');
  await viteBuild({ configFile: join(root, 'console', 'vite.config.ts'), logLevel: 'warn' });
  for (const file of readdirSync(join(dist, 'console', 'assets')))
    compress(join(dist, 'console', 'assets', file));
}

/** As the gateway sends it to browsers that take it: packed once, as tightly as can be, and not at every request. */
function compress(file) {
  if (!/\.(js|css|svg)$/.test(file)) return;
  const content = readFileSync(file);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params: quality }));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}

async function ifChanged(name, folders, outputs, make) {
  const stamp = join(dist, `.${name}.stamp`);
  const wanted = hashOf(folders);
  const upToDate =
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === wanted &&
    outputs.every((file) => existsSync(join(dist, file)));
  if (upToDate) return;
  // Of a build that is cut off nothing counts as built.
  rmSync(stamp, { force: true });
  await make();
  writeFileSync(stamp, wanted);
}

function hashOf(folders) {
  const hash = createHash('sha256');
  const own = ['package-lock.json', 'scripts/build.mjs', 'scripts/code-cache.mjs'];
  for (const file of [
    ...own.map((f) => join(root, f)),
    ...folders.flatMap((folder) => filesIn(join(root, folder))),
  ]) {
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() &&
        /\.(ts|tsx|json|sql|css|html|svg)$/.test(entry.name) &&
        !entry.name.endsWith('.test.ts'),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
