import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Where `npx vite console` finds a gateway to talk to. */
const gateway = process.env.COUNTERSIGN_GATEWAY ?? 'http://127.0.0.1:8321';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  build: {
    outDir: fileURLToPath(new URL('../dist/console', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Small pictures become files too: the page's content security policy then needs no exception for them.
    assetsInlineLimit: 0,
  },
  server: { host: '127.0.0.1', proxy: { '/api': gateway, '/sign-in/oidc': gateway } },
});
