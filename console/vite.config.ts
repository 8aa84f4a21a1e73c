import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type Rolldown } from 'vite';
import { wantedAt } from './wanted.ts';

/** Where `npx vite console` finds a gateway to talk to. */
const gateway = process.env.COUNTERSIGN_GATEWAY ?? 'http://127.0.0.1:8321';

/** What every page needs is fetched beside the first script and not after it: its styles first, since no script runs before them. */
const startBeside: Plugin = {
  name: 'start-beside',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle = {} }) {
      const start = startIn(bundle);
      const styles = [...(start.viteMetadata?.importedCss ?? [])].map(
        (file) => `<link rel="stylesheet" crossorigin href="/${file}">`,
      );
      const scripts = [start.fileName, ...start.imports].map(
        (file) => `<link rel="modulepreload" crossorigin href="/${file}">`,
      );
      return html
        .replace('<script', `${styles.join('')}<script`)
        .replace('</head>', `${scripts.join('')}</head>`);
    },
  },
  generateBundle(_options, bundle) {
    const start = startIn(bundle);
    const there = new Set([start.fileName, ...start.imports, ...entriesIn(bundle)]);
    const pages = Object.entries(wantedAt).map(([pattern, { page, asks }]) => ({
      pattern,
      scripts: scriptsOf(chunkOf(bundle, `pages/${page}.tsx`), bundle).filter((file) => !there.has(file)),
      asks: ['/me', ...asks],
    }));
    this.emitFile({ type: 'asset', fileName: 'pages.json', source: JSON.stringify(pages) });
  },
};

type Bundle = Rolldown.OutputBundle;
type Chunk = Rolldown.OutputChunk;

const startIn = (bundle: Bundle) => chunkOf(bundle, 'start.tsx');

/** Named whole: a page is called as the start is. */
function chunkOf(bundle: Bundle, module: string): Chunk {
  const file = fileURLToPath(new URL(module, import.meta.url));
  const found = Object.values(bundle).find(
    (chunk): chunk is Chunk => chunk.type === 'chunk' && chunk.moduleIds.includes(file),
  );
  if (!found) throw new Error(`The console has no script of ${module}.`);
  return found;
}

function entriesIn(bundle: Bundle): string[] {
  return Object.values(bundle).flatMap((chunk) =>
    chunk.type === 'chunk' && chunk.isEntry ? [chunk.fileName] : [],
  );
}

/** With all that it imports. */
function scriptsOf(chunk: Chunk, bundle: Bundle, seen = new Set<string>()): string[] {
  if (seen.has(chunk.fileName)) return [];
  seen.add(chunk.fileName);
  for (const name of chunk.imports) {
    const imported = bundle[name];
    if (imported?.type === 'chunk') scriptsOf(imported, bundle, seen);
  }
  return [...seen];
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [startBeside],
  build: {
    outDir: fileURLToPath(new URL('../dist/console', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // What several pages share comes with the start: each file is a wait of its own on a slow line.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'shared',
              test: /\/(console\/(components|api|lib|pages)|node_modules)\//,
              minShareCount: 2,
            },
          ],
        },
      },
    },
    // Small pictures become files too: the page's content security policy then needs no exception for them.
    assetsInlineLimit: 0,
  },
  server: { host: '127.0.0.1', proxy: { '/api': gateway, '/sign-in/oidc': gateway } },
});
