import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

/** Where `npx vite console` finds a gateway to talk to. */
const gateway = process.env.COUNTERSIGN_GATEWAY ?? 'http://127.0.0.1:8321';

/** What every page needs is fetched beside the first script, and not after it. */
const startBeside: Plugin = {
  name: 'start-beside',
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle = {} }) {
      const start = Object.values(bundle).find(
        (chunk) => chunk.type === 'chunk' && chunk.facadeModuleId?.endsWith('/start.tsx'),
      );
      if (start?.type !== 'chunk') return [];
      const styles = [...(start.viteMetadata?.importedCss ?? [])];
      return [
        ...[start.fileName, ...start.imports].map((file) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` },
          injectTo: 'head' as const,
        })),
        ...styles.map((file) => ({
          tag: 'link',
          attrs: { rel: 'stylesheet', crossorigin: true, href: `/${file}` },
          injectTo: 'head' as const,
        })),
      ];
    },
  },
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [startBeside],
  build: {
    outDir: fileURLToPath(new URL('../dist/console', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Small pictures become files too: the page's content security policy then needs no exception for them.
    assetsInlineLimit: 0,
  },
  server: { host: '127.0.0.1', proxy: { '/api': gateway, '/sign-in/oidc': gateway } },
});
